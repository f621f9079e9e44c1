"""How Telegram is called: one POST per call, the token in the path because Bot API wants it there, every failure in our words."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx

from gospult.networks.base import UNHURRIED, Fault, NetworkError, Pacer, TokenKind
from gospult.networks.transport import LONGEST_PAUSE, TOO_FAST_PAUSE, Transport, clean, json_of

BASE_URL = "https://api.telegram.org/"

# A part of Telegram's description, in small letters → (our word, whether a repeat of the same call is useless). The first that fits counts.
WORDS: tuple[tuple[str, Fault, bool], ...] = (
    ("bot was blocked by the user", "closed", True),
    ("can't initiate conversation", "closed", True),
    ("can't send messages to bots", "closed", True),
    ("user is deactivated", "gone", True),
    ("have no rights to send", "closed", True),
    ("chat_write_forbidden", "closed", True),
    ("topic_closed", "closed", True),
    ("chat not found", "gone", True),
    ("user not found", "gone", True),
    ("participant_id_invalid", "gone", True),
    ("peer_id_invalid", "gone", True),
    ("message thread not found", "gone", True),
    ("message to be replied not found", "gone", True),
    ("message to edit not found", "gone", True),
    ("message to delete not found", "gone", True),
    ("message_id_invalid", "gone", True),
    ("upgraded to a supergroup", "gone", True),
    ("wrong file_id", "gone", True),
    ("invalid file_id", "gone", True),
    ("file is temporarily unavailable", "gone", False),
    ("member list is inaccessible", "access", True),
    ("not enough rights", "access", True),
    ("need administrator rights", "access", True),
    ("chat_admin_required", "access", True),
    ("message can't be edited", "access", True),
    ("message can't be deleted", "access", True),
    ("bot was kicked", "access", True),
    ("bot is not a member", "access", True),
    ("logged out", "auth", True),
)
# HTTP status → the same, where no words fit.
STATUSES: dict[int, tuple[Fault, bool]] = {
    400: ("invalid", True),
    401: ("auth", True),
    403: ("access", True),
    404: ("auth", True),  # a token that is no token makes the whole path unknown
    409: ("other", False),
    413: ("invalid", True),
    429: ("too_fast", False),
}
SPOKEN = {400, 403}  # only these statuses say by their words what happened
REFUSALS = {"too_fast", "flood", "quota"}  # faults that say "too much": the pacer must hear of them
IDS = re.compile(r"@\w+|\d{5,}")  # Telegram's words may name the person who was written to

Files = Mapping[str, tuple[str, bytes]]


class Client:
    """Calls of one bot; thread-safe. The pacer is asked before every call and told of every refusal."""

    def __init__(self, tokens: Mapping[TokenKind, str], *, base_url: str, ca_file: str, timeout: float, pacer: Pacer = UNHURRIED) -> None:
        self._tokens = tokens
        self._transport = Transport("Telegram", base_url or BASE_URL, ca_file=ca_file, timeout=timeout)
        self.base_url = self._transport.base_url
        self._pacer = pacer

    def call(
        self, kind: TokenKind, method: str, params: Mapping[str, Any], *, peer: str = "", sending: bool = False, files: Files | None = None
    ) -> Any:
        """Call a method with the bot's token and give its `result`; `sending` marks what must never happen twice, `peer` the chat written to."""
        self._pacer.before(kind, method, peer=peer)
        form = {key: _field(value) for key, value in params.items() if value not in (None, "")}
        try:
            answer = self._transport.request("POST", f"{self._path(kind)}/{method}", sending=sending, data=form, files=dict(files or {}) or None)
            return self._result(answer, sending=sending)
        except NetworkError as error:
            if error.fault in REFUSALS:
                self._pacer.refused(kind, method, error, peer=peer)
            raise

    def download(self, kind: TokenKind, path: str) -> bytes:
        """A file by the path that getFile gave."""
        return self._transport.file(f"file/{self._path(kind)}/{quote(path)}")[0]

    def _path(self, kind: TokenKind) -> str:
        return f"bot{quote(self._tokens[kind], safe=':')}"

    def _result(self, answer: httpx.Response, *, sending: bool) -> Any:
        if answer.status_code != 200:
            raise self._refusal(answer, sending=sending)
        body = json_of(answer)
        if not isinstance(body, dict) or body.get("ok") is not True or "result" not in body:
            raise self._transport.unreadable(sending=sending)
        return body["result"]

    def _refusal(self, answer: httpx.Response, *, sending: bool) -> NetworkError:
        if answer.status_code >= 500:
            return self._transport.down(answer.status_code, sending=sending)
        body = json_of(answer)
        return refusal(answer.status_code, body if isinstance(body, dict) else {})


def refusal(status: int, body: Mapping[str, Any]) -> NetworkError:
    """Telegram's error body in our words; a status we do not know is a temporary "other"."""
    told = body.get("description")
    words = IDS.sub("…", told) if isinstance(told, str) else ""
    said = words.lower() if status in SPOKEN else ""
    found = ((fault, permanent) for part, fault, permanent in WORDS if part in said)
    fault, permanent = next(found, STATUSES.get(status, ("other", False)))
    return NetworkError(f"Telegram {status}: {words}", fault=fault, permanent=permanent, retry_after=_pause(body) if status == 429 else None)


def _pause(body: Mapping[str, Any]) -> float:
    """Seconds that Telegram asks to wait, at most a day."""
    parameters = body.get("parameters")
    told = parameters.get("retry_after") if isinstance(parameters, dict) else None
    return float(min(told, LONGEST_PAUSE)) if isinstance(told, int) and not isinstance(told, bool) and told > 0 else TOO_FAST_PAUSE


def _field(value: Any) -> str:
    """A value as a form carries it: what is no text goes as JSON."""
    value = clean(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
