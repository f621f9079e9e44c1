"""`gospult score` as it is called: one JSON value on stdout, words on stderr, a refusal in one line."""

import json

import pytest

from gospult.cli import face

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
