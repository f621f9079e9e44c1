"""`gospult score` as it is called: one JSON value on stdout, words on stderr, a refusal in one line."""

import json
from datetime import date

import pytest

from gospult.cli import face
from gospult.registry.testing import make_body, make_page, make_territory
from gospult.scores.testing import make_month

HEAD = "month,pages,cards,regular_pages,views,likes,comments,reposts,factor\n"


@pytest.fixture
def run(capsys):
    for module in face.COMMANDS:
        __import__(f"gospult.cli.{module}")

    def run(*words):
        capsys.readouterr()
        code = face._run(words)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_compute_prints_the_components_and_the_total_of_each_month(run, tmp_path):
    file = tmp_path / "months.csv"
    file.write_text(HEAD + "2026-06,64,0,49,686412,21990,647,1423,1.00\n2026-07,64,0,49,0,0,0,0,0.5\n", encoding="utf-8")

    code, out, err = run("score", "compute", "--method", "chelyabinsk-61-2026", "--inputs", str(file), "--json")

    assert code == 0, err
    assert json.loads(out) == [
        {"month": "2026-06", "p31": 0.0, "p32": 76.56, "p33": 97.37, "total": 86.97},
        {"month": "2026-07", "p31": None, "p32": 76.56, "p33": None, "total": None},
    ]
    assert "не подтверждено" in err


def test_a_bad_table_and_an_unknown_method_are_refused_in_one_line(run, tmp_path):
    file = tmp_path / "months.csv"
    file.write_text(HEAD + "2026-06,64,0,x,686412,21990,647,1423,1.00\n", encoding="utf-8")

    for method, said in (("chelyabinsk-61-2026", "regular_pages: «x» — не число"), ("no-such", "Методики «no-such» нет")):
        code, out, err = run("score", "compute", "--method", method, "--inputs", str(file))
        assert (code, out) == (1, "")
        assert said in err
        assert len(err.splitlines()) == 1


@pytest.fixture
def page(db):
    page = make_page(body=make_body(territory=make_territory(name="Сосновый МО")), handle="school_9")
    make_month(page, date(2026, 6, 1), (3, 1), marks={"avatar": True, "description": True, "cover": False})
    return page


def test_a_month_is_counted_and_every_score_printed(run, page):
    code, out, err = run("score", "--method", "chelyabinsk-61-2026", "--month", "2026-06", "--json")

    assert code == 0, err
    assert [(row["name"], row["total"], row["p32"], row["kind"]) for row in json.loads(out)] == [("Сосновый МО", 50.0, 0.0, "computed")]
    assert "баллов 1, из них подтверждено 1" in err


def test_explain_says_what_each_mending_gives_the_page_and_its_municipality(run, page):
    code, out, _ = run("score", "explain", "vk.com/school_9", "--month", "2026-06", "--json")
    told = json.loads(out)

    assert (code, told["total"]) == (0, 59.0)
    assert [part["title"] for part in told["parts"]][:2] == ["Госметка", "Подключение"]
    assert {"what": "поставить обложку", "points": 10.0} in told["gains"]
    assert told["municipality"][0]["points"] == 50.0


def test_a_sheet_is_printed_as_a_sheet(run, page):
    page.months.update(parts=[[1, 10, 2, 3, 100]] * 4 + [[0, 0, 0, 0, 0]])

    _, out, _ = run("score", "--method", "orenburg-monthly", "--month", "2026-06", "--json")

    posts = json.loads(out)[0]["rows"][0]
    assert (posts["title"], posts["parts"], posts["four"], posts["mean"], posts["month"]) == ("записей", [1, 1, 1, 1, 0], 4, 1.0, 4)


def test_official_results_are_imported_with_their_misses_listed(run, page, tmp_path):
    file = tmp_path / "official.csv"
    file.write_text("period,municipality,gov_publics_pct\n2026-06,Сосновый МО,86.97\n2026-06,Нигде,1\n", encoding="utf-8")

    code, out, _ = run("score", "official", "import", str(file), "--json")

    assert code == 1
    assert json.loads(out) == {"rows": 2, "created": 1, "changed": 0, "unchanged": 0, "misses": ["Нигде"]}


@pytest.mark.parametrize("words", [("score",), ("score", "--method", "traffic-light"), ("score", "--month", "2026-06")])
def test_without_method_or_month_the_usage_is_told(run, words):
    code, out, err = run(*words)

    assert (code, out) == (2, "")
    assert "Назовите методику" in err
