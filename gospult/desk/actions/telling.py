"""Who is told what of a case. Only rows are written here; no resident's words are in them."""

from collections.abc import Collection
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from gospult.accounts.models import Person, Role
from gospult.alerts.actions import tell
from gospult.alerts.models import Kind
from gospult.lib.words import moment_in_words

from ..models import Answer, Case
from ..queries import clocks_of, need_of
from ..queries.people import distinct, executors, holders, stewards

NEWS = timedelta(days=3)  # what an import brings from the past is no news


def about(case: Case) -> str:
    """The case in words that may leave the house: number, topic and territory."""
    parts = [f"№ {case.number}", case.topic.name if case.topic else "", case.territory.name if case.territory else ""]
    return ", ".join(part for part in parts if part)


def case_path(case: Case) -> str:
    """Where the case is opened on the desk."""
    return reverse("desk:case", args=[case.number])


def tell_all(people: Collection[Person], *, key: str, kind: str, text: str, case: Case, urgent: bool = False) -> None:
    """Each of the people is told once of this occasion."""
    keepers = stewards(case.page)
    for person in distinct(people):
        # Who keeps a page answers on a phone: that is a screen of its own.
        path = reverse("office:my_case", args=[case.number]) if person in keepers else case_path(case)
        tell(person=person, key=key, kind=kind, text=text, path=path, case=case.pk, page=case.page_id, urgent=urgent)


def tell_routed(case: Case, event: int, *, by: Person | None) -> None:
    """The body's executors and the page's steward learn that the case is theirs."""
    if case.page is None or case.opened_at < timezone.now() - NEWS:
        return
    people = [person for person in [*executors(case.body), *stewards(case.page)] if person != by]
    if people:
        due = clocks_of(case).next_due_at
        until = f" Ответить до {moment_in_words(timezone.localtime(due))}." if due else ""
        tell_all(people, key=f"routed/{case.pk}/{event}", kind=Kind.ROUTED, text=f"Вам обращение {about(case)}.{until}", case=case)


def tell_danger(case: Case, *, alarm: int) -> None:
    """The operators learn at once of words that speak of danger."""
    if case.opened_at < timezone.now() - NEWS:
        return
    text = f"Опасность: {about(case)}. Откройте сейчас; если есть угроза жизни, звоните 112."
    tell_all(holders(Role.OPERATOR, None), key=f"danger/{case.pk}/{alarm}", kind=Kind.DANGER, text=text, case=case, urgent=True)


def tell_returned(answer: Answer, event: int) -> None:
    """The author learns that his answer came back."""
    if answer.author:
        text = f"Ответ на обращение {about(answer.case)} вернули: посмотрите, что исправить."
        tell_all([answer.author], key=f"returned/{answer.pk}/{event}", kind=Kind.RETURNED, text=text, case=answer.case)


def tell_rework(case: Case, event: int) -> None:
    """The body learns that control or the resident was not content with its answer."""
    text = f"Обращение {about(case)} снова в работе: ответа оказалось мало."
    tell_all([*executors(case.body), *stewards(case.page)], key=f"rework/{case.pk}/{event}", kind=Kind.RETURNED, text=text, case=case)


def tell_approval(answer: Answer, *, late: bool = False) -> None:
    """Those who may approve the answer next learn that it waits, and once more when their time is over."""
    need, case = need_of(answer), answer.case
    named = [need.first] if need.first and not answer.approvals.exists() else []
    signed = set(answer.approvals.values_list("by", flat=True)) | ({answer.author_id} if need.strict else set())
    people = [p for p in named or holders(Role.CURATOR, case.body) or holders(Role.OPERATOR, None) if p.pk not in signed]
    until = f" до {moment_in_words(timezone.localtime(answer.approve_by))}" if answer.approve_by else ""
    text = (
        f"Согласование просрочено: ответ на обращение {about(case)}." if late else f"Ответ ждёт вашего согласования{until}: обращение {about(case)}."
    )
    times = f"{answer.approve_by:%Y%m%d%H%M}" if answer.approve_by else ""
    tell_all(people, key=f"approval/{answer.pk}/{times}/{'late' if late else 'new'}", kind=Kind.APPROVAL, text=text, case=case, urgent=late)
