import json

import pytest
from django.db import IntegrityError

from gospult.exchange import actions
from gospult.exchange.testing import make_connection
from gospult.registry.testing import body, page  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(page):  # noqa: F811
    make_connection(page)
    said = {"id": 11, "from_id": 501, "date": 1_790_000_000, "text": "Не вывозят мусор", "post_id": 7}
    return {"type": "wall_reply_new", "group_id": int(page.external_id), "event_id": "e1", "secret": "secret", "object": said}


def test_a_call_of_a_network_passes_by_the_middleware_of_people(client, event):
    answer = client.post("/hook/vk/", json.dumps(event), content_type="application/json")
    assert (answer.status_code, answer.content, answer["Content-Length"]) == (200, b"ok", "2")
    assert "Content-Security-Policy" not in answer
    assert "Content-Security-Policy" in client.get("/account/login/")


def test_an_unknown_network_and_a_visit_by_browser_are_refused_as_everywhere(client):
    assert client.post("/hook/nowhere/").status_code == 404
    assert client.post("/hook/vk/and/more").status_code == 404
    assert client.get("/hook/vk/").status_code == 405


def test_a_public_number_drawn_twice_loses_no_message(event, monkeypatch):
    send = {"network": "vk", "headers": {}}
    monkeypatch.setattr("gospult.exchange.actions.intake.new_number", lambda: "000000000000")
    actions.accept(body=json.dumps(event).encode(), **send)
    event["object"]["id"] = 12
    with pytest.raises(IntegrityError):
        actions.accept(body=json.dumps(event).encode(), **send)
