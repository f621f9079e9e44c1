"""How VK is called: one POST form per call, the token in its body only, every failure in our words."""

import re
import ssl
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import httpx

from gospult.networks.base import Fault, NetworkError, TokenKind

BASE_URL = "https://api.vk.ru/method/"
VERSION = "5.199"

# VK's code → (our word, whether a repeat of the same call is useless).
CODES: dict[int, tuple[Fault, bool]] = {
    1: ("other", False),
    3: ("unsupported", True),
    4: ("auth", True),
    5: ("auth", True),
    6: ("too_fast", False),
    7: ("access", True),
    8: ("invalid", True),
    9: ("flood", False),
    10: ("down", False),
    14: ("flood", False),  # captcha: passes by itself after a while without calls
    15: ("access", True),
    17: ("auth", True),
    18: ("gone", True),
    19: ("gone", True),
    23: ("unsupported", True),
    27: ("access", True),  # the method does not take a community token
    28: ("access", True),  # the method does not take a service token
    29: ("quota", False),
    30: ("access", True),
    32: ("too_fast", False),
    36: ("timeout", False),
    37: ("access", True),
    42: ("access", True),
    43: ("down", False),
    100: ("invalid", True),
    104: ("gone", True),
    113: ("invalid", True),
    125: ("invalid", True),
    129: ("invalid", True),
    200: ("access", True),
    203: ("access", True),
    204: ("access", True),
    210: ("gone", True),
    211: ("gone", True),
    212: ("closed", True),
    213: ("closed", True),
    222: ("invalid", True),  # links are forbidden in comments of this page
    223: ("flood", False),
    900: ("closed", True),
    901: ("closed", True),
    902: ("closed", True),
    910: ("invalid", True),
    914: ("invalid", True),
    917: ("access", True),
    927: ("gone", True),
    932: ("access", True),
    936: ("gone", True),
    945: ("closed", True),
    950: ("closed", True),
    985: ("closed", True),
}
# After these answers VK may have carried the call out all the same.
DOUBTFUL = {1, 10, 36}
IDS = re.compile(r"\d{5,}")  # VK's words may name the person who was written to
TOO_FAST_PAUSE = 1.0  # VK's limit is counted per second, so a second is what it asks for

Pace = Callable[[TokenKind, str], None]


def no_pace(_kind: TokenKind, _method: str) -> None:
    """The pacer of a caller that has no quotas to keep."""


@lru_cache(maxsize=8)
def _trust(ca_file: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca_file or None)


@lru_cache(maxsize=32)
def _http(base_url: str, ca_file: str, timeout: float) -> httpx.Client:
    """One pool of connections per address: connectors are made for every job, TLS handshakes are not."""
    # A proxy of the surroundings must not be asked about a server on this very machine.
    local = urlsplit(base_url).hostname in {"127.0.0.1", "::1", "localhost"}
    return httpx.Client(timeout=timeout, verify=_trust(ca_file), trust_env=not local, limits=httpx.Limits(max_connections=64, keepalive_expiry=5))


class Client:
    """Calls of one page; thread-safe. `pace` is asked before every call and may wait or raise NetworkError."""

    def __init__(self, tokens: Mapping[TokenKind, str], *, base_url: str, ca_file: str, timeout: float, pace: Pace = no_pace) -> None:
        self._tokens = tokens
        self.base_url = (base_url or BASE_URL).rstrip("/") + "/"
        self._http = _http(self.base_url, ca_file, timeout)
        self._pace = pace

    def call(self, kind: TokenKind, method: str, params: Mapping[str, Any], *, sending: bool = False) -> Any:
        """Call a method with a token of this kind and give its `response`; `sending` marks what must never happen twice."""
        self._pace(kind, method)
        form = {key: _clean(value) for key, value in params.items() if value not in (None, "")}
        form |= {"v": VERSION, "access_token": self._tokens[kind]}
        body = self._post(self.base_url + method, sending=sending, data=form)
        if "error" in body:
            raise refusal(body["error"], sending=sending)
        if "response" not in body:
            raise NetworkError("VK: ответ без содержания", fault="down", outcome_unknown=sending)
        return body["response"]

    def upload(self, url: str, name: str, content: bytes) -> dict[str, Any]:
        """Put a picture on the upload server that VK named; gives what the save method wants back."""
        return self._post(url, sending=False, files={"photo": (name, content)})

    def _post(self, url: str, *, sending: bool, **kwargs: Any) -> dict[str, Any]:
        try:
            answer = self._http.post(url, **kwargs)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise NetworkError(f"VK: нет соединения ({type(error).__name__})", fault="down") from None
        except httpx.TimeoutException as error:
            raise NetworkError(f"VK: нет ответа ({type(error).__name__})", fault="timeout", outcome_unknown=sending) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NetworkError(f"VK: связь прервалась ({type(error).__name__})", fault="down", outcome_unknown=sending) from None
        return _body(answer, sending=sending)


def _clean(value: Any) -> str:
    # half of an emoji, cut by somebody's editor, has no UTF-8 form
    return str(value).encode("utf-8", "replace").decode()


def _body(answer: httpx.Response, *, sending: bool) -> dict[str, Any]:
    if answer.status_code >= 500:
        raise NetworkError(f"VK: HTTP {answer.status_code}", fault="down", outcome_unknown=sending)
    if answer.status_code == 429:
        raise NetworkError("VK: HTTP 429", fault="too_fast", retry_after=_seconds(answer.headers.get("Retry-After", "")))
    if answer.status_code != 200:
        raise NetworkError(f"VK: HTTP {answer.status_code}", fault="other", permanent=answer.status_code in {404, 413, 414})
    try:
        body = answer.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise NetworkError("VK: ответ не читается", fault="down", outcome_unknown=sending)
    return body


def _seconds(text: str) -> float:
    return float(text) if text.isdecimal() else TOO_FAST_PAUSE


def refusal(error: Any, *, sending: bool) -> NetworkError:
    """VK's error object in our words; a code we do not know is a temporary "other"."""
    error = error if isinstance(error, dict) else {}
    code = error.get("error_code")
    fault, permanent = CODES.get(code, ("other", False)) if isinstance(code, int) else ("other", False)
    return NetworkError(
        f"VK {code}: {IDS.sub('…', str(error.get('error_msg', '')))}",
        fault=fault,
        permanent=permanent,
        retry_after=TOO_FAST_PAUSE if fault == "too_fast" else None,
        outcome_unknown=sending and (code in DOUBTFUL or code is None),
    )
