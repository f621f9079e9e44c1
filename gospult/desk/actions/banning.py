"""A person's access to a page is closed for a term by two persons, and opened again by itself."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.exchange import actions as exchange
from gospult.exchange.models import Deed
from gospult.exchange.queries import can_do
from gospult.lib.errors import Refused

from ..models import Ban, Hiding
from ..moderation import rules
from .events import happened

State = Ban.State
TERM, APPEAL, DECISION = "term", "appeal", "decision"
PROPOSAL_LASTS = timedelta(days=3)
HIDDEN = (Hiding.State.HIDDEN, Hiding.State.ASKED, Hiding.State.BY_HAND)


@transaction.atomic
def propose_ban(*, hiding: Hiding, days: int, note: str = "", by: Person) -> Ban:
    """One person proposes to close the author's access to the page for a term; nothing happens until another one agrees."""
    found = rules()
    ground = found.grounds.get(hiding.ground)
    if ground is None or not ground.ban or hiding.state not in HIDDEN:
        raise Refused("Доступ закрывают только за комментарий, скрытый на основании, которое это разрешает.")
    if days not in found.terms:
        raise Refused(f"Выберите срок: не больше {found.longest} дней. Без срока доступ не закрывают.")
    person = hiding.message.author_id
    if not person:
        raise Refused("Автор комментария неизвестен или уже забыт по сроку: закрывать доступ некому.")
    if Ban.objects.filter(page=hiding.page, person=person).exclude(state__in=[State.DECLINED, State.OVER]).exists():
        raise Refused("Этому человеку доступ уже закрыт или предложено закрыть.")
    told = {"ground": ground.code, "title": ground.title, "note": note.strip()[:500]}
    ban = Ban.objects.create(case=hiding.case, page=hiding.page, hiding=hiding, person=person, days=days, proposed_by=by, **told)
    happened(case=hiding.case, event="ban_proposed", by=by, ban=ban.pk, days=days)
    journal.write(by, "ban_proposed", ban, case=hiding.case_id, ground=ground.code, days=days)
    return ban


@transaction.atomic
def confirm_ban(*, ban: Ban, by: Person) -> None:
    """Another person agrees: the access is closed until the end of the term."""
    if ban.proposed_by_id == by.pk:
        raise Refused("Закрыть доступ решают двое: согласовать должен не тот, кто предложил.")
    until = timezone.now() + timedelta(days=ban.days)
    told = {"decided_by": by, "decided_at": timezone.now(), "until": until}
    if can_do(ban.page, "ban"):
        ban.move_to(State.ASKED, deed=exchange.order(page=ban.page, what=Deed.What.BAN, person=ban.person, until=until), **told)
    else:
        ban.move_to(State.BY_HAND, **told)
    happened(case=ban.case, event="ban_confirmed", by=by, ban=ban.pk)
    journal.write(by, "ban_confirmed", ban, case=ban.case_id)


@transaction.atomic
def decline_ban(*, ban: Ban, by: Person | None) -> None:
    """The proposal is not agreed to, or its author takes it back."""
    ban.move_to(State.DECLINED, decided_by=by, decided_at=timezone.now())
    happened(case=ban.case, event="ban_declined", by=by, ban=ban.pk)
    journal.write(by, "ban_declined", ban, case=ban.case_id)


@transaction.atomic
def ban_by_hand(*, ban: Ban, by: Person) -> None:
    """A person has closed or opened the access in the network himself."""
    deed = _deed(ban)
    if deed and deed.state == Deed.State.UNKNOWN and deed.needs_person:
        exchange.confirm_deed(row=deed, by=by)
    elif ban.state in (State.BY_HAND, State.FAILED):
        _in_force(ban, timezone.now())
    elif ban.state == State.LIFT_BY_HAND:
        _over(ban, timezone.now())
    else:
        raise Refused(f"Состояние уже другое: «{State(ban.state).label}». Обновите страницу.")
    journal.write(by, "ban_by_hand", ban)


def _deed(ban: Ban) -> Deed | None:
    return ban.undo if ban.state == State.LIFTING else ban.deed if ban.state in (State.ASKED, State.FAILED) else None


@transaction.atomic
def ban_again(*, ban: Ban, by: Person) -> None:
    """What failed, or whose outcome nobody knows, is asked for again after a person has looked."""
    deed = _deed(ban)
    if deed is None or not deed.needs_person:
        raise Refused("Повторять нечего: обновите страницу.")
    exchange.repeat_deed(row=deed, by=by)
    if ban.state == State.FAILED:
        ban.move_to(State.ASKED)


@transaction.atomic
def lift_ban(*, ban: Ban, why: str = DECISION, by: Person | None) -> None:
    """The access is opened again: at the end of the term, by an appeal, or because a person decides so."""
    if ban.state in (State.PROPOSED, State.FAILED, State.BY_HAND):  # nothing is closed yet
        return decline_ban(ban=ban, by=by)
    if can_do(ban.page, "unban"):
        ban.move_to(State.LIFTING, over_as=why, undo=exchange.order(page=ban.page, what=Deed.What.UNBAN, person=ban.person))
    elif why == TERM and ban.deed:
        _over(ban, timezone.now(), over_as=why)  # the network was told the end and keeps it itself
    else:
        ban.move_to(State.LIFT_BY_HAND, over_as=why)
    journal.write(by, "ban_lifted", ban, why=why)
    return None


def lift_due(*, limit: int = 200) -> int:
    """Open the access of those whose term is over, and drop proposals that nobody has decided; returns how many."""
    now = timezone.now()
    with transaction.atomic():
        ended = list(Ban.objects.filter(state=State.IN_FORCE, until__lte=now).select_for_update(skip_locked=True, of=("self",))[:limit])
        for ban in ended:
            lift_ban(ban=ban, why=TERM, by=None)
        old = Ban.objects.filter(state=State.PROPOSED, proposed_at__lt=now - PROPOSAL_LASTS)
        stale = list(old.select_for_update(skip_locked=True, of=("self",))[:limit])
        for ban in stale:
            decline_ban(ban=ban, by=None)
    return len(ended) + len(stale)


def forget_bans(*, limit: int = 500) -> int:
    """What is over leaves no id of a person behind, neither here nor in the deeds; returns how many."""
    with transaction.atomic():
        rows = Ban.objects.filter(state__in=[State.OVER, State.DECLINED]).exclude(person="")
        done = list(rows.order_by("id").select_for_update(skip_locked=True, of=("self",))[:limit])
        Deed.objects.filter(pk__in=[pk for ban in done for pk in (ban.deed_id, ban.undo_id) if pk]).update(person="")
        Ban.objects.filter(pk__in=[ban.pk for ban in done]).update(person="")
    return len(done)


def settle_ban(*, deed: Deed) -> None:
    """A ban takes notice of what became of its deed."""
    field = "deed" if deed.what == Deed.What.BAN else "undo"
    ban = Ban.objects.select_related("case", "deed").filter(**{field: deed}).first()
    if ban is None:
        return
    done, at = deed.state == Deed.State.DONE, deed.done_at or timezone.now()
    if field == "deed" and ban.state == State.ASKED:
        _in_force(ban, at) if done else ban.move_to(State.FAILED)
    elif field == "undo" and ban.state == State.LIFTING:
        if done or (ban.deed and ban.until and ban.until <= timezone.now()):
            _over(ban, at)  # the network was told the end: after it a refusal to lift means that nothing is left to lift
        else:
            ban.move_to(State.LIFT_BY_HAND)


def _in_force(ban: Ban, at: datetime) -> None:
    ban.move_to(State.IN_FORCE, in_force_at=at)
    happened(case=ban.case, event="ban_in_force", at=at, ban=ban.pk)


def _over(ban: Ban, at: datetime, **fields: object) -> None:
    ban.move_to(State.OVER, over_at=at, **fields)
    happened(case=ban.case, event="ban_over", at=at, ban=ban.pk)
