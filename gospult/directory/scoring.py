"""How well a line of the directory answers a question: pure thinking."""

from collections.abc import Sequence

from .asking import Item, Sort

UNASKED_WORD, UNASKED_NUMBER, UNASKED_KIND = 0.05, 0.04, 0.02  # what each word, number or kind of a name that nobody asked for takes away
LATER = 0.008  # for each word of the name before the first that was asked for
BY_RANK = 0.012  # for each step of the rank


def score(bag: str, rank: float, items: Sequence[Item]) -> float:
    """About 0…1: the share of what was asked that is there, less what nobody asked for, less what stands low."""
    kinds, heavy, soft, numbers, rest = (part.split() for part in (bag + "||||").split("|", 4))
    rest = [term for part in rest for term in part.split("|") if term]
    have = {*kinds, *heavy, *soft, *numbers, *rest}
    whole = sum(item.weight for item in items) or 1.0
    got, used = 0.0, set()
    for item in items:
        there = [term for term in item.terms if term in have]
        got += item.weight * max((item.terms[term] for term in there), default=0.0)
        used |= _spoken_of(there, heavy)
    asked = {term for item in items if item.sort == Sort.KIND for term in item.terms}
    unasked = sum(1 for word in heavy if word not in used)
    first = next((at for at, word in enumerate(heavy) if word in used), 0)
    extra = min(0.3, UNASKED_WORD * unasked)
    extra += UNASKED_KIND * sum(1 for kind in kinds if kind.startswith("k:") and kind not in asked and f"K{kind[1:]}" not in asked)
    if not any(item.sort == Sort.NUMBER for item in items):
        extra += min(0.12, UNASKED_NUMBER * len(numbers))
    return got / whole - extra - LATER * min(first, 4) - BY_RANK * max(-3.0, min(rank, 12.0))


def _spoken_of(there: Sequence[str], heavy: Sequence[str]) -> set[str]:
    """Words of the name that this thing asked for speaks of: «тамбовка» speaks of «тамбовский» too."""
    stems = [term[2:] for term in there if term.startswith("r:")]
    return {word for word in heavy if word in there or any(word.startswith(stem) for stem in stems)}
