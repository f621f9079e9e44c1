"""VKScript for `execute`: many calls in one request. Nobody's words ever become code."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

Call = tuple[str, Mapping[str, Any]]  # method and its parameters
MOST = 25  # calls that VK carries in one `execute`
PLAIN = re.compile(r"[\w,.\-]{0,64}", re.ASCII)


def written(calls: Sequence[Call]) -> tuple[str, dict[str, str]]:
    """The code that returns the calls' answers as a list, and the parameters that it names as Args.a0, Args.a1…

    Whatever is long or not a plain word travels as a parameter of the request; the same value travels once.
    """
    names: dict[str, str] = {}
    code = ",".join(f"API.{method}({{{_fields(params, names)}}})" for method, params in calls)
    return f"return [{code}];", {name: value for value, name in names.items()}


def _fields(params: Mapping[str, Any], names: dict[str, str]) -> str:
    return ",".join(f'"{key}":{_value(value, names)}' for key, value in params.items() if value not in (None, ""))


def _value(value: Any, names: dict[str, str]) -> str:
    if isinstance(value, int):
        return str(int(value))
    text = str(value)
    if PLAIN.fullmatch(text):
        return f'"{text}"'
    return f"Args.{names.setdefault(text, f'a{len(names)}')}"


def paired(calls: Sequence[Call], body: Mapping[str, Any]) -> list[tuple[Any, Any]] | None:
    """Of every call its answer and its error object, None where there was none; None altogether when VK's answer fits no calls.

    VK puts `false` in the place of a refused call and tells its error apart, in the order of the calls.
    """
    answers, errors = body.get("response"), body.get("execute_errors")
    if not isinstance(answers, list) or len(answers) != len(calls):
        return None
    told = [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
    return [(answer, _next(told, method) if answer is False else None) for (method, _), answer in zip(calls, answers, strict=True)]


def _next(told: list[dict[str, Any]], method: str) -> dict[str, Any]:
    mine = next((error for error in told if error.get("method") == method), None)
    if mine is None:
        return {}
    told.remove(mine)
    return mine
