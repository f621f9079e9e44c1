"""What the staff keeps beside a case goes along when it is merged, and comes back when it is itself again."""

from ..models import Case, Note, Task


def carry_along(*, case: Case, into: Case) -> None:
    """Notes and tasks of a case stand where its messages are."""
    Note.objects.filter(case=case).update(case=into)
    Task.objects.filter(case=case).update(case=into)


def bring_back(*, case: Case, out_of: Case) -> None:
    """What was written and asked in a case, or in those that had gone into it, is there again."""
    own = _with_merged(case)
    Note.objects.filter(case=out_of, written_in__in=own).update(case=case)
    Task.objects.filter(case=out_of, asked_in__in=own).update(case=case)


def _with_merged(case: Case) -> set[int]:
    """The case and everything that went into it, however long the way."""
    found, fresh = {case.pk}, {case.pk}
    while fresh:
        fresh = set(Case.objects.filter(merged_into__in=fresh).values_list("pk", flat=True)) - found
        found |= fresh
    return found
