"""A real browser against a real server. Without Chromium these tests are skipped with the reason."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from gospult.desk.models import Alarm, Case
from gospult.desk.testing import make_answer, make_case, make_topic, publish
from gospult.exchange.testing import make_connection

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright keeps an event loop in this thread
ARGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--lang=ru",
]  # fmt: skip
NAMES = ("chromium", "chromium-browser", "google-chrome")


def _chromium() -> str:
    return os.environ.get("GOSPULT_CHROMIUM") or next((path for name in NAMES if (path := shutil.which(name))), "")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = os.path.dirname(__file__)
    for item in items:
        if str(item.path).startswith(here) and "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="module")  # Playwright's loop must be gone before another module's asyncio.run()
def chromium() -> Iterator[Any]:
    path = _chromium()
    if not path:
        pytest.skip("no Chromium found: install the package `chromium`, or name the program in GOSPULT_CHROMIUM")
    api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGS)
        yield browser
        browser.close()


@pytest.fixture
def look(chromium: Any, live_server: Any) -> Iterator[Callable[..., Any]]:
    """Opens a tab: look(person, width=1440, scheme="light"). Whatever the page complains about fails the test."""
    contexts: list[Any] = []
    complaints: list[str] = []

    def opened(person: Any = None, width: int = 1440, scheme: str = "light", scripts: bool = True) -> Any:
        context = chromium.new_context(
            base_url=live_server.url, viewport={"width": width, "height": 900}, color_scheme=scheme, locale="ru-RU", java_script_enabled=scripts
        )
        contexts.append(context)
        context.set_default_timeout(10_000)
        if person:
            client = Client()
            client.force_login(person)
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value, "url": live_server.url}]
            )
        tab = context.new_page()
        tab.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        tab.on("pageerror", lambda e: complaints.append(str(e)))
        return tab

    yield opened
    for context in contexts:
        context.close()
    assert [text for text in complaints if "status of 404" not in text and "status of 422" not in text] == []


@pytest.fixture
def cases(page: Any, body: Any, operator: Any) -> list[Case]:
    """A small queue: fresh, routed, answered, urgent, thanks, wordless, very long."""
    make_connection(page, mode="full")
    make_topic("dvor", name="Уборка дворов", group="Благоустройство", group_code="dvor")
    texts = [
        "Во дворе дома на улице Ленина, 12 третью неделю не вывозят мусор, контейнеры переполнены",
        "Открытый люк возле школы, дети ходят мимо",
        "Когда включат отопление в детском саду?",
        "Оченьдлинноесловобезпробелов" * 8,
        "Автобус № 64 ходит раз в час. " * 40,
    ]
    rows = [make_case(page, text, author_name="Ольга Петрова") for text in texts]
    done = make_case(page, "Не горит фонарь у дома 4", body=body, by=operator)
    publish(make_answer(done, by=operator), by=operator)
    make_case(page, "", author_name="Пётр")
    Alarm.objects.update(seen_by=operator, seen_at=timezone.now())  # the list stands by its terms: what burns would stand first
    return [*rows, done]
