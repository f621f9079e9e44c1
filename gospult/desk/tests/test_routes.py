"""Rules as people keep them: versions, bad input, who may, the tester."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from gospult.accounts.models import Journal, Role
from gospult.desk import actions, queries
from gospult.desk.models import Case, CaseEvent, RoutingRule
from gospult.desk.queries import routes
from gospult.desk.queries.thinking import forget
from gospult.desk.testing import make_case, make_rule, make_topic
from gospult.lib import regions
from gospult.lib.errors import Refused
from gospult.registry.actions import load_region
from gospult.registry.testing import make_body, make_person, make_territory

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _fresh():
    forget()


@pytest.fixture
def topic():
    return make_topic("waste.collection")  # as the triage of the region's files calls it


@pytest.fixture
def today():
    return timezone.localdate()


def draft(body, **fields):
    return actions.RuleDraft(body=body, **fields)


def address(body, **fields):
    return {
        "organ": str(body),
        "topic": "",
        "territory": "",
        "sphere": "",
        "overflow": "",
        "priority": "10",
        "from_date": "",
        "to_date": "",
        **fields,
    }


# Versions


def test_a_new_rule_decides_from_today_and_the_case_remembers_it(operator, body, page, topic, today):
    rule = actions.add_rule(draft=draft(body, topic=topic), by=operator)
    case = make_case(page)
    assert (rule.from_date, rule.made_by) == (today, operator)
    assert (case.body, case.events.get(kind="routed").data["rule"]) == (body, rule.pk)
    assert Journal.objects.get(verb="rule_added").object_id == rule.pk


def test_a_change_ends_the_old_version_the_day_before(operator, body, topic, today):
    old = make_rule(body, topic=topic, from_date=today - 30 * DAY)
    new = actions.change_rule(rule=old, draft=draft(make_body(), topic=topic), by=operator)
    old.refresh_from_db()
    assert (old.to_date, old.withdrawn, old.ended_by) == (today - DAY, False, operator)
    assert (new.from_date, new.replaces) == (today, old)


def test_a_case_of_yesterday_is_decided_by_the_rule_of_yesterday(operator, body, page, topic, today):
    old = make_rule(body, topic=topic, from_date=today - 30 * DAY)
    actions.change_rule(rule=old, draft=draft(make_body(), topic=topic), by=operator)
    case = make_case(page)
    Case.objects.filter(pk=case.pk).update(opened_at=timezone.now() - DAY)
    case.refresh_from_db()
    assert queries.body_for(case).rule == old


def test_a_version_that_gives_way_on_its_first_day_decides_nothing_more(operator, body, page, topic):
    other = make_body()
    first = actions.add_rule(draft=draft(body, topic=topic), by=operator)
    actions.change_rule(rule=first, draft=draft(other, topic=topic), by=operator)
    first.refresh_from_db()
    assert (first.withdrawn, make_case(page).body) == (True, other)


def test_a_change_for_a_later_day_leaves_the_old_version_until_then(operator, body, page, topic, today):
    old = make_rule(body, topic=topic)
    actions.change_rule(rule=old, draft=draft(make_body(), topic=topic, from_date=today + 5 * DAY), by=operator)
    old.refresh_from_db()
    assert (old.to_date, make_case(page).body) == (today + 4 * DAY, body)


def test_an_ended_rule_stays_in_the_history_and_decides_nothing(operator, body, page, topic):
    rule = make_rule(body, topic=topic)
    actions.end_rule(rule=rule, by=operator)
    forget()
    assert make_case(page).body is None
    assert list(routes.find_rules(operator, {})) == []
    assert list(routes.find_rules(operator, {"state": "past"})) == [rule]


def test_a_rule_that_somebody_has_changed_meanwhile_is_refused(operator, body, topic):
    rule = make_rule(body, topic=topic)
    actions.change_rule(rule=rule, draft=draft(make_body(), topic=topic), by=operator)
    with pytest.raises(Refused, match="только что изменил другой сотрудник"):
        actions.change_rule(rule=rule, draft=draft(make_body(), topic=topic), by=operator)


def test_a_rule_to_a_body_that_is_gone_leaves_the_case_to_the_operator(operator, body, page, topic):
    make_rule(body, topic=topic)
    type(body).objects.filter(pk=body.pk).update(gone_at=timezone.now())
    forget()
    case = make_case(page)
    assert case.body is None
    assert "больше нет в реестре" in case.events.get(kind="not_routed").data["why"]


def test_the_file_of_the_region_makes_versions_and_leaves_what_people_changed(operator):
    region = regions.load("chelyabinsk")
    load_region(region=region, by=None, is_demo=True)
    actions.load_classifier(region=region)
    mine, theirs = RoutingRule.objects.order_by("pk")[:2]
    actions.change_rule(rule=mine, draft=draft(make_body(), topic=mine.topic, group=mine.group_code, territory=mine.territory), by=operator)
    RoutingRule.objects.filter(pk=theirs.pk).update(filed="as it was")
    actions.load_classifier(region=region)
    assert RoutingRule.objects.filter(code=theirs.code).count() == 2
    assert RoutingRule.objects.get(code=mine.code, replaced_by=None).made_by == operator


# Bad input


def test_a_rule_that_catches_everything_needs_a_yes_and_names_the_count(operator, body, page, topic):
    make_case(page)
    with pytest.raises(Refused, match=r"ловит всё: в нём нет ни темы, ни места, ни сферы\. За прошлый месяц ему досталось бы 1 обращение"):
        actions.add_rule(draft=draft(body), by=operator)
    assert RoutingRule.objects.count() == 0
    actions.add_rule(draft=draft(body), sure=True, by=operator)
    assert RoutingRule.objects.count() == 1


def test_a_rule_equal_to_another_needs_a_yes(operator, body, topic):
    rule = make_rule(make_body(), topic=topic, priority=10)
    with pytest.raises(Refused, match=f"равно другому: {rule}"):
        actions.add_rule(draft=draft(body, topic=topic), by=operator)


def test_a_change_of_a_rule_is_no_tie_with_itself(operator, body, topic):
    actions.change_rule(rule=make_rule(make_body(), topic=topic, priority=10), draft=draft(body, topic=topic), by=operator)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"from_date": timezone.localdate() - DAY}, "сегодня или позже"),
        ({"to_date": timezone.localdate() - DAY}, "Последний день раньше первого"),
        ({"from_date": timezone.localdate() + 2 * DAY, "to_date": timezone.localdate() + DAY}, "Последний день раньше первого"),
        ({"priority": 100_000}, "Приоритет — число"),
    ],
)
def test_a_rule_with_wrong_dates_or_priority_is_refused(operator, body, topic, fields, words):
    with pytest.raises(Refused, match=words):
        actions.add_rule(draft=draft(body, topic=topic, **fields), by=operator)


def test_a_rule_for_a_body_that_is_gone_is_refused(operator, topic):
    gone = make_body(name="Бывший комитет", gone_at=timezone.now())
    with pytest.raises(Refused, match="«Бывший комитет» больше нет в реестре"):
        actions.add_rule(draft=draft(gone, topic=topic), by=operator)


def test_a_change_that_changes_nothing_is_refused(operator, body, topic):
    rule = make_rule(body, topic=topic, priority=10)
    with pytest.raises(Refused, match="ничего не изменилось"):
        actions.change_rule(rule=rule, draft=draft(body, topic=topic), by=operator)


# Who may


def test_a_curator_shares_out_what_comes_to_his_branch(curator, body, topic):
    place = make_territory()
    make_rule(body.parent, topic=topic, priority=10)
    made = actions.add_rule(draft=draft(body, topic=topic, territory=place), by=curator)
    assert made.body == body


def test_a_curator_takes_nothing_from_another_branch_or_from_the_operator(curator, body, topic):
    other = make_topic("yama", group="Дороги", group_code="roads")
    make_rule(make_body(), topic=other, priority=10)
    for wanted in (draft(body, topic=other, priority=20), draft(body, topic=topic), draft(body, group="roads", territory=make_territory())):
        with pytest.raises(Refused, match="куратор правит только то, что приходит в его ветвь"):
            actions.add_rule(draft=wanted, sure=True, by=curator)


def test_a_curator_gives_nothing_to_a_body_outside_his_branch(curator, body, topic):
    rule = make_rule(body, topic=topic, priority=10)
    with pytest.raises(Refused, match="других органов"):
        actions.change_rule(rule=rule, draft=draft(make_body(), topic=topic), by=curator)
    with pytest.raises(Refused, match="других органов"):
        actions.end_rule(rule=rule, by=curator)


def test_a_curator_sees_rules_of_his_branch_only(curator, body, topic):
    mine = make_rule(body, topic=topic)
    foreign = make_rule(make_body(), topic=topic)
    assert list(routes.find_rules(curator, {})) == [mine]
    assert foreign not in RoutingRule.objects.visible_to(curator)


@pytest.mark.parametrize("name", ["routes", "route", "route_new", "route_change", "route_trial", "route_trial_of"])
def test_a_stranger_gets_404_on_every_screen_of_rules(client, stranger, body, topic, name):
    rule = make_rule(body, topic=topic)
    client.force_login(stranger)
    assert client.get(reverse(f"desk:{name}", args=[rule.pk] if name in ("route", "route_change", "route_trial_of") else [])).status_code == 404


@pytest.mark.parametrize("name", ["route_keep", "route_keep_of", "route_end"])
def test_a_stranger_gets_404_on_every_deed_with_rules(client, stranger, body, topic, name):
    rule = make_rule(body, topic=topic)
    client.force_login(stranger)
    assert client.post(reverse(f"desk:{name}", args=[] if name == "route_keep" else [rule.pk])).status_code == 404


def test_a_curator_of_another_branch_gets_404_on_a_rule(client, body, topic):
    client.force_login(make_person(role=Role.CURATOR, body=make_body()))
    assert client.get(reverse("desk:route", args=[make_rule(body, topic=topic).pk])).status_code == 404


# Tester


def test_the_tester_tells_who_would_get_what_instead_of_whom_and_writes_nothing(operator, body, page, topic):
    other = make_body()
    old = make_rule(body, topic=topic, priority=10)
    routed, by_hand = make_case(page), make_case(page, "Опять не вывозят мусор у школы, баки полные с воскресенья")
    actions.route(case=by_hand, body=other, by=operator)
    before = (RoutingRule.objects.count(), Journal.objects.count(), CaseEvent.objects.count())
    outlook = routes.look_ahead(draft(other, topic=topic).as_row(), old, operator)
    assert dict(outlook.trial.moves) == {(f"body {body.pk}", f"body {other.pk}"): 2}
    assert (outlook.trial.checked, outlook.trial.caught, outlook.trial.by_hand, outlook.trial.right, outlook.trial.wrong) == (2, 2, 1, 1, 0)
    assert set(outlook.trial.changed) == {routed.pk, by_hand.pk}
    assert before == (RoutingRule.objects.count(), Journal.objects.count(), CaseEvent.objects.count())


def test_the_tester_counts_ties_that_appear_and_vanish(operator, body, page, topic):
    rule = make_rule(body, topic=topic, priority=10)
    make_case(page)
    tied = routes.look_ahead(draft(make_body(), topic=topic).as_row(), None, operator)
    assert ((tied.trial.ties_before, tied.trial.ties_after), tied.ties) == ((0, 1), [rule])


def test_the_tester_sees_only_cases_that_the_person_may_see(curator, operator, body, page, topic):
    make_case(page)
    assert routes.look_ahead(draft(body, topic=topic).as_row(), None, operator).trial.checked == 1
    assert routes.look_ahead(draft(body, topic=topic).as_row(), None, curator).trial.checked == 0


def test_the_tester_asks_the_same_number_of_statements_for_any_number_of_cases(operator, body, page, topic):
    def statements() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            routes.look_ahead(draft(body, topic=topic).as_row(), None, operator)
        return len(asked)

    make_case(page)
    few = statements()
    for number in range(3):
        make_case(page, f"Мусор не вывозят у дома {number}, на улице {number * 7} уже неделю")
    assert statements() <= few


# Screens


def test_an_empty_list_teaches_the_first_step(client, operator):
    client.force_login(operator)
    answer = client.get(reverse("desk:routes")).content.decode()
    assert "Первым добавьте правило для целой группы тем" in answer


def test_the_list_is_filtered_by_topic_place_sphere_and_body(client, operator, body, topic):
    place = make_territory(name="Миасс")
    here, there = make_rule(body, topic=topic, territory=place), make_rule(make_body(name="Больница"), group_code="waste")
    found = lambda **asked: set(routes.find_rules(operator, asked))  # noqa: E731
    forget()
    assert found(topic=topic.code) == found(territory=place.code) == found(organ="школа 1") == {here}
    assert found(topic="group:waste") == {here, there}
    client.force_login(operator)
    assert client.get(reverse("desk:routes") + "?topic=нет&territory=нет&state=нет&page=x").status_code == 200


def test_a_rule_is_written_tried_and_kept_without_scripts(client, operator, body, page, topic):
    make_case(page)
    client.force_login(operator)
    assert client.get(reverse("desk:route_new")).status_code == 200
    asked = address(body, topic=topic.code)
    tried = client.get(reverse("desk:route_trial"), asked).content.decode()
    assert "За прошлый месяц изменилось бы 1 обращение" in tried
    assert RoutingRule.objects.count() == 0
    assert client.post(reverse("desk:route_keep"), asked, follow=True).status_code == 200
    rule = RoutingRule.objects.get()
    assert (rule.body, rule.topic, rule.made_by) == (body, topic, operator)
    assert "Правило" in client.get(reverse("desk:route", args=[rule.pk])).content.decode()


def test_the_form_names_several_bodies_that_fit_and_one_that_does_not_exist(client, operator, topic):
    make_body(name="Школа Уют"), make_body(name="Школа Свет")
    client.force_login(operator)
    several = client.get(reverse("desk:route_trial"), address("школа", topic=topic.code)).content.decode()
    nobody = client.get(reverse("desk:route_trial"), address("нетакого", topic=topic.code)).content.decode()
    assert "Подходят несколько" in several
    assert "Школа Уют" in several
    assert "в реестре нет: проверьте слова" in nobody


def test_a_doubtful_rule_comes_back_to_its_trial_with_the_question(client, operator, body, topic):
    make_rule(make_body(), topic=topic, priority=10)
    client.force_login(operator)
    asked = address(body, topic=topic.code)
    assert "равно другому" in client.get(reverse("desk:route_trial"), asked).content.decode()
    told = client.post(reverse("desk:route_keep"), asked, follow=True).content.decode()
    assert "Если так и нужно, отметьте" in told
    client.post(reverse("desk:route_keep"), asked | {"sure": "on"})
    assert RoutingRule.objects.filter(body=body).exists()


def test_the_case_names_the_rule_that_decided_and_leads_to_it(client, operator, executor, body, page, topic):
    rule = make_rule(body, topic=topic)
    case = make_case(page)
    link = reverse("desk:route", args=[rule.pk])
    client.force_login(operator)
    assert link in client.get(reverse("desk:case", args=[case.number])).content.decode()
    client.force_login(executor)
    assert link not in client.get(reverse("desk:case", args=[case.number])).content.decode()


def test_only_a_first_day_to_come_is_a_change(operator, body, topic, today):
    rule = actions.add_rule(draft=draft(body, topic=topic, from_date=today + 2 * DAY), by=operator)
    moved = actions.change_rule(rule=rule, draft=draft(body, topic=topic, from_date=today + 5 * DAY), by=operator)
    assert moved.from_date == today + 5 * DAY


def test_of_two_who_end_a_rule_one_is_refused(operator, body, topic):
    rule = make_rule(body, topic=topic)
    actions.end_rule(rule=rule, by=operator)
    with pytest.raises(Refused, match="уже не действует"):
        actions.end_rule(rule=rule, by=operator)
    assert Journal.objects.filter(verb="rule_ended").count() == 1
