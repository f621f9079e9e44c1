"""What people and pages do on a page and in messages; every deed sends the events that its network would send."""

import secrets
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from gospult.networks.sandbox.events import Courier
from gospult.networks.sandbox.world import Comment, Message, Page, Post, Thing, World, now

if TYPE_CHECKING:
    from gospult.networks.sandbox.dialect import Dialect, Item

By = Literal["api", "native"]
Json = dict[str, Any]


class Deeds:
    """The only place that changes pages and dialogues. Callers hold nothing: each deed takes the lock."""

    def __init__(self, world: World, courier: Courier, dialects: Mapping[str, "Dialect"]) -> None:
        self.world = world
        self.courier = courier
        self.dialects = dialects

    # Posts

    def post(self, page: Page, text: str, **traits: Any) -> Post:
        """The page publishes a post."""
        with self.world.lock:
            item = Post(page.next_id(), text, now(), **traits)
            page.posts[item.id] = item
            self._tell(page, "posted", item)
            return item

    def page_posts(self, page: Page, text: str, *, by: By, guard: str = "", things: Sequence[Thing] = ()) -> Post:
        """The page publishes a post through the API or natively: into the ledger."""
        with self.world.lock:
            item = self.post(page, text, things=list(things), guard=guard)
            name = self.dialects[page.network].post_id(page, item.id)
            self._enter(page, item, name, "", "", things, guard, by)
            return item

    def edit_post(self, page: Page, post: int, text: str) -> None:
        """The page rewrites a post; KeyError when there is none."""
        with self.world.lock:
            page.posts[post].text = text

    def delete_post(self, page: Page, post: int) -> None:
        """The page takes a post away, with what stands under it; KeyError when there is none."""
        with self.world.lock:
            del page.posts[post]

    # What is said

    def comment(self, page: Page, post: int, from_id: int, text: str, *, reply_to: int = 0, things: Sequence[Thing] = ()) -> Comment:
        """Somebody comments; KeyError when the post or the answered comment does not exist, ValueError for one who is banned."""
        with self.world.lock:
            if page.is_banned(from_id):
                raise ValueError("this person is banned")
            answered = page.comments[reply_to] if reply_to else None
            post = page.posts[post].id
            item = Comment(page.next_id(), post, from_id, text, now(), answered.opener if answered else 0, reply_to, list(things))
            page.comments[item.id] = item
            page.under.setdefault(item.top or post, []).append(item)
            self._tell(page, "said", item)
            return item

    def message(self, page: Page, peer: int, from_id: int, text: str, *, reply_to: int = 0, guard: str = "", things: Sequence[Thing] = ()) -> Message:
        """Somebody writes in the dialogue of a page with a person."""
        with self.world.lock:
            page.last_message += 1
            dialogue = page.dialogues.setdefault(peer, [])
            item = Message(page.last_message, peer, from_id, text, now(), len(dialogue) + 1, reply_to, guard, list(things))
            page.messages[item.id] = item
            dialogue.append(item)
            self._tell(page, "said", item)
            return item

    def edit(self, page: Page, item: Comment | Message, text: str) -> None:
        """The author rewrites a comment or a message."""
        with self.world.lock:
            item.text, item.edited_at = text, now()
            self._tell(page, "edited", item)

    def delete(self, page: Page, item: Comment | Message) -> None:
        """A comment or message vanishes."""
        with self.world.lock:
            item.deleted = True
            self._tell(page, "deleted", item)

    def restore(self, page: Page, item: Comment | Message) -> None:
        """What was deleted comes back."""
        with self.world.lock:
            item.deleted = False
            self._tell(page, "restored", item)

    def ban(self, page: Page, person: int, until: int) -> None:
        """The page keeps a person from commenting until a moment (Unix seconds), 0 for ever."""
        with self.world.lock:
            page.banned[person] = until

    def unban(self, page: Page, person: int) -> bool:
        """The page lets a person comment again; False when he was not banned."""
        with self.world.lock:
            was = page.is_banned(person)
            page.banned.pop(person, None)
            return was

    def page_comments(self, page: Page, post: int, text: str, *, by: By, reply_to: int = 0, guard: str = "", things: Sequence[Thing] = ()) -> Comment:
        """The page itself comments: into the ledger."""
        with self.world.lock:
            item = self.comment(page, post, -page.id, text, reply_to=reply_to, things=things)
            dialect = self.dialects[page.network]
            answered = dialect.comment_id(page, reply_to) if reply_to else ""
            self._enter(page, item, dialect.comment_id(page, item.id), dialect.comment_thread(page, item), answered, things, guard, by)
            return item

    def page_writes(self, page: Page, peer: int, text: str, *, by: By, reply_to: int = 0, guard: str = "", things: Sequence[Thing] = ()) -> Message:
        """The page itself writes a direct message: into the ledger."""
        with self.world.lock:
            # In the network's own app a guard is given too, so a native answer cannot be told by its absence.
            item = self.message(page, peer, -page.id, text, reply_to=reply_to, guard=guard or str(secrets.randbelow(2**31 - 1) + 1), things=things)
            dialect = self.dialects[page.network]
            answered = dialect.message_id(page, reply_to) if reply_to else ""
            self._enter(page, item, dialect.message_id(page, item.id), dialect.message_thread(page, peer), answered, things, guard, by)
            return item

    def _enter(self, page: Page, item: "Item", said: str, thread: str, reply_to: str, things: Sequence[Thing], guard: str, by: By) -> None:
        where: Json = {"network": page.network, "page": str(page.id), "number": item.id}
        entry = where | {"id": said, "thread": thread, "reply_to": reply_to, "text": item.text}
        names = [f"{thing.kind}{thing.owner}_{thing.number}" for thing in things]
        self.world.ledger.append(entry | {"attachments": names, "guid": guard, "by": by, "at": now()})

    def _tell(self, page: Page, deed: str, item: "Item") -> None:
        self.world.version += 1
        dialect = self.dialects[page.network]
        for body in dialect.events(page, deed, item):
            self.courier.send(page, body, dialect.headers(page))
