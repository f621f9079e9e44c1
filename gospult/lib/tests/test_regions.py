"""The files of a region."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from gospult.lib import regions

SCORES = Path(__file__).parents[3] / "../shared/data/scores/chelyabinsk-2026.csv"


@pytest.fixture(scope="module")
def region():
    return regions.load("chelyabinsk")


def test_the_demo_region_has_its_26_groups_and_43_municipalities(region):
    assert len({t.group for t in region.topics}) == 26
    assert len(region.topics) >= 150
    assert Counter(t.level for t in region.territories)["municipality"] == 43


@pytest.mark.skipif(not SCORES.exists(), reason="published scores are not here")
def test_municipalities_are_named_as_in_the_published_scores(region):
    with SCORES.open(encoding="utf-8") as file:
        published = {row["municipality"] for row in csv.DictReader(file)}
    assert {t.name for t in region.territories if t.level == "municipality"} == published


def test_codes_are_unique_and_every_reference_leads_somewhere(region):
    territories, bodies = {t.code for t in region.territories}, {b.code for b in region.bodies}
    topics, groups, spheres = {t.code for t in region.topics}, {t.group for t in region.topics}, {s.code for s in region.spheres}
    for rows in (region.territories, region.bodies, region.topics, region.spheres, region.templates):
        assert len({r.code for r in rows}) == len(rows)
    assert {t.parent for t in region.territories} <= territories | {""}
    assert {s.territory for s in region.streets} <= territories
    assert {t.sphere for t in region.topics} | {b.sphere for b in region.bodies} <= spheres | {""}
    assert {b.territory for b in region.bodies} <= territories
    assert {b.parent for b in region.bodies} <= bodies | {""}
    assert {r.body for r in region.rules} <= bodies
    assert {r.territory for r in region.rules} <= territories | {""}
    assert {r.topic for r in region.rules} <= topics | {""}
    assert {r.group for r in region.rules} <= groups | {""}


def test_invented_numbers_have_a_right_check_digit_and_an_impossible_inspection(region):
    for body in region.bodies:
        assert len(body.ogrn) == 13
        assert body.ogrn.startswith("1267499")
        assert int(body.ogrn[:12]) % 11 % 10 == int(body.ogrn[12])
    assert len({b.ogrn for b in region.bodies}) == len(region.bodies)


def test_every_invented_body_says_that_it_is_a_demo(region):
    assert all("(демо)" in body.name for body in region.bodies)


def test_an_unknown_region_is_refused_in_russian():
    with pytest.raises(regions.RegionError, match="Нет папки региона"):
        regions.load("nowhere")


def test_a_broken_line_is_named(tmp_path):
    folder = tmp_path / "x"
    folder.mkdir()
    (folder / "region.json").write_text("{}")
    (folder / "territories.csv").write_text(
        "code,parent,level,name,short_name,oktmo,population,population_date,timezone,aliases,weak\n1,,region,Край,,,много,,,,\n", encoding="utf-8"
    )
    with pytest.raises(regions.RegionError, match=r"Строка 2 файла territories\.csv"):
        regions.load("x", tmp_path)


def test_a_missing_column_is_named(tmp_path):
    folder = tmp_path / "x"
    folder.mkdir()
    (folder / "region.json").write_text("{}")
    (folder / "territories.csv").write_text("code,parent\n1,\n", encoding="utf-8")
    with pytest.raises(regions.RegionError, match="нет столбца «level»"):
        regions.load("x", tmp_path)
