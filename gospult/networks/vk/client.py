"""How VK is called: one POST form per call or per batch of calls, the token in its body only, every failure in our words."""

import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import httpx

from gospult.networks.base import UNHURRIED, Fault, NetworkError, Pacer, TokenKind
from gospult.networks.transport import TOO_FAST_PAUSE, Transport, clean, json_of, pause
from gospult.networks.vk import script

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
    12: ("invalid", True),  # VKScript that does not compile
    13: ("invalid", True),  # more calls or a bigger answer than one `execute` may have
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
    214: ("access", True),
    219: ("flood", False),  # advertising was posted just now
    222: ("invalid", True),  # links are forbidden in comments of this page
    223: ("flood", False),
    224: ("flood", False),
    243: ("invalid", True),  # nothing to restore
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
    2000: ("invalid", True),  # ten Callback servers already
}
TOO_BIG = 13
PATIENCE = 3
# Faults that say "too much": the pacer must hear of them.
REFUSALS = {"too_fast", "flood", "quota"}
# After these answers VK may have carried the call out all the same.
DOUBTFUL = {1, 10, 36}
IDS = re.compile(r"\d{5,}")  # VK's words may name the person who was written to


class TooBig(NetworkError):
    """A batch whose answer is bigger than VK gives at once."""


class Client:
    """Calls of one page; thread-safe. The pacer is asked before every call and told of every refusal."""

    def __init__(self, tokens: Mapping[TokenKind, str], *, base_url: str, ca_file: str, timeout: float, pacer: Pacer = UNHURRIED) -> None:
        self._tokens = tokens
        self._transport = Transport("VK", base_url or BASE_URL, ca_file=ca_file, timeout=timeout)
        self.base_url = self._transport.base_url
        self._pacer = pacer
        self._fit = script.MOST  # calls of a batch whose answer VK does not find too big

    def call(self, kind: TokenKind, method: str, params: Mapping[str, Any], *, sending: bool = False) -> Any:
        """Call a method with a token of this kind and give its `response`; `sending` marks what must never happen twice."""
        return self._ask(kind, method, params, sending=sending)["response"]

    def many(self, kind: TokenKind, calls: Iterable[script.Call], *, together: int = script.MOST) -> Iterator[Any]:
        """Answers of any number of reading calls in their order, at most so many a request; see `batch`."""
        waiting = iter(calls)
        while chunk := list(islice(waiting, together)):
            yield from self.batch(kind, chunk)

    def batch(self, kind: TokenKind, calls: Sequence[script.Call]) -> list[Any]:
        """Answers of at most 25 reading calls, carried by `execute`; in the place of a refused call stands its NetworkError.

        When the answer is too big for VK (5 MB), half as many are asked at once, from then on. When VK finds it too fast, a second
        is waited, at most PATIENCE times: what was read already would be lost. NetworkError when a whole request fails.
        """
        answers: list[Any] = []
        patience = PATIENCE
        while left := calls[len(answers) :]:
            chunk = left[: self._fit]
            try:
                answers += self._together(kind, chunk) if len(chunk) > 1 else [self._alone(kind, *chunk[0])]
            except TooBig:
                self._fit = len(chunk) // 2
            except NetworkError as error:
                if error.fault != "too_fast" or not patience or (error.retry_after or 0) > TOO_FAST_PAUSE:
                    raise
                patience -= 1
                time.sleep(TOO_FAST_PAUSE)
        return answers

    def upload(self, url: str, name: str, content: bytes) -> dict[str, Any]:
        """Put a picture on the upload server that VK named; gives what the save method wants back."""
        return self._post(url, sending=False, files={"photo": (name, content)})

    def _together(self, kind: TokenKind, calls: Sequence[script.Call]) -> list[Any]:
        code, args = script.written(calls)
        body = self._ask(kind, "execute", {"code": code, **args}, inside=Counter(method for method, _ in calls))
        pairs = script.paired(calls, body)
        if pairs is None:
            raise self._transport.unreadable(sending=False)
        return [
            answer if error is None else self._inner(kind, method, refusal(error, sending=False))
            for (method, _), (answer, error) in zip(calls, pairs, strict=True)
        ]

    def _alone(self, kind: TokenKind, method: str, params: Mapping[str, Any]) -> Any:
        try:
            return self.call(kind, method, params)
        except NetworkError as error:
            # what is permanent, and a day that is over, concerns this call; everything else would have failed the whole batch too
            if error.permanent or error.fault == "quota":
                return error
            raise

    def _inner(self, kind: TokenKind, method: str, error: NetworkError) -> NetworkError:
        if error.fault in REFUSALS:
            self._pacer.refused(kind, method, error)
        return error

    def _ask(
        self, kind: TokenKind, method: str, params: Mapping[str, Any], *, sending: bool = False, inside: Mapping[str, int] | None = None
    ) -> dict[str, Any]:
        self._pacer.before(kind, method, inside=inside)
        form = {key: clean(str(value)) for key, value in params.items() if value not in (None, "")}
        form |= {"v": VERSION, "access_token": self._tokens[kind]}
        try:
            return _answered(self._post(method, sending=sending, data=form), sending=sending)
        except NetworkError as error:
            if error.fault in REFUSALS:
                self._pacer.refused(kind, method, error)
            raise

    def _post(self, url: str, *, sending: bool, **kwargs: Any) -> dict[str, Any]:
        answer = self._transport.request("POST", url, sending=sending, **kwargs)
        _check(self._transport, answer, sending=sending)
        body = json_of(answer)
        if not isinstance(body, dict):
            raise self._transport.unreadable(sending=sending)
        return body


def _check(transport: Transport, answer: httpx.Response, *, sending: bool) -> None:
    if answer.status_code >= 500:
        raise transport.down(answer.status_code, sending=sending)
    if answer.status_code == 429:
        raise NetworkError("VK: HTTP 429", fault="too_fast", retry_after=pause(answer))
    if answer.status_code != 200:
        raise NetworkError(f"VK: HTTP {answer.status_code}", fault="other", permanent=answer.status_code in {404, 413, 414})


def _answered(body: dict[str, Any], *, sending: bool) -> dict[str, Any]:
    if "error" in body:
        raise refusal(body["error"], sending=sending)
    if "response" not in body:
        raise NetworkError("VK: ответ без содержания", fault="down", outcome_unknown=sending)
    return body


def refusal(error: Any, *, sending: bool) -> NetworkError:
    """VK's error object in our words; a code we do not know is a temporary "other"."""
    error = error if isinstance(error, dict) else {}
    told = error.get("error_code")
    code = told if isinstance(told, int) else None
    fault, permanent = CODES.get(code, ("other", False)) if code is not None else ("other", False)
    kind = TooBig if code == TOO_BIG else NetworkError
    return kind(
        f"VK {code}: {IDS.sub('…', str(error.get('error_msg', '')))}",
        fault=fault,
        permanent=permanent,
        retry_after=TOO_FAST_PAUSE if fault == "too_fast" else None,
        outcome_unknown=sending and (code in DOUBTFUL or code is None),
    )
