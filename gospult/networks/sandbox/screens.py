"""What a person sees: the pages, a wall with its comments, a dialogue, and forms to write as a resident."""

from typing import Any


def answer(sandbox: Any, verb: str, parts: list[str], query: Any, form: Any) -> tuple[int, str]:
    return 404, ""
