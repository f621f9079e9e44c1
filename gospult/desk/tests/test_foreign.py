"""«Инцидент Менеджмент» and ПОС: one row of theirs, one message of ours, one answer."""

import csv
import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from gospult.accounts.models import Journal
from gospult.desk import actions, layouts, links
from gospult.desk.models import Answer, Case, Foreign, ForeignImport
from gospult.desk.queries import clocks_of
from gospult.desk.testing import make_answer, make_case
from gospult.exchange.testing import make_connection
from gospult.lib.errors import Refused

HEADER = [
    "Номер инцидента",
    "Дата создания",
    "Дата окончания",
    "Группа тем",
    "Тема",
    "Муниципалитет",
    "Текст инцидента",
    "Итог",
    "Ссылка на сообщение",
    "Дата ответа",
]
TEXT = "Во дворе дома третью неделю не вывозят мусор, контейнеры переполнены, крысы"


def export(*rows, header=HEADER):
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows([header, *rows])
    return out.getvalue().encode()


def line(number="6500001", text=TEXT, *, link="", answered=None, outcome="", created=None):
    at = timezone.localtime(created or timezone.now())
    when = timezone.localtime(answered).strftime("%d.%m.%Y %H:%M:%S") if answered else ""
    return [number, at.strftime("%d.%m.%Y %H:%M:%S"), when, "ЖКХ", "Вывоз мусора", "Челябинск", text, outcome, link, when]


def take(tmp_path, *rows, system="im", header=HEADER, **more):
    file = tmp_path / "export.csv"
    file.write_bytes(export(*rows, header=header))
    return actions.import_foreign(path=file, system=system, **more)


@pytest.fixture
def case(page, body, operator):
    make_connection(page)
    return make_case(page, TEXT, body=body, by=operator, sent_at=timezone.now() - timedelta(hours=2))


def test_a_row_is_matched_by_its_words_and_time(case, tmp_path):
    result = take(tmp_path, line())
    row = Foreign.objects.get()
    assert (result["rows"], result["created"], result["matched_by_text"], row.case, row.matched) == (1, 1, 1, case, "text")


def test_a_row_is_matched_by_its_link_whatever_its_words(case, page, tmp_path):
    said = case.message_set.get()
    link = f"https://vk.com/wall-{page.external_id}_1?reply={said.external_id[1:]}"
    assert take(tmp_path, line(text="Мусор", link=link))["matched_by_link"] == 1


def test_almost_the_same_words_are_found_too(case, tmp_path):
    take(tmp_path, line(text=f"[club1|Город] {TEXT} и запах!"))
    assert Foreign.objects.get().matched in ("near", "text")


def test_other_words_are_left_to_a_person(case, tmp_path):
    assert take(tmp_path, line(text="Когда откроют бассейн на улице Труда после ремонта"))["unmatched"] == 1


def test_two_messages_that_fit_are_a_doubt(case, page, body, operator, tmp_path):
    make_case(page, TEXT, author_id="777", thread_id="w5_5", sent_at=timezone.now() - timedelta(hours=1))
    take(tmp_path, line())
    assert (Foreign.objects.get().matched, Foreign.objects.get().case) == ("doubt", None)


def test_the_same_file_twice_changes_nothing_and_a_later_one_updates(case, tmp_path):
    take(tmp_path, line())
    again = take(tmp_path, line())
    assert (again["created"], again["changed"], again["unchanged"]) == (0, 0, 1) or again["created"] == 0
    later = take(tmp_path, line(answered=timezone.now(), outcome="Решено"))
    assert (later["created"], later["changed"], Foreign.objects.count()) == (0, 1, 1)


def test_an_answer_given_there_stops_the_clock(case, tmp_path):
    answered = timezone.now() - timedelta(hours=1)
    take(tmp_path, line(answered=answered))
    case.refresh_from_db()
    assert (case.state, abs(case.answered_at - answered) < timedelta(seconds=2), clocks_of(case).final.state) == ("answered", True, "met")


def test_a_second_answer_waits_until_a_person_insists(case, operator, tmp_path):
    answer = make_answer(case, by=operator)
    take(tmp_path, line(answered=timezone.now()))
    with pytest.raises(Refused, match="Жителю уже ответили: ИМ № 6500001"):
        actions.send(answer=Answer.objects.get(pk=answer.pk), by=operator)
    actions.insist_answer(case=case, why="Ответили не на то", by=operator)
    assert actions.send(answer=Answer.objects.get(pk=answer.pk), by=operator).state == "approved"
    assert Journal.objects.filter(verb="answer_insisted").count() == 1


def test_insisting_wants_a_reason_and_something_to_insist_on(case, operator, tmp_path):
    with pytest.raises(Refused, match="ничто не держит"):
        actions.insist_answer(case=case, why="так", by=operator)
    take(tmp_path, line(answered=timezone.now()))
    with pytest.raises(Refused, match="Напишите, зачем"):
        actions.insist_answer(case=case, why=" ", by=operator)


def test_a_later_answer_there_holds_a_further_one_again(case, operator, tmp_path):
    take(tmp_path, line(answered=timezone.now()))
    actions.insist_answer(case=case, why="Ответили не на то", by=operator)
    take(tmp_path, line("6500002", answered=timezone.now()))
    answer = make_answer(Case.objects.get(pk=case.pk), by=operator)
    with pytest.raises(Refused, match="6500002"):
        actions.send(answer=answer, by=operator)


def test_an_answer_that_is_leaving_is_not_taken_for_theirs(case, operator, tmp_path):
    actions.send(answer=make_answer(case, by=operator), by=operator)
    take(tmp_path, line(answered=timezone.now()))
    case.refresh_from_db()
    assert case.state == "routed"


def test_a_message_that_comes_after_its_row_finds_it(page, tmp_path, time_machine):
    take(tmp_path, line())
    case = make_case(page, TEXT)
    time_machine.move_to(timezone.now() + timedelta(minutes=20))
    assert (actions.match_again(), Foreign.objects.get().case) == (1, case)


def test_shifted_columns_are_refused_with_the_columns_name(tmp_path, db):
    shifted = [["", *line(str(n))[:-1]] for n in range(5)]
    with pytest.raises(Refused, match=r"Столбцы файла сдвинуты: в «.+» не"):
        take(tmp_path, *shifted)
    assert not Foreign.objects.exists()


def test_a_file_without_the_needed_columns_says_what_it_has(tmp_path, db):
    with pytest.raises(Refused, match=r"Не нашли столбец: номер.*«А»"):
        take(tmp_path, ["1", "2"], header=["А", "Б"])


def test_columns_can_be_named_by_hand(case, tmp_path):
    header = ["Код", *HEADER[1:]]
    assert take(tmp_path, line(), header=header, chosen={"number": "Код"})["created"] == 1


@pytest.mark.parametrize("header", [
    ["№ сообщения", "Дата регистрации", "Текст обращения", "Статус", "Исполнитель", "Текст ответа", "Дата ответа"],
    ["Номер", "Дата публикации", "Текст сообщения", "Итог", "Ответственный", "Официальный ответ", "Дата ответа заявителю"],
])  # fmt: skip
def test_other_layouts_are_known(header):
    assert set(layouts.columns(header)) >= {"number", "created", "text", "outcome", "body", "answer", "answered"}


def test_what_is_wrong_in_rows_is_named_and_the_rest_is_taken(case, tmp_path):
    result = take(tmp_path, line(), line("", TEXT), line("6500001"), ["6500009", "вчера", "", "", "", "", TEXT, "", "", ""], line("6500010"))
    assert result["problems"] == {"no_number": 1, "number_twice": 1, "no_date": 1}
    assert Foreign.objects.count() == 2


@pytest.mark.parametrize(("outcome", "answered"), [("Не решено", False), ("Отложено", False), ("Решено", True), ("", False), ("Ответ дан", True)])
def test_an_outcome_says_whether_there_was_an_answer(outcome, answered):
    row = layouts.Row(2, "1", timezone.now(), timezone.now(), None, "т", "", "", outcome, "", "")
    assert layouts.answered_there(row) is answered


@pytest.mark.parametrize(
    ("address", "named"),
    [
        ("https://vk.com/wall-12_34?reply=56&thread=50", links.Named("vk", "12", "c56", "w34_50")),
        ("https://m.vk.com/club12?w=wall-12_34_r56", links.Named("vk", "12", "c56", "w34_")),
        ("vk.com/wall-12_34", links.Named("vk", "12", "", "w34_")),
        ("https://vk.com/gim12?sel=77", links.Named("vk", "12", "", "d77")),
        ("https://t.me/c/1900000144/55", links.Named("telegram", "", "c1900000144_55")),
        ("https://ok.ru/group/53/topic/15", links.Named("ok", "53", "", "w15")),
        ("https://example.org/wall-1_2", None),
        ("не ссылка", None),
    ],
)
def test_links_name_their_message(address, named):
    assert links.read(address) == named


def test_a_killed_portion_goes_on_where_it_was(case, tmp_path, monkeypatch):
    from gospult.desk.actions import foreign

    monkeypatch.setattr(foreign, "BATCH", 2)
    row = actions.show_foreign(system="im", content=export(*[line(str(n)) for n in range(5)]), file_name="a.csv", by=None)
    actions.queue_foreign(imported=row, by=None)
    actions.work_foreign(limit=1)
    assert Foreign.objects.count() == 2
    ForeignImport.objects.update(worked_at=None)
    actions.work_foreign()
    row.refresh_from_db()
    assert (row.state, row.counts["created"], row.content, Foreign.objects.count()) == ("done", 5, None, 5)


def test_the_screen_shows_loads_and_ties_by_hand(client, operator, case):
    client.force_login(operator)
    file = SimpleUploadedFile("im.csv", export(line(text="Совсем другие слова о том же самом месте и деле")))
    shown = client.post(reverse("desk:foreign_load"), {"system": "im", "file": file})
    client.post(reverse("desk:foreign_decide", args=[ForeignImport.objects.get().pk, "take"]))
    actions.work_foreign()
    row = Foreign.objects.get()
    assert (shown.url, row.case) == (reverse("desk:foreign_import", args=[ForeignImport.objects.get().pk]), None)
    assert "ИМ № 6500001" in client.get(reverse("desk:foreign")).content.decode()
    client.post(reverse("desk:foreign_row", args=[row.pk]), {"case": case.number})
    row.refresh_from_db()
    assert (row.case, row.matched) == (case, "hand")
    assert "Уже в ИМ № 6500001" in client.get(reverse("desk:case", args=[case.number])).content.decode()
    client.post(reverse("desk:foreign_untie", args=[row.pk]))
    assert Foreign.objects.get().case is None


@pytest.mark.parametrize("name", ["foreign", "foreign_load", "foreign_import", "foreign_row", "foreign_untie"])
def test_stranger_gets_404_for_the_screens_of_other_systems(client, stranger, case, tmp_path, name):
    take(tmp_path, line())
    client.force_login(stranger)
    pk = {"foreign_import": ForeignImport.objects.get().pk, "foreign_row": Foreign.objects.get().pk, "foreign_untie": Foreign.objects.get().pk}.get(
        name
    )
    address = reverse(f"desk:{name}", args=[pk] if pk else [])
    assert (client.post if name in ("foreign_load", "foreign_untie") else client.get)(address).status_code == 404


def test_stranger_gets_404_for_insisting_and_nothing_happens(client, stranger, case, tmp_path):
    take(tmp_path, line(answered=timezone.now()))
    client.force_login(stranger)
    assert client.post(reverse("desk:insist", args=[case.number]), {"because": "так"}).status_code == 404
    assert not case.events.filter(kind="insisted").exists()


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        ("28.11.2026", (2026, 11, 28, 0, 0, 0)),
        (" 28.11.2026 9:05 ", (2026, 11, 28, 9, 5, 0)),
        ("2026-11-28T14:05:59", (2026, 11, 28, 14, 5, 59)),
        ("31.02.2026", None),
        ("28.11.26", None),
        ("", None),
        ("вчера", None),
    ],
)
def test_dates_of_exports_are_read_as_they_are_written(cell, read):
    found = layouts.moment(cell)
    assert (found and found.timetuple()[:6]) == read
