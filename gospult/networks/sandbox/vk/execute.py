"""`execute`: of VKScript only what returns a list of API calls; everything else does not compile here."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from gospult.networks.sandbox.vk.gate import Call, VkError

MOST_CALLS = 25
MOST_SIZE = 5 * 1024 * 1024  # VK says 5 MB and not of what: here of the answer's characters
HEAD, TAIL = re.compile(r"\s*return\s*\[\s*"), re.compile(r"\s*\]\s*;?\s*")
OPEN, CLOSE = re.compile(r"\s*API\.([A-Za-z]+(?:\.[A-Za-z]+)?)\(\s*\{\s*"), re.compile(r"\s*\}\s*\)")
PAIR = re.compile(r'\s*"?(\w+)"?\s*:\s*(?:Args\.(\w+)|("(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|true|false|null))')
COMMA = re.compile(r"\s*,")

Carry = Callable[[str, Mapping[str, str]], Any]


class Several(list[Any]):
    """Answers of several calls; `false` stands where one was refused, and its error in `errors`."""

    def __init__(self) -> None:
        super().__init__()
        self.errors: list[dict[str, Any]] = []
        self.text = ""

    def weigh(self) -> int:
        """How long the answers are in JSON, written once and kept."""
        self.text = json.dumps(self, ensure_ascii=False, separators=(",", ":"))
        return len(self.text)

    def told(self) -> bytes:
        """The whole body."""
        errors = f',"execute_errors":{json.dumps(self.errors, ensure_ascii=False)}' if self.errors else ""
        return f'{{"response":{self.text}{errors}}}'.encode("utf-8", "replace")


def run(call: Call, carry: Carry) -> Several:
    """Carry the calls of `code` out one after another; error 12 or 13 for the whole script."""
    calls = compiled(call.params.get("code", ""), call.params)
    if len(calls) > MOST_CALLS:
        raise VkError(13, "Runtime error occurred during code invocation: too many api calls")
    answers = Several()
    for name, params in calls:
        try:
            answers.append(carry(name, params))
        except VkError as error:
            answers.append(False)
            answers.errors.append({"method": name, "error_code": error.code, "error_msg": str(error)})
    if answers.weigh() > MOST_SIZE:
        raise VkError(13, "Runtime error occurred during code invocation: response size is too big")
    return answers


def compiled(code: str, args: Mapping[str, str]) -> list[tuple[str, dict[str, str]]]:
    """The calls of a script with their parameters; error 12 when it is any other script."""
    reader, calls = _Reader(code), []
    reader.take(HEAD)
    while found := reader.match(OPEN):
        calls.append((found[1], _params(reader, args)))
        if not reader.match(COMMA):
            break
    reader.take(TAIL)
    if reader.at != len(code):
        raise reader.refusal()
    return calls


def _params(reader: "_Reader", args: Mapping[str, str]) -> dict[str, str]:
    params: dict[str, str] = {}
    while found := reader.match(PAIR):
        name, arg, literal = found.groups()
        value = args.get(arg) if arg else json.loads(literal)
        if value is not None:
            params[name] = str(int(value)) if isinstance(value, bool) else str(value)
        if not reader.match(COMMA):
            break
    reader.take(CLOSE)
    return params


class _Reader:
    """Code, read from the left."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.at = 0

    def match(self, shape: re.Pattern[str]) -> re.Match[str] | None:
        found = shape.match(self.code, self.at)
        self.at = found.end() if found else self.at
        return found

    def take(self, shape: re.Pattern[str]) -> None:
        if not self.match(shape):
            raise self.refusal()

    def refusal(self) -> VkError:
        return VkError(12, f"Unable to compile code: unexpected symbol at {self.at}")
