"""`admin`: people, roles and stewards from the command line, in this process."""

import json

import pytest
from django.test import Client

from gospult.accounts.models import Journal, Person, Role
from gospult.cli.people import ROLES
from gospult.registry.models import Grant, Steward, roles_of
from gospult.registry.testing import make_body, make_ogrn, make_territory
from tests.test_commands import Run, refused
from tests.test_commands import run as run  # the fixture

pytestmark = pytest.mark.django_db
PASSWORD = "верный-пароль-7"


def test_the_roles_of_the_command_are_those_of_the_house() -> None:
    assert {str(role.value): role.label for role in Role if role != Role.STEWARD} == ROLES


def test_a_person_gets_a_role_in_a_body_and_logs_in(run: Run, client: Client) -> None:
    school = make_body(name="Школа № 7", ogrn=make_ogrn(7))

    said = run("admin", "person", "petrova", "--name", "Петрова Анна Ивановна", "--role", "executor", "--body", school.ogrn, typed=f"{PASSWORD}\n")

    assert said == (0, "", "Сотрудник «petrova» заведён. Исполнитель: Школа № 7.\n")
    person = Person.objects.get(username="petrova")
    assert (person.last_name, person.first_name, person.patronymic) == ("Петрова", "Анна", "Ивановна")
    assert person.grants.get().body == school
    assert client.post("/account/login/", {"login": "petrova", "password": PASSWORD}).status_code == 302
    assert list(Journal.objects.order_by("id").values_list("verb", flat=True))[:2] == ["accounts.person_created", "registry.granted"]


def test_without_a_password_one_is_made_up_and_told_once(run: Run) -> None:
    code, out, _err = run("admin", "person", "petrova", "--json")

    assert code == 0
    assert Person.objects.get(username="petrova").check_password(json.loads(out)["password"])


def test_the_first_administrator_may_do_everything(run: Run) -> None:
    code, _out, err = run("admin", "create", "первый")

    assert (code, "Администратор «первый» заведён. Пароль: " in err) == (0, True)
    assert roles_of(Person.objects.get(username="первый")) == {Role.ADMIN}


def test_a_person_is_entered_whole_or_not_at_all(run: Run) -> None:
    assert refused(run("admin", "person", "a", "--role", "head", "--body", "777", typed=PASSWORD), "ОГРН или кодом «777» нет")
    assert refused(run("admin", "person", "a", "--role", "chief", typed=PASSWORD), "Неверное значение --role: «chief» не годится", code=2)
    assert refused(run("admin", "person", "a", "--body", "777", typed=PASSWORD), "нужен ключ --role", code=2)
    assert refused(run("admin", "person", "a", typed="123\n"), "пароль")
    assert refused(run("admin", "person", "a b", typed=PASSWORD), "имя")

    assert not Person.objects.exists()


def test_a_taken_name_is_refused_before_a_password_is_asked(run: Run, operator) -> None:
    assert refused(run("admin", "person", "operator"), "Сотрудник «operator» уже есть")
    assert refused(run("admin", "create", "operator"), "Сотрудник «operator» уже есть")


def test_a_role_is_granted_by_its_russian_name_and_revoked_with_the_same_scope(run: Run, stranger) -> None:
    place = make_territory(name="Ясный округ", oktmo="75999000")

    assert run("admin", "grant", "stranger", "куратор", "--territory", "75999000")[2] == "stranger: Куратор: Ясный округ.\n"
    assert refused(run("admin", "grant", "stranger", "curator", "--territory", place.code), "уже есть такой доступ")
    assert refused(run("admin", "revoke", "stranger", "curator"), "Есть: ")
    assert run("admin", "revoke", "stranger", "curator", "--territory", place.code)[0] == 0

    assert Grant.objects.get(role="curator").until is not None
    assert roles_of(stranger) == {Role.EXECUTOR}
    assert Journal.objects.filter(verb="registry.revoked").count() == 1


def test_two_bodies_with_one_ogrn_are_asked_about(run: Run, operator) -> None:
    ogrn = make_ogrn(5)
    make_body(name="Дом культуры", ogrn=ogrn)
    club = make_body(name="Клуб", ogrn=ogrn, code="club")

    assert refused(run("admin", "grant", "operator", "curator", "--body", ogrn), "несколько")
    assert run("admin", "grant", "operator", "curator", "--body", "club")[0] == 0
    assert Grant.objects.get(role="curator").body == club


def test_a_new_steward_takes_the_place_of_the_former_and_a_deputy_does_not(run: Run, page, steward, operator, stranger) -> None:
    assert run("admin", "steward", "operator", f"vk.com/{page.handle}")[0] == 0
    assert run("admin", "steward", "stranger", page.handle, "--deputy")[0] == 0

    live = Steward.objects.filter(page=page, until__isnull=True)
    assert {(row.person, row.is_deputy) for row in live} == {(operator, False), (stranger, True)}
    assert refused(run("admin", "steward", "nobody", page.handle), "Сотрудника «nobody» нет")
    assert refused(run("admin", "steward", "operator", "no-such-page"), "нет в реестре")


def test_the_list_names_each_person_with_roles_and_pages(run: Run, page, steward, executor) -> None:
    code, out, err = run("admin", "list")

    assert (code, err) == (0, "")
    assert f"executor\t—\tИсполнитель: {executor.grants.get().body}." in out.splitlines()
    assert f"steward\t—\tСтраница «{page.name}»." in out.splitlines()
    assert {row["name"] for row in json.loads(run("admin", "list", "--json")[1])} == {"steward", "executor"}
