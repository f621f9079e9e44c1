"""What was said on walls and in dialogues, told to whoever compares; and taken back after a restart."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gospult.networks.sandbox.world import Comment, Message, Page, Post

if TYPE_CHECKING:
    from gospult.networks.sandbox.server import Sandbox

Json = dict[str, Any]


def said(sandbox: "Sandbox", _body: Mapping[str, Any]) -> Json:
    """Everything that residents said: page, id, thread, author, text, deleted, attachments (how many)."""
    with sandbox.world.lock:
        found = [line for page in sandbox.world.pages.values() for line in (*_comments(page), *_messages(page))]
        return {"said": found}


def _comments(page: Page) -> list[Json]:
    residents = [item for item in page.comments.values() if item.from_id > 0]
    return [_line(page, f"c{item.id}", f"w{item.post_id}_{item.opener}", item) for item in residents]


def _messages(page: Page) -> list[Json]:
    residents = [item for item in page.messages.values() if item.from_id > 0]
    return [_line(page, f"m{item.id}", f"d{item.peer_id}", item) for item in residents]


def _line(page: Page, number: str, thread: str, item: Comment | Message) -> Json:
    kept = {"network": "vk", "page": str(page.id), "id": number, "thread": thread, "author": item.from_id}
    return kept | {"text": item.text, "deleted": item.deleted, "attachments": len(item.attachments)}


def remember(sandbox: "Sandbox", body: Mapping[str, Any]) -> Json:
    """Put back, without telling anybody, what a page's wall and dialogues held before a restart; ids stay, numbering goes on after them.

    `posts` {id, text, at}, `said` {id "c…" or "m…", thread, reply_to, author (negative: the page), name, text, at}, oldest first.
    """
    with sandbox.world.lock:
        page = sandbox.world.pages[int(body["page"])]
        for item in body.get("posts", ()):
            page.posts[int(item["id"])] = Post(int(item["id"]), item["text"], int(item["at"]))
        lines: Sequence[Json] = body.get("said", ())
        for line in lines:
            if int(line["author"]) > 0:
                sandbox.world.people[int(line["author"])] = line["name"]
            (_put_comment if line["id"][0] == "c" else _put_message)(page, line)
        page.last_id = max([page.last_id, *page.posts, *page.comments])
        page.last_message = max([page.last_message, *page.messages])
        return {"said": len(lines)}


def _put_comment(page: Page, line: Json) -> None:
    number, post, top = int(line["id"][1:]), *(int(part) for part in line["thread"][1:].split("_"))
    answered = int(line["reply_to"][1:] or 0) if line.get("reply_to") else 0
    answered = answered if answered in page.comments else 0  # what it answers may be unknown to us
    item = Comment(number, post, int(line["author"]), line["text"], int(line["at"]), 0 if top == number else top, answered)
    page.comments[number] = item
    page.under.setdefault(item.top or post, []).append(item)


def _put_message(page: Page, line: Json) -> None:
    number, peer = int(line["id"][1:]), int(line["thread"][1:])
    dialogue = page.dialogues.setdefault(peer, [])
    answered = int(line["reply_to"][1:]) if line.get("reply_to") else 0
    item = Message(number, peer, int(line["author"]), line["text"], int(line["at"]), len(dialogue) + 1, answered, random_id=1)
    page.messages[number] = item
    dialogue.append(item)
