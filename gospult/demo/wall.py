"""The sandbox's side of the demo: its pages, and what stood on them before a restart."""

from typing import Any

from django.db.models import CharField, Value
from django.db.models.functions import Concat

from gospult.exchange.models import Incoming, Outgoing
from gospult.networks.testing import SandboxClient
from gospult.registry.models import Page

from .cast import secret_of

NEWS = (
    "Доброе утро! Рассказываем, что изменится в городе на этой неделе.",
    "Приглашаем на субботник и ярмарку. Пишите в комментариях, что нужно исправить рядом с вами.",
    "Отвечаем на вопросы жителей. Задавайте их здесь или в личных сообщениях.",
)
POSTS = tuple(range(1, len(NEWS) + 1))  # the ids of these posts on every wall


def demo_pages() -> list[Page]:
    """The connected pages of the demo."""
    return list(Page.objects.filter(is_demo=True, connection__isnull=False).order_by("id"))


def show_addresses(base_url: str) -> None:
    """The registry's demo pages lead to their walls in the sandbox, and never to a real page of a like name."""
    where = Concat(Value(f"{base_url}/vk/wall/"), "external_id", output_field=CharField())
    Page.objects.filter(is_demo=True, network="vk").update(url=where)


def open_pages(sandbox: SandboxClient, hook: str) -> None:
    """Open the demo's pages in the sandbox with our webhook, and put back what our database knows of their walls."""
    for number, page in enumerate(demo_pages()):
        key = page.external_id or ""
        known = {kind: f"{kind}-token-{key}" for kind in ("community", "service", "user")}
        sandbox.add_page(
            int(key), name=page.name, handle=page.handle, tokens=known, callback_url=hook, secret=secret_of(key), confirmation=f"demo{key}",
            members=900 + 137 * number,
        )  # fmt: skip
        posts = [{"id": post, "text": text, "at": int(page.created_at.timestamp())} for post, text in zip(POSTS, NEWS, strict=True)]
        sandbox.remember(int(key), posts=posts, said=remembered(page))


def remembered(page: Page) -> list[dict[str, Any]]:
    """What was said on a page as our rows know it, oldest first: residents, the page itself, our published replies."""
    lines: dict[str, dict[str, Any]] = {}
    rows = Incoming.objects.filter(network="vk", page_key=page.external_id, action__in=["said", "edited"]).exclude(thread_id="").order_by("id")
    for row in rows:
        lines[row.external_id] = _line(
            row.external_id, row.thread_id, row.reply_to, row.author_id, row.author_name, row.text, row.sent_at, row.by_page
        )
    for sent in Outgoing.objects.filter(page=page, state=Outgoing.State.SENT).order_by("id"):
        if sent.external_id[:1] in ("c", "m") and sent.external_id[1:].isdigit():
            line = _line(sent.external_id, sent.thread_id, sent.reply_to, "", "", sent.text, sent.sent_at or sent.created_at, True)
            lines.setdefault(sent.external_id, line)
    page_id = -int(page.external_id or 0)
    for line in lines.values():
        line["author"] = page_id if line.pop("by_page") else int(line["author"] or 0) or 1
    return sorted(lines.values(), key=lambda line: int(line["id"][1:]))


def _line(number: str, thread: str, reply_to: str, author: str, name: str, text: str, at: Any, by_page: bool) -> dict[str, Any]:
    kept = {"id": number, "thread": thread, "reply_to": reply_to, "author": author, "name": name}
    return kept | {"text": text, "at": int(at.timestamp()), "by_page": by_page}
