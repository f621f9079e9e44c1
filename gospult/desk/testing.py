"""Builders for tests, the demo and the benchmarks."""

from datetime import date
from typing import Any

from gospult.accounts.models import Person
from gospult.exchange.models import Incoming, Outgoing
from gospult.exchange.testing import make_incoming
from gospult.registry.models import Body, Page, Territory

from . import actions
from .models import Answer, Case, Message, RoutingRule, Topic

GOOD_ANSWER = "Здравствуйте! Мусор вывезем до 30 ноября, проверим контейнеры. Ответственный — отдел благоустройства, телефон 8 351 000-00-00."


def make_topic(code: str = "musor", **fields: Any) -> Topic:
    """A topic of a group "waste"."""
    known = {"name": "Вывоз мусора", "group": "Обращение с отходами", "group_code": "waste", "version": "test", **fields}
    return Topic.objects.get_or_create(code=code, defaults=known)[0]


def make_rule(body: Body, *, topic: Topic | None = None, territory: Territory | None = None, **fields: Any) -> RoutingRule:
    """A routing rule."""
    return RoutingRule.objects.create(body=body, topic=topic, territory=territory, **fields)


def make_message(page: Page, text: str = "Не вывозят мусор с прошлой недели", **fields: Any) -> Message:
    """A message that has come the whole way in: recorded, taken, in its case."""
    incoming = make_incoming(page, text, **fields)
    actions.take_waiting()
    return message_of(incoming)


def message_of(incoming: Incoming) -> Message:
    """The message that a revision became."""
    return Message.objects.get(network=incoming.network, page_key=incoming.page_key, external_id=incoming.external_id)


def make_case(
    page: Page, text: str = "Не вывозят мусор с прошлой недели", *, body: Body | None = None, by: Person | None = None, **fields: Any
) -> Case:
    """A case of one message; with a body it is routed there."""
    case = make_message(page, text, **fields).case
    assert case is not None
    if body and by and case.body_id != body.pk:
        actions.route(case=case, body=body, by=by)
    return case


def make_answer(case: Case, *, by: Person, text: str = GOOD_ANSWER, kind: str = "final", promised_date: date | None = None) -> Answer:
    """A draft with a text that the checker lets through."""
    return actions.save_draft(case=case, text=text, kind=kind, promised_date=promised_date, by=by)


def publish(answer: Answer, *, by: Person, external_id: str = "c900") -> None:
    """An answer goes out without a network: its replies are marked as sent with made-up proofs."""
    actions.send(answer=answer, by=by)
    for number, row in enumerate(Outgoing.objects.filter(answer=answer.pk)):
        row.move_to("claimed")
        row.move_to("sent", external_id=f"{external_id}{number}", sent_at=answer.approved_at)
    actions.settle_due()
