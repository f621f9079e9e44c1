"""How MAX is called: REST with JSON, the token in the Authorization header only, every failure in our words."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx

from gospult.networks.base import UNHURRIED, Fault, NetworkError, Pacer, TokenKind
from gospult.networks.transport import Transport, clean, json_of, pause

BASE_URL = "https://platform-api2.max.ru"
KIND: TokenKind = "bot"

# MAX's word for an error → (our word, whether a repeat of the same call is useless).
CODES: dict[str, tuple[Fault, bool]] = {
    "verify.token": ("auth", True),
    "access.denied": ("access", True),
    "chat.denied": ("access", True),
    "chat.not.found": ("gone", True),
    "message.not.found": ("gone", True),
    "comment.not.found": ("gone", True),
    "not.found": ("gone", True),
    "comments.disabled": ("closed", True),
    "comments.timeout_exceeded": ("closed", True),  # a comment may be rewritten for 26 hours
    "proto.payload": ("invalid", True),
    "attachment.not.ready": ("other", False),
    "too.many.requests": ("too_fast", False),
    "internal.error": ("down", False),
    "service.unavailable": ("down", False),
}
# Where the word is unknown, the HTTP status decides.
STATUSES: dict[int, tuple[Fault, bool]] = {
    400: ("invalid", True),
    401: ("auth", True),
    403: ("access", True),
    404: ("gone", True),
    405: ("unsupported", True),
    413: ("invalid", True),
    422: ("invalid", True),
    429: ("too_fast", False),
}
SUSPENDED = "suspended"  # a person stopped the bot: MAX says chat.denied with error.dialog.suspended
NOT_READY = "attachment.not.ready"
# Faults that say "too much": the pacer must hear of them.
REFUSALS = {"too_fast", "flood", "quota"}
WORD = re.compile(r"[a-z][a-z._-]{1,60}")
TOKEN = re.compile(r"[!-~]+")  # what a header can carry
UNFIT = {400, 413, 415, 422}  # the upload server's words for a file that is no picture


class Refusal(NetworkError):
    """MAX's own refusal; `code` is its word, which `connector` looks at where a repeat helps."""

    code = ""


class Client:
    """Calls of one bot; thread-safe. The pacer is asked before every call and told of every refusal."""

    def __init__(self, token: str, *, base_url: str, ca_file: str, timeout: float, pacer: Pacer = UNHURRIED) -> None:
        self._token = token
        self._transport = Transport("MAX", base_url or BASE_URL, ca_file=ca_file, timeout=timeout)
        self.base_url = self._transport.base_url
        self._pacer = pacer

    def call(
        self,
        method: str,
        *,
        path: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        peer: str = "",
        sending: bool = False,
    ) -> dict[str, Any]:
        """Call "VERB /way/{name}" with the names of the path filled in; `sending` marks what must never happen twice."""
        if not TOKEN.fullmatch(self._token):
            raise NetworkError("MAX: в ключе есть знаки, которых в ключах не бывает", fault="auth", permanent=True)
        self._pacer.before(KIND, method, peer=peer)
        try:
            answer = self._request(method, path or {}, query or {}, body, sending=sending)
            return _told(self._transport, answer, sending=sending)
        except NetworkError as error:
            if error.fault in REFUSALS:
                self._pacer.refused(KIND, method, error, peer=peer)
            raise

    def upload(self, url: str, name: str, content: bytes) -> dict[str, Any]:
        """Put a picture on the upload server that MAX named. That server is another host: our token is not for it."""
        answer = self._transport.request("POST", url, files={"data": (name, content)})
        if answer.status_code >= 500:
            raise self._transport.down(answer.status_code, sending=False)
        if not answer.is_success and answer.status_code not in UNFIT:
            fault: Fault = "too_fast" if answer.status_code == 429 else "other"
            raise NetworkError(f"MAX: HTTP {answer.status_code}", fault=fault, retry_after=pause(answer) if fault == "too_fast" else None)
        body = json_of(answer)
        # Videos and refusals are answered in XML or with a page: nothing of that is a token.
        return body if isinstance(body, dict) and answer.is_success else {}

    def download(self, url: str) -> tuple[bytes, str]:
        """Bytes and MIME type of a file whose address MAX gave; asked without the token."""
        return self._transport.file(url)

    def _request(
        self, method: str, path: Mapping[str, Any], query: Mapping[str, Any], body: Mapping[str, Any] | None, *, sending: bool
    ) -> httpx.Response:
        verb, _, way = method.partition(" ")
        way = way.format_map({name: quote(str(value), safe="") for name, value in path.items()})
        params = {name: value for name, value in query.items() if value is not None}
        content = {} if body is None else {"json": clean(dict(body))}
        headers = {"Authorization": self._token}
        return self._transport.request(verb, way.lstrip("/"), sending=sending, params=params, headers=headers, **content)


def _told(transport: Transport, answer: httpx.Response, *, sending: bool) -> dict[str, Any]:
    body = json_of(answer)
    if not answer.is_success:
        raise refusal(answer, body, sending=sending)
    if not isinstance(body, dict):
        raise transport.unreadable(sending=sending)
    # "success": false comes with HTTP 200
    if body.get("success") is False:
        raise refusal(answer, body, sending=sending)
    return body


def refusal(answer: httpx.Response, body: Any, *, sending: bool) -> NetworkError:
    """MAX's error body in our words. Only its code is repeated: the message may name a person or a chat."""
    body = body if isinstance(body, dict) else {}
    status, code, words = answer.status_code, str(body.get("code") or ""), str(body.get("message") or "")
    fault, permanent = CODES.get(code) or STATUSES.get(status) or (("down", False) if status >= 500 else ("other", status < 300))
    if fault == "access" and SUSPENDED in words:
        fault = "closed"
    error = Refusal(
        f"MAX {status}: {code if WORD.fullmatch(code) else 'без объяснения'}",
        fault=fault,
        permanent=permanent,
        retry_after=pause(answer) if fault == "too_fast" else None,
        outcome_unknown=sending and fault == "down",
    )
    error.code = code
    return error
