"""Grants are read once a request, and never outlive it."""

import pytest
from django.http import HttpResponse

from gospult.accounts.models import Role
from gospult.registry import actions
from gospult.registry.middleware import grants_read_once
from gospult.registry.models import Body, roles_of, scope_q
from gospult.registry.testing import make_grant, make_person

pytestmark = pytest.mark.django_db


def in_a_request(rf, look):
    """What `look` sees inside a request."""
    seen = []

    def view(_request):
        seen.append(look())
        return HttpResponse()

    grants_read_once(view)(rf.get("/"))
    return seen[0]


def test_within_a_request_grants_are_read_once_and_the_next_one_reads_anew(rf, operator, django_assert_num_queries):
    with django_assert_num_queries(1):
        in_a_request(rf, lambda: [scope_q(operator, "", None) for _ in range(5)])
    operator.grants.update(until="2020-01-01", since="2019-01-01")
    assert in_a_request(rf, lambda: roles_of(operator)) == set()


def test_what_is_granted_or_revoked_in_a_request_counts_in_it(rf, body, operator):
    person = make_person(username="fresh")

    def look():
        before = roles_of(person)
        grant = actions.grant(person=person, role=Role.EXECUTOR, body=body, by=operator)
        granted = Body.objects.filter(scope_q(person, "", None)).exists()
        actions.revoke(grant=grant, by=operator)
        return before, granted, roles_of(person)

    assert in_a_request(rf, look) == (set(), True, set())


def test_outside_of_requests_nothing_is_remembered(body):
    person = make_person(username="worker")
    assert roles_of(person) == set()
    make_grant(person, Role.EXECUTOR, body=body)
    assert roles_of(person) == {Role.EXECUTOR}
