"""Rules of routing: written, changed and ended by people. The past stays explained by the versions that held then."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.lib.errors import Refused
from gospult.lib.words import plural
from gospult.registry.models import Body, Sphere, Territory

from ..models import RoutingRule, Topic
from ..queries.routes import Outlook, catches_all, equal_rules, look_ahead, may_keep, outside
from ..queries.thinking import forget

HIGHEST = 1000
_FOREIGN = "Это правило меняет обращения других органов: куратор правит только то, что приходит в его ветвь. Попросите оператора."


@dataclass(frozen=True, slots=True)
class RuleDraft:
    """What a rule is to say; from_date None is today, to_date None is open."""

    body: Body
    topic: Topic | None = None
    group: str = ""
    territory: Territory | None = None
    sphere: Sphere | None = None
    priority: int = 10
    overflow: Body | None = None
    from_date: date | None = None
    to_date: date | None = None

    def as_row(self, **fields: object) -> RoutingRule:
        """A version that is not kept yet; it begins today when no day is given."""
        return RoutingRule(
            body=self.body, topic=self.topic, group_code="" if self.topic else self.group, territory=self.territory, sphere=self.sphere,
            priority=self.priority, overflow=self.overflow, from_date=self.from_date or timezone.localdate(), to_date=self.to_date, **fields,
        )  # fmt: skip


@transaction.atomic
def add_rule(*, draft: RuleDraft, sure: bool = False, by: Person) -> RoutingRule:
    """A new rule decides from its first day on; `sure` says yes to one that catches everything or is equal to another."""
    row = draft.as_row(made_by=by)
    check(draft)
    _agree(row, None, sure=sure, by=by)
    row.save()
    _known("rule_added", row, by)
    return row


@transaction.atomic
def change_rule(*, rule: RoutingRule, draft: RuleDraft, sure: bool = False, by: Person) -> RoutingRule:
    """The rule gets a new version from the draft's first day on; the old one holds until the day before; of two at once one is refused."""
    rule = _current(rule)
    row = draft.as_row(made_by=by, replaces=rule, code=rule.code, filed=rule.filed)
    check(draft)
    if says(row) == says(rule):
        raise Refused("В правиле ничего не изменилось: исправьте что-нибудь или вернитесь к списку.")
    _agree(row, rule, sure=sure, by=by)
    assert row.from_date
    end_version(rule, before=row.from_date, by=by)
    row.save()
    _known("rule_changed", row, by, was=rule.pk)
    return row


@transaction.atomic
def end_rule(*, rule: RoutingRule, last: date | None = None, by: Person) -> None:
    """The rule holds through the last day and decides nothing after it; without a day it stops now. It stays in the history."""
    rule, today = _current(rule), timezone.localdate()
    if last and last < today:
        raise Refused("Последний день уже прошёл: выберите сегодня или день позже. Чтобы остановить правило сейчас, оставьте дату пустой.")
    if last and rule.from_date and last < rule.from_date:
        raise Refused("Правило ещё не начнёт действовать к этому дню: чтобы отменить его совсем, оставьте дату пустой.")
    if not may_keep(by, rule, None):
        raise Refused(_FOREIGN)
    if last:
        RoutingRule.objects.filter(pk=rule.pk).update(to_date=last, ended_at=timezone.now(), ended_by=by)
        rule.to_date = last
    else:
        end_version(rule, before=today, by=by)
    _known("rule_ended", rule, by)


def end_version(rule: RoutingRule, *, before: date, by: Person | None = None) -> None:
    """The version holds until the day before; one that would have begun only then never decides again."""
    if rule.from_date and rule.from_date >= before:
        rule.withdrawn = True
    else:
        rule.to_date = min(before - timedelta(days=1), rule.to_date or date.max)
    rule.ended_at, rule.ended_by = timezone.now(), by
    rule.save(update_fields=["withdrawn", "to_date", "ended_at", "ended_by"])


def check(draft: RuleDraft) -> None:
    """Refused when the draft cannot be a rule, whoever writes it."""
    today = timezone.localdate()
    if draft.from_date and draft.from_date < today:
        raise Refused("Правило начинает действовать сегодня или позже: прошлое объясняют правила, которые действовали тогда.")
    if draft.to_date and draft.to_date < (draft.from_date or today):
        raise Refused("Последний день раньше первого: поменяйте даты местами.")
    for body in filter(None, (draft.body, draft.overflow)):
        if body.gone_at:
            raise Refused(f"Органа «{body}» больше нет в реестре: выберите действующий.")
    if draft.overflow == draft.body:
        raise Refused("При перегрузке обращение нельзя отдать тому же органу: выберите другой или оставьте поле пустым.")
    if draft.topic and draft.topic.retired:
        raise Refused(f"Темы «{draft.topic}» больше нет в классификаторе: выберите другую.")
    if not -HIGHEST <= draft.priority <= HIGHEST:
        raise Refused(f"Приоритет — число от −{HIGHEST} до {HIGHEST}.")


def _agree(row: RoutingRule, old: RoutingRule | None, *, sure: bool, by: Person) -> None:
    forget()
    if outside(by, row.body, row.overflow) or not may_keep(by, old, row):
        raise Refused(_FOREIGN)
    # Only the count needs a trial on all cases of the month.
    if sure or not (catches_all(row) or equal_rules(row, old)):
        return
    if doubts := doubts_of(look_ahead(row, old, by)):
        raise Refused(" ".join(doubts) + " Если так и нужно, отметьте «Да, я понимаю».")


def doubts_of(outlook: Outlook) -> list[str]:
    """What a person has to say yes to, in whole sentences."""
    doubts = []
    if outlook.catches_all:
        cases = plural(outlook.trial.caught, ("обращение", "обращения", "обращений"))
        doubts.append(f"Правило ловит всё: в нём нет ни темы, ни места, ни сферы. За прошлый месяц ему досталось бы {cases}.")
    if outlook.ties:
        others = ", ".join(f"{tie} ({tie.body})" for tie in outlook.ties[:5])
        doubts.append(f"Правило равно другому: {others}. Такие обращения будет разбирать оператор, пока у одного из правил не изменится приоритет.")
    return doubts


def says(row: RoutingRule) -> tuple[object, ...]:
    """What a version says; a first day that has come is no difference, for the next version begins today."""
    begins = max(row.from_date or date.min, timezone.localdate())
    return row.priority, row.topic_id, row.group_code, row.territory_id, row.sphere_id, row.body_id, row.overflow_id, begins, row.to_date


def _current(rule: RoutingRule) -> RoutingRule:
    held = RoutingRule.objects.select_for_update(of=("self",)).select_related("topic", "territory", "sphere", "body", "overflow").get(pk=rule.pk)
    if RoutingRule.objects.filter(replaces=held).exists():
        raise Refused("Это правило только что изменил другой сотрудник. Откройте новую редакцию и повторите.")
    if held.withdrawn or (held.to_date and held.to_date < timezone.localdate()):
        raise Refused("Это правило уже не действует. Добавьте новое.")
    return held


def _known(verb: str, rule: RoutingRule, by: Person, **data: object) -> None:
    forget()
    journal.write(by, verb, rule, body=rule.body_id, **data)
