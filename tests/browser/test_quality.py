"""The quality of an answer is reviewed without a mouse."""

from typing import Any

from django.urls import reverse
from django.utils import timezone

from gospult.accounts.models import Role
from gospult.desk import actions
from gospult.desk.models import Inspection
from gospult.registry.testing import make_person


def test_digits_tick_and_the_remark_is_at_hand(look: Any, cases: Any) -> None:
    today = timezone.localdate()
    row = actions.draw_sample(since=today, until=today, by=None).inspections.get()
    tab = look(make_person(role=Role.ANALYST))
    tab.goto(reverse("desk:inspection", args=[row.pk]))
    tab.keyboard.press("1")
    tab.keyboard.press("1")  # a slip: the same key takes it back while no remark is written
    tab.keyboard.press("2")
    tab.keyboard.type("Нет даты")
    tab.keyboard.press("Escape")
    tab.keyboard.press("0")
    tab.keyboard.press("Control+Enter")
    tab.wait_for_url("**/desk/quality/")
    done = Inspection.objects.get(pk=row.pk)
    assert (done.score, [line["note"] for line in done.marks if line["lost"]]) == (78, ["Нет даты"])
