"""The screens «Соцсети» and the page behind a steward's link."""

import csv
from datetime import timedelta
from io import StringIO

import pytest
from django.urls import reverse
from django.utils import timezone

from gospult.accounts.models import Role
from gospult.exchange import actions
from gospult.exchange.models import Connection, Invitation, Outgoing, Pilot
from gospult.exchange.testing import make_connection, make_incoming
from gospult.registry.testing import make_page, make_person, make_territory

pytestmark = pytest.mark.django_db
LISTS = ["progress", "pilot", "queues"]
CARD = ["card_link", "card_revoke", "card_mode", "card_observe", "card_look", "card_disconnect"]
TOKEN = "vk1.a.Abcdef-0123456789"


@pytest.fixture
def boss(client, operator):
    client.force_login(operator)
    return client


def at(name, *args, **query):
    return reverse(f"exchange:{name}", args=args, query=query or None)


def steps(answer):
    return {step["code"]: step["count"] for step in answer.context["steps"]}


@pytest.mark.parametrize("who", ["stranger", "executor", "curator", "steward"])
def test_a_stranger_gets_404(client, request, page, who):
    client.force_login(request.getfixturevalue(who))
    assert [client.get(at(name)).status_code for name in LISTS] == [404] * 3
    assert client.get(at("card", page.pk)).status_code == 404
    assert [client.post(at(name, page.pk)).status_code for name in CARD] == [404] * 6
    assert [client.post(at(name)).status_code for name in ("links", "pilot_choose", "pilot_end")] == [404] * 3
    assert [client.post(at(name, page.pk)).status_code for name in ("pilot_leave", "sweep_stop", "sweep_resume")] == [404] * 3


def test_an_operator_of_one_municipality_does_not_connect_the_region(client, page):
    client.force_login(make_person(role=Role.OPERATOR, territory=make_territory()))
    assert client.get(at("progress")).status_code == 404


def test_nobody_logged_in_is_sent_to_the_login(client, page):
    assert [client.get(at(name)).status_code for name in LISTS] == [302] * 3


def test_the_navigation_offers_the_section_to_those_who_may(boss, client, executor):
    there = at("progress")
    assert there in boss.get(reverse("registry:pages")).content.decode()
    client.force_login(executor)
    assert there not in client.get(reverse("registry:pages")).content.decode()


def test_actions_are_posted(boss, page):
    assert [boss.get(at(name, page.pk)).status_code for name in CARD] == [405] * 6


def test_an_empty_region_is_offered_a_pilot(boss, page):
    answer = boss.get(at("progress"))
    assert "Начать с пилота из трёх страниц" in answer.content.decode()
    make_connection(page)
    assert "Начать с пилота" not in boss.get(at("progress")).content.decode()


def test_every_step_is_counted_and_leads_to_its_rows(boss, body, operator):
    now = timezone.now()
    names = ["none", "expired", "invited", "opened", "given", "refused", "connected", "checked", "alive", "heard", "silent", "trouble"]
    pages = {name: make_page(body=body, name=f"Страница {name}") for name in names}
    for name in ("expired", "invited", "opened", "given", "refused"):
        actions.invite(page=pages[name], by=operator)
    link = Invitation.objects.filter
    link(page=pages["expired"]).update(expires_at=now)
    link(page=pages["opened"]).update(opened_at=now)
    link(page=pages["given"]).update(opened_at=now, next_check_at=now)
    link(page=pages["refused"]).update(opened_at=now, problem="Ключ другой страницы.")
    for name in ("connected", "checked", "alive", "heard", "silent", "trouble"):
        make_connection(pages[name])
    row = Connection.objects.filter
    row(page=pages["checked"]).update(checked_at=now, last_proof_at=now)
    row(page=pages["alive"]).update(checked_at=now, last_proof_at=now, hook="alive")
    row(page=pages["heard"]).update(heard_at=now)
    row(page=pages["silent"]).update(checked_at=now, hook="alive", last_proof_at=now - timedelta(hours=4))
    row(page=pages["trouble"]).update(checked_at=now, problem="Ключ не подходит.")
    answer = boss.get(at("progress"))
    assert steps(answer) == {"none": 2, "invited": 1, "opened": 1, "given": 2, "checked": 1, "alive": 2, "silent": 1, "trouble": 2}
    shown = boss.get(at("progress", step="trouble")).content.decode()
    assert "Ключ не подходит." in shown
    assert "Ключ другой страницы." in shown
    assert "Страница alive" not in shown


def test_pages_are_found_by_network_territory_mode_and_words(boss, body):
    place = make_territory(name="Озёрский")
    body.territory = place
    body.save()
    found, other = make_page(body=body, name="Детский сад «Ёлочка»"), make_page(name="Библиотека")
    make_connection(found, mode="copy")
    for query in ({"q": "елочка"}, {"territory": place.pk}, {"mode": "copy"}):
        shown = boss.get(at("progress", **query)).content.decode()
        assert (found.name in shown, other.name in shown) == (True, False), query
    assert boss.get(at("progress", network="ok", step="nonsense", territory="0")).status_code == 200


def test_links_are_made_for_the_chosen_pages_and_shown_once(boss, body):
    page, other = make_page(body=body, name="=cmd()"), make_page(body=body)
    answer = boss.post(at("links"), {"page": [page.pk]})
    rows = list(csv.reader(StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert answer["Content-Disposition"].endswith('.csv"')
    assert len(rows) == 2
    assert rows[1][1] == "'=cmd()"
    key = rows[1][3].rstrip("/").rpartition("/")[2]
    assert actions.open_link(key=key).page == page
    assert not Invitation.objects.filter(page=other).exists()


def test_links_for_all_of_a_filter_leave_working_pages_out(boss, body):
    pages = [make_page(body=body, name=f"Школа {number}") for number in range(3)]
    make_page(body=body, name="Больница")
    make_connection(pages[0])
    answer = boss.post(at("links"), {"all": "yes", "query": "q=школа"})
    assert answer.content.decode().count("/connect/") == 2
    assert set(Invitation.objects.values_list("page", flat=True)) == {pages[1].pk, pages[2].pk}


def test_nothing_chosen_makes_nothing_and_says_so(boss, page):
    make_connection(page)
    for data in ({}, {"page": [page.pk]}, {"page": ["x", "0"]}):
        assert "Выберите страницы" in boss.post(at("links"), data, follow=True).content.decode()
    assert not Invitation.objects.exists()


def test_a_pilot_is_chosen_looked_at_and_ended(boss, body):
    pages = [make_page(body=body, name=f"Школа {number}", members=number) for number in range(4)]
    assert "Школа 3" in boss.get(at("pilot")).content.decode()
    boss.post(at("pilot_choose"), {"page": [page.pk for page in pages[:3]]})
    make_connection(pages[0])
    make_incoming(pages[0])
    Connection.objects.update(checked_at=timezone.now(), hook="alive")
    answer = boss.get(at("pilot"))
    today = {row["page"].name: row["today"]["came"] for row in answer.context["pages"]}
    assert today == {"Школа 0": 1, "Школа 1": 0, "Школа 2": 0}
    assert (answer.context["ready"], "Расширить" in answer.content.decode()) == (False, True)
    assert steps(boss.get(at("progress", pilot="yes")))["none"] == 2
    boss.post(at("pilot_end"))
    assert not Pilot.objects.exists()


def test_a_pilot_of_too_many_is_refused_in_words(boss, body):
    pages = [make_page(body=body) for _ in range(6)]
    answer = boss.post(at("pilot_choose"), {"page": [page.pk for page in pages]}, follow=True)
    assert "от одной до 5" in answer.content.decode()


def test_pages_of_two_searches_come_into_one_pilot(boss, body):
    first, second = make_page(body=body, name="Школа", members=5), make_page(body=body, name="Больница", network="ok")
    shown = boss.get(at("pilot", q="больница", page=first.pk))
    assert (shown.context["ticked"], shown.context["candidates"]) == ([first], [second])
    assert f'value="{first.pk}" checked' in shown.content.decode()
    for page in (first, second):
        boss.post(at("pilot_choose"), {"page": [page.pk]})
    assert set(Pilot.objects.values_list("page", flat=True)) == {first.pk, second.pk}
    boss.post(at("pilot_leave", first.pk))
    assert [row.page for row in Pilot.objects.all()] == [second]


def test_the_offered_pages_are_called_the_largest_only_when_that_is_known(boss, body):
    page = make_page(body=body, members=None)
    assert "Самые большие" not in boss.get(at("pilot")).content.decode()
    type(page).objects.update(members=5)
    assert "Самые большие" in boss.get(at("pilot")).content.decode()


def test_links_for_the_whole_pilot_are_made_on_its_screen(boss, body):
    pages = [make_page(body=body) for _ in range(2)]
    boss.post(at("pilot_choose"), {"page": [page.pk for page in pages]})
    make_connection(pages[0])
    shown = boss.get(at("pilot"))
    assert shown.context["unlinked"] == [pages[1]]
    assert "Создать ссылки (CSV)" in shown.content.decode()


def test_the_card_shows_the_link_once_and_never_a_key(boss, page):
    make_connection(page, tokens={"community": TOKEN})
    shown = boss.post(at("card_link", page.pk)).content.decode()
    assert "/connect/" in shown
    again = boss.get(at("card", page.pk)).content.decode()
    assert "/connect/" not in again
    assert TOKEN not in shown + again
    assert "Ключ доступа сообщества" in again


def test_a_mode_is_changed_or_refused_with_the_missing_right(boss, page):
    make_connection(page, tokens={"service": "s"}, mode="observe")
    assert "Для полного режима нужен ключ сообщества" in boss.post(at("card_mode", page.pk), {"mode": "full"}, follow=True).content.decode()
    boss.post(at("card_mode", page.pk), {"mode": "copy"})
    assert Connection.objects.get().mode == "copy"
    assert "Выберите способ" in boss.post(at("card_mode", page.pk), {"mode": "all"}, follow=True).content.decode()


def test_the_other_buttons_of_the_card(boss, page):
    assert "нужен ключ" in boss.post(at("card_observe", page.pk), follow=True).content.decode()
    boss.post(at("card_link", page.pk))
    assert "больше не действует" in boss.post(at("card_revoke", page.pk), follow=True).content.decode()
    make_connection(page)
    Connection.objects.update(check_at=timezone.now() + timedelta(hours=1))
    boss.post(at("card_look", page.pk))
    assert Connection.objects.get().check_at <= timezone.now()
    assert "Страница отключена" in boss.post(at("card_disconnect", page.pk), follow=True).content.decode()
    assert "не подключена" in boss.post(at("card_look", page.pk), follow=True).content.decode()


def test_a_page_of_a_network_known_by_name_only_says_so(boss, body):
    other = make_page(body=body, network="rutube")
    assert "Госпульт не подключает" in boss.get(at("card", other.pk)).content.decode()
    assert "не подключается" in boss.post(at("card_link", other.pk), follow=True).content.decode()


def test_the_queues_are_counted_by_network(boss, page):
    told = {"page": page, "message": 1, "kind": "comment", "thread_id": "w1_1", "after": timezone.now(), "text": "Ответ"}
    Outgoing.objects.create(answer=1, **told)
    Outgoing.objects.create(answer=2, state="unknown", needs_person=True, **told)
    answer = boss.get(at("queues"))
    vk = next(row for row in answer.context["networks"] if row["network"] == "vk")
    assert (vk["now"], vk["later"], vk["unknown"], vk["person"]) == (1, 0, 0, 1)
    shown = answer.content.decode()
    assert "никто не ждёт" in shown
    assert (vk["since"] is not None, "не отвечает" in shown) == (True, False)
    assert reverse("desk:queue") + "?view=trouble&amp;network=vk" in shown


@pytest.mark.parametrize(
    "row", [{"state": "ready", "fault": "down"}, {"state": "unknown", "fault": "timeout"}, {"state": "claimed", "claimed_at": timedelta(minutes=1)}]
)
def test_a_network_that_does_not_answer_is_named(boss, page, row):
    row = {name: timezone.now() - value if name == "claimed_at" else value for name, value in row.items()}
    Outgoing.objects.create(page=page, answer=1, message=1, kind="comment", thread_id="w1_1", after=timezone.now(), text="Ответ", **row)
    assert "ВКонтакте не отвечает, ответов ждёт: 1" in boss.get(at("queues")).content.decode()


def test_a_sweep_is_seen_stopped_and_gone_on_with(boss, page):
    assert "Обходов ещё не было" in boss.get(at("queues")).content.decode()
    sweep = actions.start_sweep(network="vk", goal="cards", by=None)
    shown = boss.get(at("queues")).content.decode()
    assert ("0 из 1" in shown, "Остановить" in shown, "1 страница, но ключа" in shown) == (True, True, True)
    assert "Продолжить" in boss.post(at("sweep_stop", sweep.pk), follow=True).content.decode()
    assert "в другом состоянии" in boss.post(at("sweep_stop", sweep.pk), follow=True).content.decode()
    assert "Остановить" in boss.post(at("sweep_resume", sweep.pk), follow=True).content.decode()


def test_an_old_sweep_does_not_go_on_beside_a_new_one(boss, page):
    old = actions.start_sweep(network="vk", goal="cards", by=None)
    actions.stop_sweep(sweep=old, by=None)
    actions.start_sweep(network="vk", goal="cards", by=None)
    assert "более новый обход" in boss.post(at("sweep_resume", old.pk), follow=True).content.decode()


def test_what_a_network_never_gives_does_not_contradict_what_we_see(boss, body):
    page = make_page(body=body, network="telegram")
    make_connection(page, tokens={"bot": "t"})
    shown = boss.get(at("card", page.pk)).content.decode()
    assert "Видим комментарии и личные сообщения" in shown
    assert "читать прошлые комментарии" in shown.partition("Сеть этого не даёт никому")[2]
    assert "читать комментарии" not in shown


def test_a_page_that_is_not_connected_has_no_sign_of_life_to_miss(boss, page):
    assert "Признак жизни" not in boss.get(at("card", page.pk)).content.decode()
    make_connection(page)
    assert "Признак жизни" in boss.get(at("card", page.pk)).content.decode()


@pytest.fixture
def link(page, operator):
    return at("connect", actions.invite(page=page, by=operator))


def test_a_steward_sees_who_asks_for_what_and_what_is_not_granted(client, link, page):
    answer = client.get(link)
    shown = answer.content.decode()
    assert (answer.status_code, page.name in shown, "operator" in shown) == (200, True, True)
    assert "Чего не получит" in shown
    assert "«Сообщения сообщества»" in shown
    assert not answer.cookies
    assert (answer["X-Robots-Tag"], answer["Referrer-Policy"], "no-store" in answer["Cache-Control"]) == ("noindex", "no-referrer", True)


def test_each_network_tells_its_own_steps(client, operator, body, monkeypatch):
    from gospult.networks.registry import NETWORKS

    for code, word in [("telegram", "@BotFather"), ("max", "MAX для партнёров"), ("ok", "Получить ключ доступа")]:
        if code not in NETWORKS:
            monkeypatch.setitem(NETWORKS, code, NETWORKS["vk"])
        key = actions.invite(page=make_page(body=body, network=code), by=operator)
        shown = client.get(at("connect", key)).content.decode()
        assert word in shown
        assert "Чего не получит" in shown


def test_a_given_key_is_checked_and_never_shown(client, link):
    answer = client.post(link, {"token": TOKEN}, follow=True)
    shown = answer.content.decode()
    assert ("Проверяем ключ" in shown, TOKEN in shown, answer["Refresh"]) == (True, False, "5")
    assert TOKEN not in str(Invitation.objects.values().get())


def test_a_spoiled_key_is_told_beside_the_field_and_not_repeated(client, link):
    answer = client.post(link, {"token": "два слова"})
    shown = answer.content.decode()
    assert (answer.status_code, "посторонний знак" in shown, "два слова" in shown) == (422, True, False)
    assert "Refresh" not in answer


def test_what_the_network_refused_stands_above_the_field(client, link):
    Invitation.objects.update(problem="Этот ключ от другой страницы.")
    shown = client.get(link).content.decode()
    assert shown.index("Этот ключ от другой страницы.") < shown.index("Что получит Госпульт") < shown.index("<textarea")


@pytest.mark.parametrize(("network", "kind", "sees"), [("vk", "community", True), ("ok", "bot", False), ("telegram", "bot", True)])
def test_a_steward_is_promised_only_what_the_key_carries(client, body, operator, network, kind, sees):
    page = make_page(body=body, network=network)
    link = at("connect", actions.invite(page=page, by=operator))
    make_connection(page, tokens={kind: "t"})
    Invitation.objects.update(connected_at=timezone.now())
    shown = client.get(link).content.decode()
    assert ("Видим комментарии" in shown, "только личные сообщения" in shown) == (sees, not sees)


def test_a_used_link_says_that_all_is_done_and_takes_no_second_key(client, link, page):
    make_connection(page, mode="copy")
    Invitation.objects.update(connected_at=timezone.now())
    shown = client.get(link).content.decode()
    assert "Страница подключена" in shown
    assert "<textarea" not in shown
    client.post(link, {"token": TOKEN})
    assert not page.token_set.exclude(kind="community").exists()
    assert Invitation.objects.get().given_at is None


@pytest.mark.parametrize("key", ["x", "x" * 40, "%00" * 40])
def test_a_link_that_never_was_is_a_404_in_a_sentence(client, key):
    for answer in (client.get(f"/connect/{key}/"), client.post(f"/connect/{key}/", {"token": TOKEN})):
        assert answer.status_code == 404
        assert "Такой ссылки нет" in answer.content.decode()


def test_an_expired_link_says_so(client, link):
    Invitation.objects.update(expires_at=timezone.now())
    answer = client.get(link)
    assert (answer.status_code, "Срок ссылки вышел" in answer.content.decode()) == (404, True)


def test_seven_thousand_pages_are_counted_and_shown_with_few_queries(boss, body, django_assert_max_num_queries):
    for _ in range(60):
        make_page(body=body)
    with django_assert_max_num_queries(16):
        assert boss.get(at("progress")).status_code == 200
