"""Deputies: who stands in sees and answers for these days, and not a day longer."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from gospult.accounts.models import Journal, Role
from gospult.lib.errors import Refused
from gospult.registry import actions, queries
from gospult.registry.models import Absence, Body, Grant, Page, live_on
from gospult.registry.testing import make_body, make_grant, make_page, make_person

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def colleague(body):
    """Works in the same branch: a curator of the ministry's other school knows nothing of `body` yet."""
    return make_person(role=Role.EXECUTOR, body=make_body(name="Класс школы № 1", parent=body), username="colleague", last_name="Петров")


def away(person, deputy, by, first, days=5):
    return actions.begin_absence(person=person, deputy=deputy, from_date=first, to_date=first + (days - 1) * DAY, by=by)


def test_the_deputy_sees_and_may_answer_from_today(executor, colleague, body, today):
    assert not queries.can(colleague, Role.EXECUTOR, body=body)
    away(executor, colleague, executor, today)
    assert queries.can(colleague, Role.EXECUTOR, body=body)
    assert body in Body.objects.visible_to(colleague)
    assert Journal.objects.filter(verb="registry.absence").count() == 1


def test_the_duties_end_by_themselves_after_the_last_day(executor, colleague, today):
    made = away(executor, colleague, executor, today, days=3)
    lent = Grant.objects.filter(absence=made)
    assert lent.filter(live_on(today + 2 * DAY)).exists()
    assert not lent.filter(live_on(today + 3 * DAY)).exists()


def test_an_absence_to_come_gives_nothing_today(executor, colleague, body, today):
    away(executor, colleague, executor, today + 2 * DAY)
    assert not queries.can(colleague, Role.EXECUTOR, body=body)
    assert Grant.objects.filter(live_on(today + 2 * DAY), person=colleague, body=body).exists()


def test_a_deputy_keeps_the_pages_of_a_steward(steward, colleague, page, operator, today):
    away(steward, colleague, operator, today)
    assert queries.can(colleague, Role.STEWARD, page=page)
    assert page in Page.objects.visible_to(colleague)


def test_an_early_return_ends_the_duties_at_once_and_only_once(executor, colleague, body, today):
    made = away(executor, colleague, executor, today)
    actions.end_absence(absence=made, by=executor)
    assert not queries.can(colleague, Role.EXECUTOR, body=body)
    with pytest.raises(Refused, match="уже закончилось"):
        actions.end_absence(absence=made, by=executor)


def test_what_the_person_loses_the_deputy_loses_too(executor, steward, colleague, body, page, operator, today):
    away(executor, colleague, operator, today)
    away(steward, colleague, operator, today)
    actions.revoke(grant=executor.grants.get(), by=operator)
    actions.dismiss_steward(steward=steward.stewardships.get(), by=operator)
    assert not queries.can(colleague, Role.EXECUTOR, body=body)
    assert not queries.can(colleague, Role.STEWARD, page=page)


def test_a_new_steward_ends_what_the_former_ones_deputy_had(steward, colleague, page, operator, today):
    away(steward, colleague, operator, today)
    actions.appoint_steward(page=page, person=make_person(), by=operator)
    assert not queries.can(colleague, Role.STEWARD, page=page)


def test_lent_duties_are_not_lent_further(executor, colleague, operator, body, today):
    third = make_person(role=Role.EXECUTOR, body=body.parent)
    away(executor, colleague, operator, today)
    with pytest.raises(Refused, match="в эти дни замещает"):
        away(colleague, third, operator, today)
    assert queries.duties_of(colleague, today)[0] == list(colleague.grants.filter(absence=None))


# Bad input


@pytest.mark.parametrize(("first", "last", "words"), [(-1, 3, "с сегодняшнего дня"), (3, 1, "раньше первого"), (0, 400, "дольше года")])
def test_wrong_days_are_refused(executor, colleague, today, first, last, words):
    with pytest.raises(Refused, match=words):
        actions.begin_absence(person=executor, deputy=colleague, from_date=today + first * DAY, to_date=today + last * DAY, by=executor)


def test_nobody_stands_in_for_himself_or_twice_or_while_away(executor, colleague, operator, body, today):
    third = make_person(role=Role.EXECUTOR, body=body.parent, username="third")
    with pytest.raises(Refused, match="Себя заместить нельзя"):
        away(executor, executor, executor, today)
    away(colleague, third, operator, today)
    with pytest.raises(Refused, match="выберите другого заместителя"):
        away(executor, colleague, executor, today + DAY)
    away(executor, third, operator, today)
    with pytest.raises(Refused, match="уже есть заместитель: third"):
        away(executor, third, operator, today + DAY)


def test_who_has_no_duties_needs_no_deputy(operator, curator, today):
    with pytest.raises(Refused, match="замещать нечего"):
        away(curator, make_person(), operator, today)


# Who may


def test_a_person_names_a_colleague_and_no_stranger(executor, stranger, today):
    with pytest.raises(Refused, match="не из этой организации"):
        away(executor, stranger, executor, today)
    assert not Absence.objects.exists()


def test_nobody_sends_others_away_but_those_who_lead_them(executor, colleague, stranger, curator, body, today):
    with pytest.raises(Refused, match="не только в вашей ветви"):
        away(executor, colleague, stranger, today)
    away(executor, colleague, curator, today)
    make_grant(colleague, Role.EXECUTOR, body=make_body())
    with pytest.raises(Refused, match="не только в вашей ветви"):
        away(colleague, make_person(role=Role.EXECUTOR, body=body), curator, today + 20 * DAY)


def test_each_sees_the_absences_that_concern_him(executor, colleague, curator, operator, stranger, today):
    made = away(executor, colleague, executor, today)
    seen = {person.username for person in (executor, colleague, curator, operator, stranger) if made in queries.absences_seen_by(person)}
    assert seen == {"executor", "colleague", "curator", "operator"}


def test_a_stranger_gets_404_on_an_absence_and_who_has_no_duties_on_the_screen(client, executor, colleague, stranger, today):
    made = away(executor, colleague, executor, today)
    client.force_login(stranger)
    assert client.post(reverse("registry:absence_end", args=[made.pk])).status_code == 404
    client.force_login(make_person(role=Role.ANALYST))
    assert client.get(reverse("registry:absences")).status_code == 404


def test_an_executor_goes_away_and_comes_back_on_the_screen(client, executor, colleague, body, today):
    client.force_login(executor)
    assert "Сейчас никто никого не замещает" in client.get(reverse("registry:absences")).content.decode()
    client.post(reverse("registry:absences"), {"deputy": colleague.pk, "from_date": today, "to_date": today + DAY})
    made = Absence.objects.get()
    assert "Вернулся раньше" in client.get(reverse("registry:absences")).content.decode()
    client.post(reverse("registry:absence_end", args=[made.pk]))
    assert not queries.can(colleague, Role.EXECUTOR, body=body)
    assert "закончено раньше" in client.get(reverse("registry:absences") + "?state=past").content.decode()


def test_an_operator_finds_people_by_name_and_is_told_when_several_fit(client, operator, executor, colleague, body, today):
    make_person(role=Role.EXECUTOR, body=body, last_name="Петров", username="petrov-2")
    client.force_login(operator)
    asked = {"person": "executor", "deputy": "Петров", "from_date": today, "to_date": today}
    told = client.post(reverse("registry:absences"), asked).content.decode()
    assert "Подходят несколько" in told
    client.post(reverse("registry:absences"), asked | {"deputy": "colleague"})
    assert Absence.objects.get().deputy == colleague


def test_a_refusal_is_told_at_the_form_and_what_was_written_stays(client, operator, executor, colleague, today):
    client.force_login(operator)
    asked = {"person": "executor", "deputy": "colleague", "from_date": today, "to_date": today - DAY}
    told = client.post(reverse("registry:absences"), asked).content.decode()
    assert "поменяйте даты местами" in told
    assert 'value="colleague"' in told


def test_many_pages_are_lent_with_few_statements(steward, colleague, operator, body, today, django_assert_max_num_queries):
    for _ in range(10):
        page = make_page(body=body)
        actions.appoint_steward(page=page, person=steward, by=operator)
    with django_assert_max_num_queries(25):
        away(steward, colleague, operator, today)
    assert colleague.stewardships.count() == 11
