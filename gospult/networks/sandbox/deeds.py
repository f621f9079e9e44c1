"""What people and pages do on a wall and in messages; every deed sends the event that VK would send."""

import secrets
from collections.abc import Sequence
from typing import Any, Literal

from gospult.networks.sandbox import shapes
from gospult.networks.sandbox.events import Courier
from gospult.networks.sandbox.world import Comment, Message, Page, Post, World, now

By = Literal["api", "native"]
Json = dict[str, Any]


class Deeds:
    """The only place that changes walls and dialogues. Callers hold nothing: each deed takes the lock."""

    def __init__(self, world: World, courier: Courier) -> None:
        self.world = world
        self.courier = courier

    def post(self, page: Page, text: str, **traits: Any) -> Post:
        """The page publishes a post."""
        with self.world.lock:
            item = Post(page.next_id(), text, now(), **traits)
            page.posts[item.id] = item
            self._tell(page, "wall_post_new", shapes.post(page, item))
            return item

    def comment(self, page: Page, post: int, from_id: int, text: str, *, reply_to: int = 0, attachments: Sequence[Json] = ()) -> Comment:
        """Somebody comments; KeyError when the post or the answered comment does not exist."""
        with self.world.lock:
            answered = page.comments[reply_to] if reply_to else None
            post = page.posts[post].id
            item = Comment(page.next_id(), post, from_id, text, now(), answered.opener if answered else 0, reply_to, list(attachments))
            page.comments[item.id] = item
            page.under.setdefault(item.top or post, []).append(item)
            self._tell(page, "wall_reply_new", shapes.comment(page, item))
            return item

    def message(
        self, page: Page, peer: int, from_id: int, text: str, *, reply_to: int = 0, random_id: int = 0, attachments: Sequence[Json] = ()
    ) -> Message:
        """Somebody writes in the dialogue of a page with a person."""
        with self.world.lock:
            page.last_message += 1
            dialogue = page.dialogues.setdefault(peer, [])
            item = Message(page.last_message, peer, from_id, text, now(), len(dialogue) + 1, reply_to, random_id, list(attachments))
            page.messages[item.id] = item
            dialogue.append(item)
            shape = shapes.message(page, item)
            if from_id == -page.id:
                self._tell(page, "message_reply", shape)
            else:
                client = {"button_actions": ["text"], "keyboard": True, "inline_keyboard": True, "carousel": True, "lang_id": 0}
                self._tell(page, "message_new", {"message": shape, "client_info": client})
            return item

    def edit(self, page: Page, external_id: str, text: str) -> None:
        """The author rewrites a comment ("c…") or a message ("m…")."""
        with self.world.lock:
            if external_id[0] == "c":
                comment = page.comments[int(external_id[1:])]
                comment.text = text
                self._tell(page, "wall_reply_edit", shapes.comment(page, comment))
            else:
                message = page.messages[int(external_id[1:])]
                message.text, message.edited_at = text, now()
                self._tell(page, "message_edit", shapes.message(page, message))

    def delete(self, page: Page, external_id: str) -> None:
        """A comment or message vanishes; VK has no event for messages."""
        with self.world.lock:
            if external_id[0] == "m":
                page.messages[int(external_id[1:])].deleted = True
                return
            item = page.comments[int(external_id[1:])]
            item.deleted = True
            gone = {"owner_id": -page.id, "id": item.id, "deleter_id": item.from_id, "user_id": abs(item.from_id), "post_id": item.post_id}
            self._tell(page, "wall_reply_delete", gone)

    def restore(self, page: Page, external_id: str) -> None:
        """A deleted comment comes back."""
        with self.world.lock:
            item = page.comments[int(external_id[1:])]
            item.deleted = False
            self._tell(page, "wall_reply_restore", shapes.comment(page, item))

    def page_comments(
        self, page: Page, post: int, text: str, *, by: By, reply_to: int = 0, guid: str = "", attachments: Sequence[Json] = ()
    ) -> Comment:
        """The page itself comments: into the ledger."""
        with self.world.lock:
            item = self.comment(page, post, -page.id, text, reply_to=reply_to, attachments=attachments)
            self._enter(page, f"c{item.id}", f"w{item.post_id}_{item.opener}", f"c{reply_to}" if reply_to else "", text, attachments, guid, by)
            return item

    def page_writes(
        self, page: Page, peer: int, text: str, *, by: By, reply_to: int = 0, guid: str = "", attachments: Sequence[Json] = ()
    ) -> Message:
        """The page itself writes a direct message: into the ledger."""
        with self.world.lock:
            # in VK's own app a random_id is given too, so a native answer cannot be told by its absence
            number = int(guid) if guid else secrets.randbelow(2**31 - 1) + 1
            item = self.message(page, peer, -page.id, text, reply_to=reply_to, random_id=number, attachments=attachments)
            self._enter(page, f"m{item.id}", f"d{peer}", f"m{reply_to}" if reply_to else "", text, attachments, guid, by)
            return item

    def _enter(self, page: Page, said: str, thread: str, reply_to: str, text: str, attachments: Sequence[Json], guid: str, by: By) -> None:
        names = [f"photo{item['photo']['owner_id']}_{item['photo']['id']}" if "photo" in item else item["type"] for item in attachments]
        entry: Json = {"network": "vk", "id": said, "page": str(page.id), "thread": thread, "reply_to": reply_to, "text": text}
        self.world.ledger.append(entry | {"attachments": names, "guid": guid, "by": by, "at": now()})

    def _tell(self, page: Page, label: str, thing: Json) -> None:
        self.world.version += 1
        self.courier.send(page, label, thing)
