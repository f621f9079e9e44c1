"""How dark a cell is: its place among the others, in five steps. Pure."""

from collections.abc import Sequence

STEPS = 5


def shades(values: Sequence[float | None]) -> list[int | None]:
    """For each value a step from 0 (the lowest) to 4; equal values are equally dark, what is not known has none.

    Where all are equal, all are in the middle.
    """
    values = [None if value is None else round(value, 1) for value in values]  # nobody sees a smaller difference
    known = sorted({value for value in values if value is not None})
    if len(known) < 2:
        return [None if value is None else STEPS // 2 for value in values]
    step = {value: round(n * (STEPS - 1) / (len(known) - 1)) for n, value in enumerate(known)}
    return [None if value is None else step[value] for value in values]
