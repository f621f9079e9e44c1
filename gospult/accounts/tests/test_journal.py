import pytest
from django.db import connection

from gospult.accounts import journal
from gospult.accounts.models import Journal, Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> Person:
    return Person.objects.create_user("ivanova", last_name="Иванова")


def test_a_line_names_the_person_the_verb_and_the_object(person: Person) -> None:
    row = journal.write(person, "accounts.created", person, role="operator")

    assert (row.by, row.verb, row.object_type, row.object_id, row.data) == (
        person,
        "accounts.created",
        "accounts.person",
        person.pk,
        {"role": "operator"},
    )


def test_seal_chains_new_lines_after_the_old_ones(person: Person) -> None:
    journal.write(person, "first")
    assert journal.seal() == 1
    journal.write_many(person, "second", [person, person])

    assert journal.seal() == 2
    assert list(Journal.objects.order_by("id").values_list("seal", flat=True)) == [1, 2, 3]
    assert journal.broken_at() is None
    assert journal.seal() == 0


def test_a_changed_line_is_found(person: Person) -> None:
    rows = [journal.write(person, "verb", person, number=n) for n in range(3)]
    journal.seal()

    Journal.objects.filter(pk=rows[1].pk).update(data={"number": 9})

    assert journal.broken_at() == rows[1].pk


def test_a_removed_line_is_found(person: Person) -> None:
    rows = [journal.write(person, "verb", number=n) for n in range(3)]
    journal.seal()

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_journal WHERE id = %s", [rows[1].pk])

    assert journal.broken_at() == rows[2].pk
