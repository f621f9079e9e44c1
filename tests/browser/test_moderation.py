import pytest

from gospult.desk.testing import make_case, make_topic

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_alarm_is_taken_by_one_key(look, page, operator):
    make_topic()
    case = make_case(page, "В подъезде сильно пахнет газом", author_name="Ольга Петрова")
    tab = look(operator)
    tab.goto(f"/desk/{case.number}")
    tab.wait_for_load_state("networkidle")
    tab.keyboard.press("a")
    tab.get_by_text("Принял: ").first.wait_for()
    assert case.alarms.get().seen_by == operator
