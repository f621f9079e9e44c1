"""A real export of a region, where it lies beside the checkout: figures known from its description."""

from pathlib import Path

import pytest

from gospult.registry import actions
from gospult.registry.models import Body, Page
from gospult.registry.testing import make_export, make_ogrn

FOLDER = Path(__file__).resolve().parents[4] / "shared" / "data" / "registry"
MAY, JUNE = FOLDER / "amur-2024-05.xlsx", FOLDER / "amur-2024-06.xlsx"
real = pytest.mark.skipif(not MAY.exists(), reason="the real export is not beside this checkout")

pytestmark = pytest.mark.django_db


def load(file):
    return actions.import_registry(file=file, by=None)


@real
def test_a_real_export_comes_in_whole_and_once():
    first, again = load(MAY), load(MAY)
    assert [first.counts[key] for key in ("rows", "bodies", "pages", "exempt", "created")] == [1547, 1547, 1201, 274, 1547]
    assert (again.counts["created"], again.counts["changed"]) == (0, 0)
    assert (Body.objects.present().count(), Page.objects.count()) == (1547, 1201)


@real
def test_each_oddity_of_a_real_export_is_named():
    said = load(MAY).as_json()["problems"]
    known = {"address_zero": 107, "address_without_id": 3, "address_shared": 6, "ground_with_address": 41, "level_blank": 16, "id_missing": 16}
    assert {kind: said.get(kind) for kind in known} == known


@real
def test_a_real_partial_export_sends_thirteen_pages_to_review_and_is_undone():
    load(MAY)
    before = sorted(Page.objects.values_list())
    june = load(JUNE)
    assert (june.partial, june.counts["gone_bodies"], june.counts["gone_pages"]) == (True, 359, 13)
    assert not Body.objects.filter(gone_at__isnull=False).exists()
    actions.undo_import(imported=june.imported, by=None)
    assert sorted(Page.objects.values_list()) == before


@real
def test_a_real_registry_goes_out_and_comes_back():
    load(MAY)
    back = load(actions.export_registry(by=None))
    assert [back.counts[key] for key in ("bodies", "pages", "created", "changed")] == [1547, 1201, 0, 0]


def test_a_large_registry_needs_few_queries(django_assert_max_num_queries):
    rows = [
        {"level": "МО", "founder": "Озёрский", "name": f"Школа {n}", "ogrn": make_ogrn(n), "page_id": 300000000 + n, "url": f"https://vk.com/s{n}"}
        for n in range(2000)
    ]
    with django_assert_max_num_queries(60):
        load(make_export(rows))
