"""`audience` and `audience build --pairs` from the command line, in this process."""

import json
from pathlib import Path

import pytest

from gospult.audience.models import Build
from gospult.registry.testing import make_body, make_page, make_sphere, make_territory
from tests.test_commands import Run, refused
from tests.test_commands import run as run  # the fixture

pytestmark = pytest.mark.django_db
PEOPLE = 400


@pytest.fixture
def file(settings, tmp_path: Path) -> Path:
    """A region with two pages of one municipality, and the pairs of both: 100 of 700 people follow both."""
    settings.HOME = tmp_path
    town = make_territory(name="Миасс", parent=make_territory(name="Область", level="region", population=1_400))
    body = make_body(territory=town, spheres=[make_sphere(name="Школы")])
    pages = [make_page(body=body) for _ in range(2)]
    rows = [f"{page.handle},{number * 300 + who}" for number, page in enumerate(pages) for who in range(PEOPLE)]
    path = tmp_path / "pairs.csv"
    path.write_text("page,person\n" + "\n".join(rows))
    return path


def test_before_the_first_build_there_is_nothing_and_the_code_says_so(run: Run, file: Path) -> None:
    code, out, err = run("audience", "--json")
    assert (code, err) == (1, "")
    assert (json.loads(out)["as_of"], json.loads(out)["note"]) == (None, "Аудиторию ещё не считали.")


def test_a_file_is_counted_and_the_figures_are_told(run: Run, file: Path) -> None:
    code, out, err = run("audience", "build", "--pairs", str(file), "--json")
    assert code == 0
    assert "ключом" in err
    told = json.loads(out)
    assert (told["pages"], told["of"], told["pairs"]) == (2, 2, 2 * PEOPLE)

    code, out, err = run("audience", "--territory", "миасс", "--sphere", "школы", "--network", "vk", "--json")
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert (told["people"], told["subscriptions"], told["pages"], told["read"]) == (700, 800, 2, 2)
    assert told["coverage"] == {"pages": 2, "listed": 2, "read": 2, "unread": 0}
    assert told["networks"]["vk"]["people"] == 700

    code, out, _ = run("audience")
    assert code == 0
    assert "people: 700\n" in out
    assert "share_from: 50.0\n" in out


def test_pages_that_are_not_in_the_file_are_in_the_coverage(run: Run, file: Path) -> None:
    make_page(network="telegram")
    make_page()
    run("audience", "build", "--pairs", str(file))
    told = json.loads(run("audience", "--json")[1])
    assert told["coverage"] == {"pages": 4, "listed": 3, "read": 2, "unread": 0}


def test_a_network_without_counts_is_not_known_and_never_zero(run: Run, file: Path) -> None:
    run("audience", "build", "--pairs", str(file))
    told = json.loads(run("audience", "--network", "ok", "--json")[1])
    assert (told["people"], told["subscriptions"], told["networks"]) == (None, None, {})


def test_what_is_not_there_is_said_in_one_line(run: Run, file: Path) -> None:
    make_territory(name="Миасс")
    assert refused(run("audience", "--territory", "Нигде"), "Территории «Нигде» нет")
    assert refused(run("audience", "--territory", "Миасс"), "«Миасс» — не одна: назовите код")
    assert refused(run("audience", "--sphere", "Космос"), "Сферы «Космос» нет")
    assert refused(run("audience", "--network", "myspace"), "Сети «myspace» нет")
    assert refused(run("audience", "--size", "1"), "Неизвестный ключ --size", code=2)
    assert refused(run("audience", "rebuild"), "Неизвестная команда «rebuild»", code=2)


def test_without_territories_the_command_says_what_to_do(run: Run) -> None:
    assert refused(run("audience"), "сначала загрузите регион")


def test_a_file_that_cannot_be_counted_is_refused_and_the_former_counting_stays(run: Run, file: Path) -> None:
    run("audience", "build", "--pairs", str(file))
    former = Build.objects.done().get()
    text, strange, empty = file.with_suffix(".txt"), file.with_name("strange.csv"), file.with_name("empty.csv")
    text.write_text("page,person\n")
    strange.write_text("a,b\n1,2\n")
    empty.write_text("page,person\n")
    torn = file.with_suffix(".parquet")
    torn.write_bytes(b"PAR1")
    assert refused(run("audience", "build"), "Не хватает --pairs", code=2)
    assert refused(run("audience", "build", "--pairs", "нет.csv"), "Нет файла «нет.csv»", code=2)
    assert refused(run("audience", "build", "--pairs", str(text)), ".parquet или .csv")
    assert refused(run("audience", "build", "--pairs", str(strange)), "столбцы page и person")
    assert refused(run("audience", "build", "--pairs", str(torn)), "столбцы page и person")
    assert refused(run("audience", "build", "--pairs", str(empty)), "нет в реестре")
    assert refused(run("audience", "build", "--pairs", str(file), "--network", "ok"), "нет в реестре")
    assert refused(run("audience", "build", "--pairs", str(file), "--network", "myspace"), "Сети «myspace» нет")
    assert list(Build.objects.done()) == [former]
    assert not Build.objects.filter(unfinished=True).exists()


def test_a_counting_that_is_under_way_is_not_disturbed(run: Run, file: Path) -> None:
    Build.objects.create()
    assert refused(run("audience", "build", "--pairs", str(file)), "уже идёт")
    assert Build.objects.get().state == Build.State.WAITING
