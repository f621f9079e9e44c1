"""Scores of figures that somebody has put into a table; no rows of ours are read."""

from typing import Any

from ..inputs import count_lines, read_lines
from ..library import method


def compute(code: str, content: bytes) -> tuple[list[dict[str, Any]], list[str]]:
    """For each month {month, value of each indicator…, total}, None where it is not confirmed; and why, in words. Refused for a bad table."""
    found = method(code)
    counted = count_lines(read_lines(content, found), found)
    rows = [
        {"month": line.month}
        | {part.code: None if part.value is None else float(part.value) for part in result.parts}
        | {"total": None if result.total is None else float(result.total)}
        for line, result in counted
    ]
    return rows, [f"{line.month}: {part.title}: {part.why}" for line, result in counted for part in result.parts]
