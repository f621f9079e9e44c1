"""A message's whole way, told as stories.

Both sides are real: the sandbox of the networks sends its events by HTTP to a live server, our connector
calls the sandbox back, people work through the real screens. Only the worker's clock is turned by hand,
but for the last story, where a real worker is killed.
"""

import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from gospult.accounts.models import Person
from gospult.clock import JOBS
from gospult.demo.cast import PASSWORD, number_of
from gospult.demo.counting import count
from gospult.demo.evidence import gather
from gospult.demo.fill import fill
from gospult.demo.staff import photo_of_work
from gospult.demo.stage import SHORT, addresses
from gospult.demo.wall import keys, open_pages, subscribe_pages
from gospult.desk.actions import route
from gospult.desk.models import Case
from gospult.exchange.actions import connect
from gospult.exchange.models import Connection, Outgoing
from gospult.lib import databases
from gospult.lib.processes import PARENT, gospult
from gospult.networks.registry import NETWORKS
from gospult.networks.testing import Sandbox
from gospult.registry.models import Body
from gospult.registry.testing import make_page

pytestmark = pytest.mark.django_db(transaction=True)
MIASS = number_of("adm-miass")
COMPLAINT = "В Миассе на улице 8 Июля, 10 с октября не горят фонари, дети идут из школы в темноте"
ANSWER = "Здравствуйте! Лампы заменили сегодня, 22.11.2026, свет горит. Ответственный: отдел благоустройства, телефон 8 351 000-00-00."
ROAD = ("exchange.poll_gaps", "desk.take_incoming", "exchange.deliver", "exchange.read_back", "desk.settle_answers")


class Town:
    """The demo region with a sandbox on one side and a live server on the other."""

    def __init__(self, sandbox: Sandbox, url: str) -> None:
        self.sandbox, self.url = sandbox, url
        fill()
        open_pages(sandbox, codes=["adm-miass"])
        subscribe_pages(sandbox, url)
        # The pages that nobody opened are not asked.
        Connection.objects.exclude(hook="alive").update(polled_at=timezone.now())

    def resident_comments(self, text: str, **more: Any) -> dict[str, Any]:
        return self.sandbox.comment(MIASS, "1", text, author="Вера Примерова", **more)

    def works(self) -> None:
        """Events arrive, the worker's jobs run."""
        road(self.sandbox)

    def posted(self, by: str = "api") -> list[dict[str, Any]]:
        return [entry for entry in self.sandbox.ledger() if entry["by"] == by]

    def login(self, name: str) -> Client:
        client = Client()
        client.post(reverse("account_login"), {"login": name, "password": PASSWORD})
        return client

    def case(self) -> Case:
        return Case.objects.get()


@pytest.fixture
def town(live_server: Any, settings: Any) -> Iterator[Town]:
    with Sandbox() as sandbox:
        at_once(settings, sandbox, live_server.url)
        yield Town(sandbox, live_server.url)


def at_once(settings: Any, sandbox: Sandbox, url: str) -> None:
    """All networks are in the sandbox, and nothing waits for a clock."""
    settings.NETWORKS = {network: {"base_url": sandbox.api_url(network), "ca_file": ""} for network in NETWORKS}
    settings.UNDO_SECONDS = settings.RETRY_BASE = settings.READ_BACK_AFTER = settings.DOOR_SECONDS = 0
    settings.URL = url


def road(sandbox: Sandbox) -> None:
    """Events arrive, the worker's jobs run; what a network does not tell is read."""
    for _ in range(2):
        assert sandbox.wait_quiet()
        Connection.objects.filter(hook="alive").update(polled_at=None)
        for job in JOBS:
            if job.name in ROAD:
                job.load()()


@pytest.mark.parametrize("channel", ["comment", "dm"])
@pytest.mark.parametrize("network", NETWORKS)
def test_in_every_network_a_resident_is_answered_where_he_wrote(
    network: str, channel: str, live_server: Any, settings: Any, operator: Person, body: Body
) -> None:
    with Sandbox(network) as sandbox:
        at_once(settings, sandbox, live_server.url)
        opened = sandbox.add_page(71, name="Администрация района", handle="raion")
        page = make_page(network=network, external_id=opened["external_id"], body=body)
        connect(page=page, tokens=opened["tokens"], by=None)
        subscribe_pages(sandbox, live_server.url)

        # A resident writes; the operator gives his case to the body and answers.
        post = sandbox.add_post(71, "Завтра субботник")
        asked = sandbox.comment(71, post, COMPLAINT) if channel == "comment" else sandbox.message(71, COMPLAINT)
        road(sandbox)
        case = Case.objects.get()
        if case.state == "new":
            route(case=case, body=body, by=operator)
        client = Client()
        client.force_login(operator)
        press(client, "answer", case, text=ANSWER, do="approve")
        road(sandbox)

        # The answer stands where he asked, and it is called published by the network's own proof.
        [reply] = [entry for entry in sandbox.ledger() if entry["by"] == "api"]
        assert (reply["thread"], reply["text"]) == (asked["thread"], ANSWER)
        assert reply["reply_to"] == asked["id"]
        case.refresh_from_db()
        assert (case.state, Outgoing.objects.get().external_id) == ("answered", reply["id"])


def screen(client: Client, case: Case) -> str:
    return client.get(reverse("desk:case", args=[case.number])).content.decode()


def press(client: Client, name: str, case: Case, **form: Any) -> None:
    answer = client.post(reverse(f"desk:{name}", args=[case.number]), form)
    assert answer.status_code in (200, 204, 302), answer.status_code


def eventually(true: Callable[[], bool], seconds: float = 120.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def test_from_a_comment_to_a_published_answer_and_to_thanks(town: Town) -> None:
    # A resident complains under a post; triage and rules bring the case to the administration of Miass.
    asked = town.resident_comments(COMPLAINT)
    town.works()
    case = town.case()
    assert (case.kind, case.topic.code, case.territory.code, case.state) == ("problem", "improvement.lighting", "miass", "routed")
    assert case.body.code == "adm-miass"
    assert case.next_due_at is not None

    # Its executor finds it in the queue, answers with a photo and hands it over; the operator approves.
    executor, operator = town.login("executor-miass"), town.login("operator")
    assert case.number in executor.get(reverse("desk:queue"), {"view": "work"}).content.decode()
    photo = SimpleUploadedFile("двор.jpg", photo_of_work(1), "image/jpeg")
    press(executor, "answer", case, text=ANSWER, do="submit", photo=photo)
    assert town.posted() == []
    press(operator, "decide", case, do="approve")
    town.works()

    # The answer stands in the network, in the same thread, and is called published only now.
    (reply,) = town.posted()
    assert (reply["thread"], reply["reply_to"]) == (asked["thread"], asked["id"])
    assert reply["text"].startswith(ANSWER)
    case.refresh_from_db()
    assert (case.state, case.answers.get().state, case.next_due_at) == ("answered", "published", None)
    assert "опубликован" in screen(operator, case)

    # VK takes no pictures from a community's token: whoever reads the answer opens the photo by its link.
    link = re.search(r"Фото: (\S+)", reply["text"])
    assert link
    picture = Client().get(link[1].removeprefix(town.url))
    assert (picture.status_code, picture.headers["Content-Type"]) == (200, "image/jpeg")

    # The resident thanks, and the case is closed as confirmed; the public status says so by its number.
    town.resident_comments("Спасибо, светло!", reply_to=reply["id"])
    town.works()
    case.refresh_from_db()
    assert (case.state, case.closed_as) == ("closed", "thanked")
    number = case.message_set.order_by("id").first().number
    assert Client().get(reverse("services:status"), {"number": number}).status_code == 200
    verdict = count(gather(town.sandbox, keys()))
    assert (verdict.lost, verdict.doubled, verdict.unknown) == ((), (), ())


def test_a_resident_who_is_not_satisfied_reopens_the_case_and_is_answered_again(town: Town) -> None:
    town.resident_comments(COMPLAINT)
    town.works()
    operator = town.login("operator")
    press(operator, "answer", town.case(), text=ANSWER, do="approve")
    town.works()
    (first,) = town.posted()

    again = town.resident_comments("Неправда, никто не приезжал, темно, как было", reply_to=first["id"])
    town.works()
    case = town.case()
    assert (case.state, case.reopened) == ("routed", 1)

    press(operator, "answer", case, text=f"{ANSWER} Простите за ошибку: проверили ещё раз.", do="approve")
    town.works()
    assert [entry["reply_to"] for entry in town.posted()] == [first["reply_to"], again["id"]]
    assert count(gather(town.sandbox, keys())).doubled == ()


def test_the_page_answers_by_itself_and_nobody_answers_twice(town: Town) -> None:
    # While the executor still writes, the page's steward answers in the network's own app.
    asked = town.resident_comments(COMPLAINT)
    town.works()
    case, executor = town.case(), town.login("executor-miass")
    press(executor, "draft", case, text=ANSWER)
    town.sandbox.native(MIASS, asked["thread"], "Добрый день! Бригада уже выехала.", reply_to=asked["id"])
    town.works()

    # His reply is the answer: the clock stands, the draft is withdrawn, nothing of ours leaves.
    case.refresh_from_db()
    assert (case.state, case.next_due_at) == ("answered", None)
    assert sorted(case.answers.values_list("state", flat=True)) == ["native", "withdrawn"]
    assert "Бригада уже выехала" in screen(town.login("operator"), case)
    assert town.posted() == []


def test_the_page_answers_in_the_last_moment_and_our_approved_answer_stays_home(town: Town) -> None:
    asked = town.resident_comments(COMPLAINT)
    town.works()
    press(town.login("operator"), "answer", town.case(), text=ANSWER, do="approve")
    # The event of this reply has not reached us; the thread is looked at once more before sending.
    town.sandbox.settings(event_delay=1.0)
    town.sandbox.native(MIASS, asked["thread"], "Добрый день! Бригада уже выехала.", reply_to=asked["id"])
    next(job for job in JOBS if job.name == "exchange.deliver").load()()
    assert town.posted() == []
    town.works()
    case = town.case()
    assert (case.state, case.answers.get(state="native").text) == ("answered", "Добрый день! Бригада уже выехала.")


def test_a_worker_killed_between_sending_and_writing_it_down_sends_once(town: Town) -> None:
    # VK has published the reply but holds its answer back; in this moment the worker dies, however slow the machine is.
    town.sandbox.settings(slow_seconds=60)
    town.sandbox.fault("slow_after", method="wall.createComment")
    town.resident_comments(COMPLAINT)
    worker = start_worker(town, GOSPULT_NETWORK_TIMEOUT="90")
    try:
        eventually(lambda: Case.objects.filter(state="routed").exists())
        press(town.login("operator"), "answer", town.case(), text=ANSWER, do="approve")
        eventually(lambda: len(town.posted()) == 1)
        assert Outgoing.objects.get().state == "claimed"
        worker.kill()
        worker.wait(10)

        # The next worker finds the claim abandoned, reads the thread back and recognises its own words.
        worker = start_worker(town)
        eventually(lambda: Case.objects.filter(state="answered").exists())
    finally:
        worker.terminate()
        worker.wait(20)
    (reply,) = town.posted()
    assert Outgoing.objects.get().external_id == reply["id"]
    verdict = count(gather(town.sandbox, keys()))
    assert (verdict.lost, verdict.doubled, verdict.unknown) == ((), (), ())


def start_worker(town: Town, **more: str) -> subprocess.Popen[bytes]:
    """A real worker on the test's database."""
    url = databases.with_name(os.environ["DATABASE_URL"], connection.settings_dict["NAME"])
    short = {**SHORT, **addresses(town.sandbox), "GOSPULT_CLAIM_TIMEOUT": "2", "DATABASE_URL": url, "GOSPULT_URL": town.url}
    env = {**os.environ, **short, **more, PARENT: str(os.getpid())}
    return subprocess.Popen(gospult("worker"), env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
