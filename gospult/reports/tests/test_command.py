import json

import pytest
from click.testing import CliRunner
from django.utils import timezone

from gospult.accounts.models import Journal
from gospult.cli import face, reporting  # noqa: F401  (the command enrols itself)
from gospult.registry.testing import make_body, make_page, make_territory
from gospult.reports.testing import make_month

pytestmark = pytest.mark.django_db
MONTH = "2026-01"


@pytest.fixture
def world():
    for name in ("Миасский ГО", "Троицкий МО"):
        make_month(make_page(body=make_body(territory=make_territory(name=name))), timezone.datetime(2026, 1, 1).date())


def run(*words):
    return CliRunner().invoke(face.gospult, ["report", *words])


def test_json_goes_to_stdout(world):
    found = json.loads(run("month", "--from", "2026-01-15").stdout)
    assert (found["period_title"], found["figures"][0]["value"]) == ("январь 2026 года", 2)
    assert Journal.objects.filter(verb="report_exported").exists()


def test_a_place_is_named_by_a_word(world):
    assert json.loads(run("month", "--from", "2026-01-15", "--territory", "миасс").stdout)["figures"][0]["value"] == 1


def test_a_file_is_written(world, tmp_path):
    path = tmp_path / "report.pdf"
    assert run("period", "--from", "2026-01-01", "--to", "2026-01-31", "--format", "pdf", "--out", str(path)).exit_code == 0
    assert path.read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["period"], "первый и последний день"),
        (["month", "--territory", "Нигде"], "«Нигде» нет"),
        (["month", "--territory", "й"], "нашлось несколько"),
    ],
)
def test_what_cannot_be_done_is_said(world, words, said):
    assert said in str(run(*words).exception or "") + run(*words).output
