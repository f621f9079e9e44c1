"""What was said on walls and in dialogues, told to whoever compares; and taken back after a restart."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gospult.networks.sandbox.dialect import Dialect
from gospult.networks.sandbox.world import Comment, Message, Page, Post

if TYPE_CHECKING:
    from gospult.networks.sandbox.server import Sandbox

Json = dict[str, Any]


def said(sandbox: "Sandbox", _body: Mapping[str, Any]) -> Json:
    """Everything that residents said: network, page, number, id, thread, author, text, deleted, attachments (how many)."""
    with sandbox.world.lock:
        found = [line for page in sandbox.world.pages for line in _lines(page, sandbox.dialects[page.network])]
        return {"said": found}


def _lines(page: Page, dialect: Dialect) -> Iterator[Json]:
    for comment in page.comments.values():
        if comment.from_id > 0:
            yield _line(page, dialect.comment_id(page, comment.id), dialect.comment_thread(page, comment), comment)
    for message in page.messages.values():
        if message.from_id > 0:
            yield _line(page, dialect.message_id(page, message.id), dialect.message_thread(page, message.peer_id), message)


def _line(page: Page, number: str, thread: str, item: Comment | Message) -> Json:
    kept = {"network": page.network, "page": str(page.id), "number": item.id, "id": number, "thread": thread, "author": item.from_id}
    return kept | {"text": item.text, "deleted": item.deleted, "attachments": len(item.things)}


def remember(sandbox: "Sandbox", body: Mapping[str, Any]) -> Json:
    """Put back, without telling anybody, what a page's wall and dialogues held before a restart; ids stay, numbering goes on after them.

    `posts` {id, text, at}, `said` {id "c…" or "m…", thread, reply_to, author (negative: the page), name, text, at}, oldest first.
    """
    with sandbox.world.lock:
        page = sandbox.page(body)
        dialect = sandbox.dialects[page.network]
        for item in body.get("posts", ()):
            page.posts[int(item["id"])] = Post(int(item["id"]), item["text"], int(item["at"]))
        lines: Sequence[Json] = body.get("said", ())
        for line in lines:
            if int(line["author"]) > 0:
                sandbox.world.know(int(line["author"]), line["name"])
            (_put_comment if line["id"][0] == "c" else _put_message)(page, dialect, line)
        page.last_id = max([page.last_id, *page.posts, *page.comments])
        page.last_message = max([page.last_message, *page.messages])
        return {"said": len(lines)}


def _put_comment(page: Page, dialect: Dialect, line: Json) -> None:
    number, (post, top) = dialect.number(page, line["id"]), dialect.place(page, line["thread"])
    answered = dialect.number(page, line["reply_to"]) if line.get("reply_to") else 0
    answered = answered if answered in page.comments else 0  # what it answers may be unknown to us
    item = Comment(number, post, int(line["author"]), line["text"], int(line["at"]), 0 if top == number else top, answered)
    page.comments[number] = item
    page.under.setdefault(item.top or post, []).append(item)


def _put_message(page: Page, dialect: Dialect, line: Json) -> None:
    number, (_, peer) = dialect.number(page, line["id"]), dialect.place(page, line["thread"])
    dialogue = page.dialogues.setdefault(peer, [])
    answered = dialect.number(page, line["reply_to"]) if line.get("reply_to") else 0
    item = Message(number, peer, int(line["author"]), line["text"], int(line["at"]), len(dialogue) + 1, answered, guard="1")
    page.messages[number] = item
    dialogue.append(item)
