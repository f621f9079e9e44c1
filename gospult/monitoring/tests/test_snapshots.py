from datetime import date, timedelta

import pytest
from django.utils import timezone

from gospult.accounts.models import Journal
from gospult.exchange.models import Card
from gospult.lib.errors import Refused
from gospult.monitoring import actions
from gospult.monitoring.actions.snapshots import MOSCOW
from gospult.monitoring.models import Snapshot
from gospult.registry import actions as registry
from gospult.registry.models import Page, PageFacts, RegistryImport
from gospult.registry.testing import make_body, make_export, make_ogrn, make_page, make_person

pytestmark = pytest.mark.django_db(transaction=True)
FORM = "https://pos.gosuslugi.ru/form/?opaId=1&utm_source=vk&utm_medium=75&utm_campaign={}"


def card(page, *, read_at=None, **fields):
    at = read_at or timezone.now()
    defaults = {"name": page.name, "handle": page.handle, "members": 100, "read_at": at, "tried_at": at, **fields}
    return Card.objects.update_or_create(page=page, defaults=defaults)[0]


def export(*rows):
    return make_export(list(rows))


def row(number, **fields):
    return {
        "level": "МО", "founder": "Министерство", "name": f"Школа № {number}", "ogrn": make_ogrn(number), "status": "активный",
        "page_id": str(100 + number), "url": f"https://vk.com/club{100 + number}", "members": 10 * number, "has_mark": "да", **fields,
    }  # fmt: skip


def test_a_read_card_becomes_the_days_snapshot_and_a_later_reading_renews_it(page):
    card(page, raw={"name": page.name, "description": "Пишите нам", "photo_200": "x", "menu": {"items": [{"url": FORM.format(make_ogrn(5))}]}})
    assert actions.take_cards() == 1
    assert actions.take_cards() == 0
    first = Snapshot.objects.get()
    assert (first.source, first.members, first.widgets, first.marks["description"], first.marks["cover"]) == ("card", 100, 1, True, False)
    assert (first.gone, first.has_mark, first.design) == (False, None, None)
    card(page, members=120, comments_open=False)
    assert actions.take_cards() == 1
    assert (Snapshot.objects.get().members, Snapshot.objects.get().comments_open) == (120, False)


def test_the_next_day_is_a_row_of_its_own_and_the_day_is_moscows(page):
    night = timezone.now().astimezone(MOSCOW).replace(hour=0, minute=30)
    card(page, read_at=night - timedelta(hours=1), members=1)
    actions.take_cards()
    card(page, read_at=night, members=2)
    actions.take_cards()
    assert list(Snapshot.objects.order_by("date").values_list("date", "members")) == [(night.date() - timedelta(days=1), 1), (night.date(), 2)]


def test_a_page_that_is_gone_is_told_with_nothing_else(page):
    card(page, gone=True, fault="gone")
    actions.take_cards()
    found = Snapshot.objects.get()
    assert (found.gone, found.members, found.marks, found.widgets) == (True, None, {}, None)


def test_links_with_the_ogrn_of_another_body_are_no_valid_widgets():
    page = make_page(body=make_body(ogrn=make_ogrn(7)))
    card(page, raw={"menu": {"items": [{"url": FORM.format(make_ogrn(8))}]}})
    actions.take_cards()
    assert Snapshot.objects.get().widgets == 0


def test_of_a_card_of_which_nothing_is_kept_looks_and_links_are_not_known(page):
    card(page, members=140, raw={})
    actions.take_cards()
    row = Snapshot.objects.get(page=page)
    assert (row.members, row.widgets, row.marks) == (140, None, {})


def test_an_import_becomes_snapshots_of_its_date_once():
    registry.import_registry(file=export(row(1, has_mark="нет", widgets=2, design=85), row(2, members="")), by=None, day=date(2026, 5, 31))
    assert (actions.take_imports(), actions.take_imports()) == (1, 0)
    first, second = Snapshot.objects.order_by("page__external_id")
    assert (first.date, first.source, first.members, first.has_mark, first.widgets, first.design) == (date(2026, 5, 31), "export", 10, False, 2, 85)
    assert (second.members, second.has_mark, second.status) == (None, True, "active")


def test_an_older_export_tells_history_and_changes_nothing():
    registry.import_registry(file=export(row(1), row(2)), by=None, day=date(2026, 5, 31))
    pages = list(Page.objects.values())
    result = registry.import_registry(file=export(row(1, members=3, has_mark="нет"), row(9)), by=None, day=date(2025, 5, 31)).as_json()
    assert list(Page.objects.values()) == pages
    assert (result["created"], result["changed"], result["gone_pages"], result["historic_pages"]) == (0, 0, 0, 1)
    actions.take_imports()
    assert list(Snapshot.objects.filter(page__external_id="101").order_by("date").values_list("date__year", "members")) == [(2025, 3), (2026, 10)]


def test_an_undone_import_takes_its_snapshots_back_and_the_one_before_speaks_again():
    registry.import_registry(file=export(row(1)), by=None)
    actions.take_imports()
    second = registry.import_registry(file=export(row(1, members=77)), by=None).imported
    actions.take_imports()
    assert Snapshot.objects.get().members == 77
    registry.undo_import(imported=second, by=None)
    actions.take_imports()
    assert Snapshot.objects.get().members == 10


def test_a_page_of_several_bodies_has_the_strongest_status():
    registry.import_registry(file=export(row(1, status="визитка"), row(2, page_id="101", url="https://vk.com/club101")), by=None)
    assert PageFacts.objects.get().status == "active"


def test_an_export_of_tomorrow_is_refused():
    with pytest.raises(Refused, match="не наступила"):
        registry.import_registry(file=export(row(1)), by=None, day=timezone.localdate() + timedelta(days=1))
    assert not RegistryImport.objects.exists()


def test_a_person_confirms_the_mark_with_a_date(page, operator):
    day = timezone.localdate() - timedelta(days=2)
    actions.confirm(page=page, day=day, has_mark=True, connected=None, by=operator)
    actions.confirm(page=page, day=day, has_mark=None, connected=False, by=operator)
    found = Snapshot.objects.get()
    assert (found.source, found.date, found.has_mark, found.connected, found.members) == ("person", day, True, False, None)
    assert Journal.objects.filter(verb="monitoring.confirmed").count() == 2
    for wrong in ({"day": timezone.localdate() + timedelta(days=1), "has_mark": True}, {"day": day, "has_mark": None}):
        with pytest.raises(Refused):
            actions.confirm(page=page, connected=None, by=operator, **wrong)


def test_snapshots_of_a_strange_page_are_not_seen(page, stranger, operator):
    card(page)
    actions.take_cards()
    assert Snapshot.objects.visible_to(operator).count() == 1
    assert not Snapshot.objects.visible_to(stranger).exists()
    assert not Snapshot.objects.visible_to(make_person()).exists()
