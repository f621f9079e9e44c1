"""How OK is called: signed POST forms of the REST API, JSON of the graph API, every failure in our words."""

import hashlib
import json
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from gospult.networks.base import UNHURRIED, Fault, NetworkError, Pacer, TokenKind
from gospult.networks.ok.access import BOT, USER
from gospult.networks.transport import TOO_FAST_PAUSE, Transport, clean, json_of, pause

BASE_URL = "https://api.ok.ru/"
UNSIGNED = {"access_token", "session_key", "sig"}

# OK's code → (our word, whether a repeat of the same call is useless).
CODES: dict[int, tuple[Fault, bool]] = {
    1: ("other", False),
    2: ("down", False),
    3: ("unsupported", True),
    4: ("invalid", True),
    7: ("flood", False),  # the action is blocked for this person for a while
    8: ("too_fast", False),
    9: ("flood", False),  # our address is blocked
    10: ("access", True),
    11: ("quota", False),
    12: ("other", False),
    21: ("invalid", True),
    22: ("auth", True),
    23: ("access", True),
    24: ("access", True),
    25: ("access", True),
    26: ("quota", False),
    30: ("invalid", True),
    31: ("timeout", False),
    50: ("access", True),
    100: ("invalid", True),
    101: ("auth", True),
    102: ("auth", True),
    103: ("auth", True),
    104: ("auth", True),
    105: ("auth", True),
    106: ("gone", True),
    110: ("gone", True),
    120: ("gone", True),
    121: ("gone", True),
    140: ("gone", True),
    141: ("gone", True),
    160: ("gone", True),
    200: ("access", True),
    210: ("auth", True),
    220: ("unsupported", True),  # a field that this version of OK does not know
    300: ("gone", True),
    401: ("auth", True),
    402: ("auth", True),
    403: ("auth", True),
    451: ("invalid", True),
    453: ("auth", True),
    454: ("invalid", True),  # the censor did not like the text
    455: ("closed", True),
    456: ("closed", True),
    457: ("access", True),
    458: ("closed", True),
    500: ("invalid", True),
    501: ("invalid", True),
    502: ("invalid", True),
    503: ("invalid", True),
    504: ("invalid", True),
    505: ("invalid", True),
    511: ("flood", False),  # the antispam
    514: ("auth", True),  # the person has to prove in the browser who he is
    600: ("invalid", True),
    601: ("invalid", True),
    607: ("invalid", True),
    700: ("gone", True),
    701: ("access", True),
    702: ("gone", True),
    704: ("closed", True),
    705: ("gone", True),
    706: ("gone", True),
    900: ("auth", True),
    2001: ("invalid", True),
    5000: ("down", False),
    9999: ("down", False),
}
# Faults that say "too much": the pacer must hear of them.
REFUSALS = {"too_fast", "flood", "quota"}
# OK publishes no limits and never says how long to wait: these are the first pauses of ours, in seconds.
PAUSES: dict[Fault, float] = {"too_fast": TOO_FAST_PAUSE, "quota": 60.0}
# After these answers OK may have carried the call out all the same.
DOUBTFUL = {1, 2, 31, 5000, 9999}
# OK's words may repeat a person's id or a key; the names of its errors stay.
SECRETS = re.compile(r"(?![A-Z_]+(?:\s|$))(?:\S*\d{3}\S*|\S{24,})")
KEY = re.compile(r"\w+", re.ASCII)


@dataclass(frozen=True)
class Session:
    """An administrator's session in an application: what signs a call, and what is signed with."""

    application_key: str
    access_token: str = field(repr=False)
    secret: str = field(repr=False)


def session(token: str) -> Session:
    """The stored token "application_key:access_token:session_secret_key"; NetworkError "auth" when it is written otherwise."""
    key, _, rest = token.partition(":")
    access_token, _, secret = rest.rpartition(":")
    if not (KEY.fullmatch(key) and access_token and KEY.fullmatch(secret)):
        text = "OK: ключ записывают тремя частями через двоеточие: application_key:access_token:session_secret_key"
        raise NetworkError(text, fault="auth", permanent=True)
    return Session(key, access_token, secret)


def sign(params: Mapping[str, str], secret: str) -> str:
    """OK's signature: MD5 of the sorted parameters without the token, joined as "key=value", and of the session's secret."""
    told = "".join(f"{key}={params[key]}" for key in sorted(params) if key not in UNSIGNED)
    return hashlib.md5((told + secret).encode(), usedforsecurity=False).hexdigest()


class Client:
    """Calls of one group; thread-safe. The pacer is asked before every call and told of every refusal."""

    def __init__(self, tokens: Mapping[TokenKind, str], *, base_url: str, ca_file: str, timeout: float, pacer: Pacer = UNHURRIED) -> None:
        self._tokens = tokens
        self._transport = Transport("OK", base_url or BASE_URL, ca_file=ca_file, timeout=timeout)
        self.base_url = self._transport.base_url
        self._pacer = pacer

    def rest(self, method: str, params: Mapping[str, Any], *, sending: bool = False) -> Any:
        """Call a REST method with the session and give its answer; `sending` marks what must never happen twice."""
        who = session(self._tokens[USER])
        form = {key: clean(str(value)) for key, value in params.items() if value not in (None, "")}
        form |= {"method": method, "application_key": who.application_key, "format": "json"}
        form |= {"sig": sign(form, who.secret), "access_token": who.access_token}
        return self._ask(USER, method, "POST", "fb.do", sending=sending, data=form)

    def graph(self, method: str, path: str, query: Mapping[str, Any] | None = None, body: Mapping[str, Any] | None = None) -> Any:
        """Ask the graph API with the bot's token, which OK takes in the address only."""
        params = {key: str(value) for key, value in (query or {}).items() if value not in (None, "")} | {"access_token": self._tokens[BOT]}
        if body is None:
            return self._ask(BOT, method, "GET", f"graph/me/{path}", params=params)
        content, headers = json.dumps(clean(dict(body)), ensure_ascii=False).encode(), {"Content-Type": "application/json;charset=utf-8"}
        sending = method == "graph.user.messages.post"
        return self._ask(BOT, method, "POST", f"graph/me/{path}", sending=sending, params=params, content=content, headers=headers)

    def upload(self, url: str, name: str, content: bytes) -> Any:
        """Put a picture on the upload server that OK named; gives the server's answer."""
        mime = mimetypes.guess_type(name)[0] or "image/jpeg"
        return self._answer(self._transport.request("POST", url, files={"pic1": (name, content, mime)}), sending=False)

    def download(self, url: str) -> tuple[bytes, str]:
        """Bytes and MIME type of a file at an address that OK named."""
        return self._transport.file(url)

    def _ask(self, kind: TokenKind, method: str, verb: str, url: str, *, sending: bool = False, **kwargs: Any) -> Any:
        self._pacer.before(kind, method)
        try:
            return self._answer(self._transport.request(verb, url, sending=sending, **kwargs), sending=sending)
        except NetworkError as error:
            if error.fault in REFUSALS:
                self._pacer.refused(kind, method, error)
            raise

    def _answer(self, answer: httpx.Response, *, sending: bool) -> Any:
        if answer.status_code >= 500:
            raise self._transport.down(answer.status_code, sending=sending)
        if answer.status_code == 429:
            raise NetworkError("OK: HTTP 429", fault="too_fast", retry_after=pause(answer))
        body = json_of(answer)
        if isinstance(body, dict) and body.get("error_code"):
            raise refusal(body, sending=sending)
        if answer.status_code != 200:
            raise NetworkError(f"OK: HTTP {answer.status_code}", fault="other", permanent=answer.status_code in {404, 413, 414})
        if body is None and answer.content.strip() != b"null":
            raise self._transport.unreadable(sending=sending)
        return body


def refusal(body: Mapping[str, Any], *, sending: bool) -> NetworkError:
    """OK's error object in our words; a code we do not know is a temporary "other"."""
    told = body.get("error_code")
    code = int(told) if isinstance(told, int | str) and str(told).isdecimal() else None
    fault, permanent = CODES.get(code, ("other", False)) if code is not None else ("other", False)
    return NetworkError(
        f"OK {code}: {SECRETS.sub('…', str(body.get('error_msg') or ''))}",
        fault=fault,
        permanent=permanent,
        retry_after=PAUSES.get(fault),
        outcome_unknown=sending and (code in DOUBTFUL or code is None),
    )
