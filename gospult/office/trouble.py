"""Why a body stands where it stands in its branch: pure rules, so that the order explains itself. No database."""

from collections.abc import Mapping, Sequence

# What is looked at, the worst first: the first difference decides the order, nothing is weighed against anything.
ORDER = ("overdue", "soon", "broken", "silent", "reopened", "week_late", "bounces", "debt")
BY_ORDER = (
    "Сначала те, у кого больше просроченных; потом срок в ближайшие 2 часа, беды подключения, молчащие страницы, "
    "открытые снова, ответы с опозданием за 7 дней, возвраты."
)


def rank(figures: Mapping[str, int]) -> tuple[int, ...]:
    """The place of a body: smaller is worse."""
    return tuple(-figures.get(code, 0) for code in ORDER)


def reasons(figures: Mapping[str, int], faults: Sequence[str], trend: int | None) -> list[str]:
    """«Почему вверху», the worst first; empty when nothing is wrong. `faults` are the words of its pages' faults, `trend` is in points."""
    late, week = figures.get("week_late", 0), figures.get("week", 0)
    said = [
        (figures.get("overdue"), f"просрочено {figures.get('overdue', 0)}"),
        (figures.get("soon"), f"скоро срок: {figures.get('soon', 0)}"),
        (figures.get("reopened"), f"открыто снова {figures.get('reopened', 0)}"),
        (late, f"за неделю с опозданием {late} из {week}"),
        (trend is not None and trend <= -10, f"в срок стало реже на {-(trend or 0)} п. п."),
        (figures.get("bounces"), f"вернули «не наше» {figures.get('bounces', 0)}"),
        (figures.get("debt"), "обязана вести страницу, но действующей нет"),
    ]
    words = [text for true, text in said if true]
    # Faults of pages stand after what residents wait for.
    waiting = sum(1 for true, _ in said[:2] if true)
    return [*words[:waiting], *dict.fromkeys(faults), *words[waiting:]]


def share(part: int, whole: int) -> int | None:
    """Whole percents, None where there is nothing to count: no answers are not a share of zero."""
    return None if not whole else round(100 * part / whole)
