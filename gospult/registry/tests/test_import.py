"""What an import does to the registry, and how it is taken back."""

import pytest

from gospult.accounts.models import Journal
from gospult.lib.errors import Refused
from gospult.registry import actions
from gospult.registry.importing import read
from gospult.registry.models import (
    Body,
    BodySphere,
    Exemption,
    ImportChange,
    Page,
    PageBody,
    PageHandle,
    RegistryImport,
    Sphere,
    Territory,
)
from gospult.registry.testing import make_body, make_export, make_ogrn, make_page, make_person, make_territory

pytestmark = pytest.mark.django_db

TABLES = (Territory, Sphere, Body, BodySphere, Page, PageBody, PageHandle, Exemption)


def row(number, **changes):
    said = {
        "level": "МО",
        "founder": "Озёрский",
        "name": f"Школа № {number}",
        "ogrn": make_ogrn(number),
        "sphere_1": "Школы",
        "status": "активный",
        "page_id": 217000000 + number,
        "url": f"https://vk.com/school_{number}",
    }
    return {**said, **changes}


def without_page(number, **changes):
    return row(number, **{"url": "", "page_id": "", "ground": "Распоряжение № 5", **changes})


def load(*rows, **kwargs):
    return actions.import_registry(file=make_export(list(rows)), by=None, **kwargs)


def sort(result):
    return tuple(result.counts[key] for key in ("created", "changed", "unchanged"))


def everything():
    found = {model.__name__: sorted(model.objects.values_list(), key=lambda r: r[0]) for model in TABLES}
    found["BodySphere"] = sorted(cells[1:] for cells in found["BodySphere"])  # places in a list have no life of their own
    return found


FULL = (row(1), row(2, level="Министерство", founder="Министерство образования"), without_page(3))


def test_an_import_fills_the_registry():
    result = load(*FULL)
    assert result.counts["bodies"] == 3
    school = Body.objects.get(ogrn=make_ogrn(1))
    assert (school.founder_territory.name, school.territory.name, school.parent) == ("Озёрский", "Озёрский", None)
    assert Body.objects.get(ogrn=make_ogrn(2)).parent.name == "Министерство образования"
    assert Page.objects.get(external_id="217000001").handle == "school_1"
    assert Exemption.objects.get().body.ogrn == make_ogrn(3)
    assert Journal.objects.filter(verb="registry.imported").count() == 1


def test_founders_are_no_bodies_of_the_registry():
    load(*FULL)
    assert Body.objects.present().count() == 3
    assert Body.objects.get(name="Министерство образования").listed is False


def test_the_same_file_again_changes_nothing():
    load(*FULL)
    before = everything()
    assert sort(load(*FULL)) == (0, 0, 3)
    assert everything() == before


def test_created_changed_and_unchanged_are_the_rows_that_name_a_body():
    load(row(1), row(2))
    result = load(row(1), row(2, status="визитка"), row(4), row(4, url="https://vk.com/second", page_id=217000044), row(5, name=""))
    assert sort(result) == (2, 1, 1)
    assert result.counts["rows"] == 5


def test_a_dry_run_tells_the_same_and_writes_nothing():
    load(*FULL)
    before = everything()
    dry = load(row(1, status="визитка"), row(9), dry_run=True)
    assert (everything(), RegistryImport.objects.count()) == (before, 1)
    assert load(row(1, status="визитка"), row(9)).counts == dry.counts


def test_the_json_has_the_keys_that_scripts_rely_on():
    said = load(row(1), row(2, url="0", page_id=0)).as_json()
    keys = "rows bodies pages exempt created changed unchanged gone_bodies gone_pages partial_export problems problem_rows import"
    assert set(said) == set(keys.split())
    assert (said["problems"], said["problem_rows"]) == ({"address_zero": 1}, {"address_zero": [3]})


def test_bodies_absent_from_a_partial_export_stay_and_absent_pages_go_to_review():
    load(*FULL)
    result = load(row(1))
    assert (result.partial, result.counts["gone_bodies"], result.counts["gone_pages"]) == (True, 2, 1)
    assert not Body.objects.filter(gone_at__isnull=False).exists()
    assert Page.objects.get(external_id="217000002").state == "under_review"


def test_bodies_absent_from_a_full_export_are_marked_as_gone():
    load(*FULL)
    result = load(row(1), without_page(3))
    assert (result.partial, result.counts["gone_bodies"]) == (False, 1)
    assert Body.objects.get(gone_at__isnull=False).ogrn == make_ogrn(2)


def test_a_page_that_comes_back_leaves_review():
    load(*FULL)
    load(row(1))
    load(*FULL)
    assert set(Page.objects.values_list("state", "review_reason")) == {("published", "")}


def test_what_people_entered_by_hand_is_never_gone():
    mine = make_page(body=make_body())
    load(without_page(1), row(2))
    mine.refresh_from_db()
    assert (mine.state, Body.objects.filter(gone_at__isnull=False).exists()) == ("published", False)


def test_an_export_of_one_municipality_cannot_empty_the_registry():
    load(without_page(0), *[row(n) for n in range(1, 61)])
    with pytest.raises(Refused, match="не по всему региону"):
        load(without_page(0), row(1))


def test_a_blank_cell_wipes_nothing_but_a_ground():
    load(row(1, members=500, has_mark="да"), without_page(3))
    load(row(1, status="", level="", sphere_1="", members="", has_mark=""), without_page(3, ground=""))
    school, page = Body.objects.get(ogrn=make_ogrn(1)), Page.objects.get()
    assert (school.status, school.level, school.spheres.count()) == ("active", "МО", 1)
    assert (page.members, page.has_mark) == (500, True)
    assert not Exemption.objects.filter(ended_at__isnull=True).exists()


def test_a_ground_entered_by_a_person_survives_a_silent_export(operator):
    load(row(1), without_page(3, ground=""))
    actions.exempt(body=Body.objects.get(ogrn=make_ogrn(3)), ground="Закрыта на ремонт", by=operator)
    load(row(1), without_page(3, ground=""))
    assert Exemption.objects.get(ended_at__isnull=True).ground == "Закрыта на ремонт"


def test_a_renamed_body_is_known_by_its_ogrn():
    load(row(1))
    assert sort(load(row(1, name="Лицей № 1"))) == (0, 1, 0)
    assert Body.objects.get(ogrn=make_ogrn(1)).name == "Лицей № 1"


def test_bodies_without_an_ogrn_are_known_by_name_and_founder():
    rows = [row(1, ogrn="", name="Сельсовет"), row(2, ogrn="", name="Сельсовет", founder="Горный")]
    load(*rows)
    assert sort(load(*rows)) == (0, 0, 2)
    assert Body.objects.present().count() == 2


def test_branches_that_share_an_ogrn_stay_apart():
    rows = [row(1), row(2, ogrn=make_ogrn(1), name="Филиал")]
    load(*rows)
    assert sort(load(*rows)) == (0, 0, 2)


def test_a_body_that_is_its_own_founder_hangs_under_nobody():
    rows = [
        row(1, level="Регион", name="ПРАВИТЕЛЬСТВО ОБЛАСТИ", founder="Правительство области"),
        row(2, level="Регион", founder="Правительство области"),
    ]
    load(*rows)
    top = Body.objects.get(ogrn=make_ogrn(1))
    assert (top.parent, Body.objects.get(ogrn=make_ogrn(2)).parent) == (None, top)
    assert sort(load(*rows)) == (0, 0, 2)


def test_bodies_that_name_each_other_as_founders_make_no_circle():
    rows = [row(1, level="Ведомство", name="Первое", founder="Второе"), row(2, level="Ведомство", name="Второе", founder="Первое")]
    load(*rows)
    assert Body.objects.exclude(path="").count() == 2
    assert sort(load(*rows)) == (0, 0, 2)


def test_a_founder_corrected_by_hand_stays():
    load(row(1, level="Министерство", founder="Минобр"), without_page(3))
    right = make_body(name="Министерство образования и науки")
    Body.objects.filter(ogrn=make_ogrn(1)).update(parent=right)
    load(row(1, level="Министерство", founder="Минобр"), without_page(3))
    assert Body.objects.get(ogrn=make_ogrn(1)).parent == right


def test_a_municipality_of_the_region_is_found_without_its_kind():
    place = make_territory(name="Озёрский муниципальный округ")
    make_territory(name="Озёрск")
    load(row(1))
    assert Body.objects.get(ogrn=make_ogrn(1)).territory == place


def test_a_page_that_got_an_id_is_the_same_page():
    load(row(1, page_id=""))
    assert sort(load(row(1))) == (0, 1, 0)
    assert Page.objects.get().external_id == "217000001"


def test_a_new_handle_is_remembered_with_the_old_one():
    load(row(1))
    load(row(1, url="https://vk.com/lyceum_1"))
    assert Page.objects.get().handle == "lyceum_1"
    assert [(h.handle, h.until is None) for h in PageHandle.objects.order_by("id")] == [("school_1", False), ("lyceum_1", True)]


def test_two_pages_may_swap_their_handles():
    load(row(1), row(2))
    load(row(1, url="https://vk.com/school_2"), row(2, url="https://vk.com/school_1"))
    assert dict(Page.objects.values_list("external_id", "handle")) == {"217000001": "school_2", "217000002": "school_1"}


def test_a_shared_page_has_one_owner():
    load(row(1), row(2, url="https://vk.com/school_1", page_id=""))
    assert sorted(PageBody.objects.values_list("body__ogrn", "shared")) == [(make_ogrn(1), False), (make_ogrn(2), True)]


def test_a_page_handed_over_belongs_to_the_new_body_only():
    load(row(1), row(2))
    load(row(1), without_page(2), row(3, url="https://vk.com/school_2", page_id=217000002))
    assert PageBody.objects.get(page__external_id="217000002").body.ogrn == make_ogrn(3)


def test_a_new_sphere_is_named_once_spheres_are_known():
    assert "sphere_unknown" not in load(row(1)).problems
    assert load(row(1, sphere_2="Космос")).problems.rows_of("sphere_unknown") == [2]


def test_nothing_of_a_row_is_lost():
    load(row(1, members="очень много"))
    assert Body.objects.get(ogrn=make_ogrn(1)).raw["members"] == "очень много"


# Undo


def test_undo_restores_the_registry_exactly():
    load(*FULL)
    before = everything()
    changes = [row(1, status="визитка", name="Лицей", sphere_2="Спорт", url="https://vk.com/lyceum"), without_page(3, ground="Ликвидация"), row(4)]
    second = load(*changes, row(2, url="https://vk.com/school_1", page_id=217000009))
    assert everything() != before
    actions.undo_import(imported=second.imported, by=None)
    assert everything() == before


def test_undo_of_the_first_import_leaves_nothing():
    actions.undo_import(imported=load(*FULL).imported, by=None)
    assert not any(model.objects.exists() for model in TABLES)


def test_undo_refuses_when_a_person_has_worked_on_what_was_imported():
    first = load(row(1))
    Page.objects.update(name="Лучшая школа")
    with pytest.raises(Refused, match="Лучшая школа"):
        actions.undo_import(imported=first.imported, by=None)
    assert Body.objects.present().count() == 1


def test_undo_refuses_when_an_empty_field_was_filled_meanwhile():
    first = load(row(1))
    Body.objects.filter(ogrn=make_ogrn(1)).update(contact_phone="+7 000")
    with pytest.raises(Refused, match="Школа № 1"):
        actions.undo_import(imported=first.imported, by=None)


def test_undo_refuses_when_a_steward_keeps_an_imported_page():
    first = load(row(1))
    make_person(page=Page.objects.get())
    with pytest.raises(Refused, match="администраторы страниц"):
        actions.undo_import(imported=first.imported, by=None)


def test_undo_goes_from_the_last_import_backwards():
    first = load(row(1))
    second = load(row(1), row(2))
    with pytest.raises(Refused, match=f"№ {second.imported.pk}"):
        actions.undo_import(imported=first.imported, by=None)
    actions.undo_import(imported=second.imported, by=None)
    actions.undo_import(imported=first.imported, by=None)
    assert not Body.objects.exists()


def test_an_import_is_undone_once():
    first = load(row(1))
    actions.undo_import(imported=first.imported, by=None)
    with pytest.raises(Refused, match="отменять нечего"):
        actions.undo_import(imported=first.imported.pk, by=None)


def test_every_created_row_is_in_the_change_list():
    load(*FULL)
    kept = {label: ImportChange.objects.filter(object_type=f"registry.{label}", action="created").count() for label in ("body", "page", "exemption")}
    assert kept == {"body": 4, "page": 2, "exemption": 1}


# Export


def test_an_export_comes_back_without_a_change():
    load(*FULL, row(5, url="https://vk.com/school_1", page_id=""), row(1, url="https://vk.com/second", page_id=217000077, members=5, has_mark="нет"))
    make_page(body=make_body(name="Своя", ogrn=make_ogrn(8), parent=make_body(name="Свой учредитель"), level="Ведомство", status="card"))
    load(row(1), row(2, level="Министерство", founder="Министерство образования"))
    before = everything()
    result = actions.import_registry(file=actions.export_registry(by=None), by=None)
    assert (sort(result)[:2], result.counts["gone_pages"], result.counts["gone_bodies"]) == ((0, 0), 0, 0)
    assert [r[:2] for r in everything()["Page"]] == [r[:2] for r in before["Page"]]


def test_an_exported_text_is_never_a_formula():
    make_body(name='=HYPERLINK("http://x.example")', ogrn=make_ogrn(1), level="МО", founder_name="+1")
    [found] = read(actions.export_registry(by=None)).rows
    assert (found.name, found.founder) == ('=HYPERLINK("http://x.example")', "+1")


def test_an_export_that_cannot_be_written_is_refused(tmp_path):
    with pytest.raises(Refused, match="не записывается"):
        actions.export_registry(by=None, path=tmp_path / "нет" / "out.xlsx")


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(Refused, match="не открывается"):
        actions.import_registry(file=tmp_path / "нет.xlsx", by=None)
