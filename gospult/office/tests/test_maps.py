import json
from pathlib import Path

import pytest

from gospult.lib.regions import RegionError
from gospult.office import maps
from gospult.office.heat import shades

SHARED = Path(__file__).parents[4] / "shared" / "data" / "map"
SQUARE = [[[60.0, 55.0], [61.0, 55.0], [61.0, 56.0], [60.0, 56.0], [60.0, 55.0]]]
EAST = [[[61.0, 55.0], [62.0, 55.0], [62.0, 56.0], [61.0, 55.0]]]
DATA = {
    "type": "FeatureCollection",
    "features": [
        {"properties": {"name": "Примерный район"}, "geometry": {"type": "Polygon", "coordinates": SQUARE}},
        {"properties": {"district": "Озёрный городской округ"}, "geometry": {"type": "MultiPolygon", "coordinates": [EAST, SQUARE]}},
    ],
}


def test_areas_become_paths_of_one_scale():
    made = maps.drawn(DATA, width=100)
    assert [area.name for area in made.areas] == ["Примерный район", "Озёрный городской округ"]
    assert made.areas[0].path == "M0 88L50 88L50 0L0 0L0 88Z"
    assert made.areas[1].path.count("M") == 2
    assert 80 < made.height < 95  # a degree of longitude is shorter than one of latitude


def test_points_that_fall_together_are_one():
    crumbs = [[60 + n / 1e6, 55.5] for n in range(50)]
    data = {"features": [DATA["features"][0], {"properties": {"name": "Крошка"}, "geometry": {"type": "Polygon", "coordinates": [crumbs]}}]}
    assert maps.drawn(data, width=100).areas[1].path == ""


def test_names_are_matched_by_word_or_by_stem_and_misses_are_listed():
    found, strange, missing = maps.matched(
        ["Примерный район", "Озёрный городской округ", "Чебаркульский район", "Заморский край"],
        {"Примерный район": 1, "Озерный ГО": 2, "Чебаркульский ГО": 3, "Чебаркульский МО": 4, "Троицкий МО": 5},
    )
    assert found == {"Примерный район": 1, "Озёрный городской округ": 2}
    assert strange == ["Чебаркульский район", "Заморский край"]  # two could be meant: nobody guesses
    assert missing == ["Троицкий МО", "Чебаркульский ГО", "Чебаркульский МО"]


def test_a_map_is_read_from_the_setting(settings, tmp_path):
    settings.MAP = str(tmp_path / "map.geojson")
    assert maps.region_map() is None
    Path(settings.MAP).write_text(json.dumps(DATA))
    assert len(maps.region_map().areas) == 2
    (tmp_path / "bad.geojson").write_text('{"features": [{}]}')
    settings.MAP = str(tmp_path / "bad.geojson")
    with pytest.raises(RegionError, match=r"bad\.geojson"):
        maps.region_map()


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared maps are not here")
@pytest.mark.parametrize("name", ["perm", "amur"])
def test_a_real_map_is_drawn(name):
    made = maps.drawn(json.loads((SHARED / f"{name}.geojson").read_text()))
    assert all(area.name and area.path.startswith("M") for area in made.areas)
    assert sum(len(area.path) for area in made.areas) < 150_000


def test_shades_are_places_among_the_others():
    assert shades([1, 2, 3, 4, 5, None]) == [0, 1, 2, 3, 4, None]
    assert shades([88, 88, None]) == [2, 2, None]
    assert shades([]) == []
    assert shades([2.481, 2.482, 9]) == [0, 0, 4]
