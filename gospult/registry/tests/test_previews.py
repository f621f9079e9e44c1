from datetime import timedelta

import pytest
from django.utils import timezone

from gospult.accounts.models import Journal
from gospult.lib.errors import Refused
from gospult.registry import actions
from gospult.registry.jobs import drop_previews
from gospult.registry.models import RegistryImport
from gospult.registry.testing import make_export, make_ogrn

pytestmark = pytest.mark.django_db
ROW = {"name": "Школа № 1", "ogrn": make_ogrn(1), "level": "Министерство", "founder": "Министерство образования"}


def previewed(by, hours):
    made = actions.preview_import(file=make_export([ROW]), by=by, file_name="реестр.xlsx")
    RegistryImport.objects.filter(pk=made.pk).update(at=timezone.now() - timedelta(hours=hours))
    return made


def test_a_file_that_nobody_decided_on_for_a_day_is_dropped_and_no_other(operator, administrator):
    stale, fresh = previewed(operator, 25), previewed(administrator, 23)

    drop_previews()

    assert list(RegistryImport.objects.all()) == [fresh]
    assert Journal.objects.get(verb="registry.preview_dropped").object_id == stale.pk
    with pytest.raises(Refused, match="Загрузите его ещё раз"):
        actions.apply_import(imported=stale, by=operator)


def test_an_applied_import_stays_for_ever_so_that_it_can_be_undone(operator):
    made = previewed(operator, 1)
    actions.apply_import(imported=made, by=operator)
    RegistryImport.objects.update(at=timezone.now() - timedelta(days=400))

    drop_previews()

    assert RegistryImport.objects.get().state == "applied"
