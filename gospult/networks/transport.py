"""HTTP as every connector needs it: pools of connections, a region's own root certificate, failures in our words."""

import logging
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import httpx

from gospult.networks.base import NetworkError

TOO_FAST_PAUSE = 1.0  # where a network does not say how long to wait
LARGEST = 64 * 1024 * 1024  # bytes of a file that are worth keeping: MAX allows videos of 250 MB
LONGEST_PAUSE = 86_400.0  # seconds: whatever a network says, it is asked again after a day

# httpx tells every address at INFO, and Telegram's addresses carry the token.
logging.getLogger("httpx").setLevel(logging.WARNING)
logging.getLogger("httpcore").setLevel(logging.WARNING)


@lru_cache(maxsize=8)
def _trust(ca_file: str) -> ssl.SSLContext:
    """The usual roots and, on top of them, the given one: MAX shows a certificate of the Минцифры root."""
    context = ssl.create_default_context()
    if ca_file:
        context.load_verify_locations(cafile=ca_file)
    return context


@lru_cache(maxsize=32)
def _http(base_url: str, ca_file: str, timeout: float) -> httpx.Client:
    """One pool of connections per address: connectors are made for every job, TLS handshakes are not."""
    # A proxy of the surroundings must not be asked about a server on this very machine.
    local = urlsplit(base_url).hostname in {"127.0.0.1", "::1", "localhost"}
    # The pool serves the tokens of many pages: a cookie that came to one must not travel with another.
    jar = CookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))
    limits = httpx.Limits(max_connections=64, keepalive_expiry=5)
    return httpx.Client(timeout=timeout, verify=_trust(ca_file), trust_env=not local, limits=limits, cookies=jar)


class Transport:
    """Requests to one network; `name` begins the words of an error. No error repeats an address, a token or a person's words."""

    def __init__(self, name: str, base_url: str, *, ca_file: str, timeout: float) -> None:
        self.name = name
        self.base_url = base_url.rstrip("/") + "/"
        self._http = _http(self.base_url, ca_file, timeout)

    def request(self, verb: str, url: str, *, sending: bool = False, **kwargs: Any) -> httpx.Response:
        """The answer, whatever its status; `sending` marks what must never happen twice. `url` is relative to the base or whole."""
        with self._in_our_words(sending):
            return self._http.request(verb, self._where(url), **kwargs)

    def file(self, url: str) -> tuple[bytes, str]:
        """Bytes and MIME type of a file; NetworkError "gone" where there is none, "invalid" for more than LARGEST bytes."""
        content = bytearray()
        with self._in_our_words(sending=False), self._http.stream("GET", self._where(url)) as answer:
            self._check_file(answer)
            for part in answer.iter_bytes():
                content += part
                if len(content) > LARGEST:
                    raise NetworkError(f"{self.name}: файл больше {LARGEST // 1024 // 1024} МБ", fault="invalid", permanent=True)
        return bytes(content), answer.headers.get("Content-Type", "").split(";")[0].strip()

    def _check_file(self, answer: httpx.Response) -> None:
        if answer.status_code >= 500:
            raise self.down(answer.status_code, sending=False)
        if answer.status_code == 429:
            raise NetworkError(f"{self.name}: HTTP 429", fault="too_fast", retry_after=pause(answer))
        if not answer.is_success:
            raise NetworkError(f"{self.name}: файла больше нет", fault="gone", permanent=True)

    def _where(self, url: str) -> str:
        return url if url.startswith(("http://", "https://")) else self.base_url + url

    @contextmanager
    def _in_our_words(self, sending: bool) -> Iterator[None]:
        """What goes wrong on the way as NetworkError."""
        try:
            yield
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise NetworkError(f"{self.name}: нет соединения ({type(error).__name__})", fault="down") from None
        except httpx.TimeoutException as error:
            raise NetworkError(f"{self.name}: нет ответа ({type(error).__name__})", fault="timeout", outcome_unknown=sending) from None
        except (httpx.InvalidURL, UnicodeError) as error:
            raise NetworkError(f"{self.name}: запрос не записать ({type(error).__name__})", fault="invalid", permanent=True) from None
        except httpx.HTTPError as error:
            raise NetworkError(f"{self.name}: связь прервалась ({type(error).__name__})", fault="down", outcome_unknown=sending) from None

    def down(self, status: int, *, sending: bool) -> NetworkError:
        """HTTP 5xx: the network may have carried the call out all the same."""
        return NetworkError(f"{self.name}: HTTP {status}", fault="down", outcome_unknown=sending)

    def unreadable(self, *, sending: bool) -> NetworkError:
        """An answer that is no JSON, or not the JSON that was asked for."""
        return NetworkError(f"{self.name}: ответ не читается", fault="down", outcome_unknown=sending)


def clean(value: Any) -> Any:
    """Texts without halves of surrogate pairs, cut by somebody's editor: they have no UTF-8 form."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {key: clean(item) for key, item in value.items()}
    return [clean(item) for item in value] if isinstance(value, list) else value


def json_of(answer: httpx.Response) -> Any:
    """The body as JSON, None when it is none."""
    try:
        return answer.json()
    except ValueError:
        return None


def pause(answer: httpx.Response) -> float:
    """Seconds of the Retry-After header, at most a day; TOO_FAST_PAUSE where it is missing or a date."""
    told = answer.headers.get("Retry-After", "")
    return min(float(told), LONGEST_PAUSE) if told.isdecimal() else TOO_FAST_PAUSE
