from django.urls import reverse

from gospult.accounts.models import Role
from gospult.office.settings import SECTIONS, sections_for
from gospult.registry.testing import make_person


def test_settings_offer_each_role_its_own_screens(client, operator, curator):
    client.force_login(operator)
    assert "Выгрузки реестра" in client.get(reverse("office:settings")).content.decode()
    client.force_login(curator)
    seen = client.get(reverse("office:settings")).content.decode()
    assert "Подборки" in seen
    assert "Выгрузки реестра" not in seen


def test_there_are_no_settings_for_a_jury(client, db):
    client.force_login(make_person(role=Role.JURY))
    assert client.get(reverse("office:settings")).status_code == 404


def test_every_line_leads_to_a_screen_that_its_roles_may_open(client, db):
    for role in Role:
        client.force_login(make_person(role=role) if role != Role.STEWARD else make_person(page=None, role=role))
        for section in sections_for({role}):
            assert client.get(reverse(section.url)).status_code == 200, (role, section)
    assert SECTIONS
