"""The sandbox's state as MAX's JSON, with the gaps that its recorded answers have: people carry no `username`, a bare text no `attachments`."""

import time
from collections.abc import Sequence
from typing import Any

from gospult.networks.sandbox.max import names
from gospult.networks.sandbox.world import Comment, Message, Page, Post, Thing, World

Json = dict[str, Any]
PERMISSIONS = ["read_all_messages", "add_remove_members", "change_chat_info", "pin_message", "write", "edit", "delete", "view_stats"]


def now_ms() -> int:
    """Unix milliseconds."""
    return int(time.time() * 1000)


def stamp(page: Page, item: Post | Comment | Message) -> None:
    """Something was just said: keep its millisecond, later than that of everything before, so that paging by time finds all."""
    page.kept["last_ms"] = max(now_ms(), page.kept.get("last_ms", 0) + 1)
    page.kept.setdefault("stamps", {})[type(item), item.id] = page.kept["last_ms"]


def moment(page: Page, item: Post | Comment | Message) -> int:
    """When it was said, in milliseconds."""
    at: int = page.kept.get("stamps", {}).get((type(item), item.id), item.at * 1000)
    return at


# People and chats


def person(world: World, page: Page, number: int) -> Json:
    """A person, as MAX shows him to a bot."""
    name = world.name_of(page, number)
    first, _, last = name.partition(" ")
    active = 1_790_000_000_000 + number
    return {"user_id": number, "first_name": first, "last_name": last, "is_bot": False, "last_activity_time": active, "name": name}


def bot(page: Page) -> Json:
    """The page's bot; it has a `username`, as people have none."""
    name = f"Помощник: {page.name}"[:59]
    shape: Json = {"user_id": names.bot(page), "first_name": name, "username": f"{page.handle}_bot", "is_bot": True}
    return shape | {"last_activity_time": now_ms(), "name": name}


def bot_info(page: Page) -> Json:
    """GET /me."""
    return bot(page) | {"description": page.description, "avatar_url": "", "full_avatar_url": "", "commands": []}


def channel(world: World, page: Page) -> Json:
    """The page's channel; only its administrators see the owner."""
    posts = [post for post in page.posts.values() if post.pinned]
    last = page.kept.get("last_ms", 0)
    shape: Json = {"chat_id": names.channel(page), "type": "channel", "status": page.extra.get("status", "active"), "title": page.name}
    shape |= {"icon": {"url": f"{world.base_url}/files/photo.jpg"}, "last_event_time": last, "participants_count": page.members, "is_public": True}
    shape |= {"link": f"https://max.ru/{page.handle}", "description": page.description, "messages_count": len(page.posts), "owner_id": 1}
    return shape | ({"pinned_message": post(world, page, posts[-1])} if posts else {})


def dialogue(world: World, page: Page, peer: int) -> Json:
    """The bot's dialogue with a person."""
    shape: Json = {"chat_id": names.dialogue(page, peer), "type": "dialog", "status": "suspended" if peer in page.denied else "active"}
    shape |= {"last_event_time": moment(page, page.dialogues[peer][-1]), "participants_count": 2, "is_public": False}
    return shape | {"dialog_with_user": person(world, page, peer)}


def member(page: Page, who: Json, *, admin: bool, owner: bool = False) -> Json:
    """A member of the channel; permissions only of administrators."""
    shape = who | {"last_access_time": 1_790_000_000_000, "is_owner": owner, "is_admin": admin, "join_time": 1_790_000_000_000}
    return shape | ({"permissions": page.extra.get("permissions", PERMISSIONS)} if admin else {"permissions": None})


# Messages


def post(world: World, page: Page, item: Post) -> Json:
    """A message of the channel: no sender, with views and a public address."""
    at = moment(page, item)
    name = names.mid_of(page, item)
    shape: Json = {"recipient": {"chat_id": names.channel(page), "chat_type": "channel"}, "timestamp": at}
    shape |= {"body": body(world, page, name, item.id, "" if item.repost else item.text, item.things)}
    shape |= {"stat": {"views": item.views}, "url": f"{world.base_url}/max/thread/w{name}"}
    if item.repost:
        origin = {"mid": names.mid(names.FIRST_CHANNEL, item.id), "seq": names.sequence(item.id), "text": item.text}
        shape["link"] = {"type": "forward", "chat_id": names.FIRST_CHANNEL, "message": origin}
    return shape


def comment(world: World, page: Page, item: Comment) -> Json:
    """A comment under a post: no attachments; without a sender when it was made on the channel's behalf."""
    shape: Json = {"sender": None if item.from_id < 0 else person(world, page, item.from_id)}
    if item.from_id < 0 and item.id in page.kept.get("by_bot", ()):
        shape["sender"] = bot(page)
    recipient = {"chat_id": names.channel(page), "chat_type": "channel", "post_id": names.mid(names.channel(page), item.post_id)}
    shape |= {"recipient": recipient, "timestamp": moment(page, item), "body": body(world, page, names.mid_of(page, item), item.id, item.text, ())}
    answered = page.comments.get(item.reply_to)
    return shape | ({"link": _reply(world, page, answered)} if answered else {})


def message(world: World, page: Page, item: Message) -> Json:
    """A message of a dialogue."""
    own = item.from_id < 0
    recipient = {"chat_id": names.dialogue(page, item.peer_id), "chat_type": "dialog", "user_id": item.peer_id if own else names.bot(page)}
    shape: Json = {"recipient": recipient, "timestamp": moment(page, item)}
    shape |= {"body": body(world, page, names.mid_of(page, item), item.id, item.text, item.things)}
    shape["sender"] = bot(page) if own else person(world, page, item.from_id)
    answered = page.messages.get(item.reply_to)
    return shape | ({"link": _reply(world, page, answered)} if answered else {})


def _reply(world: World, page: Page, answered: Comment | Message) -> Json:
    inner = {"mid": names.mid_of(page, answered), "seq": names.sequence(answered.id), "text": answered.text}
    who = bot(page) if answered.from_id < 0 else person(world, page, answered.from_id)
    return {"type": "reply", "sender": who, "message": inner}


def body(world: World, page: Page, name: str, number: int, text: str, things: Sequence[Thing]) -> Json:
    """What was said; `attachments` only where there are some."""
    shape: Json = {"mid": name, "seq": names.sequence(number), "text": text}
    return shape | ({"attachments": [attachment(world, page, thing) for thing in things]} if things else {})


def attachment(world: World, page: Page, thing: Thing) -> Json:
    """A photo, video, voice, file, sticker or link; its token works for sending it again and for GET /videos."""
    token, url = f"{thing.kind}-{thing.number}", world.address(thing)
    world.realm("max").things[token] = thing
    payload: Json = {"token": token, "url": url}
    match thing.kind:
        case "photo":
            return {"type": "image", "payload": {"photo_id": thing.number} | payload}
        case "video":
            # Not the bytes: a page with a player, as MAX gives it.
            page_url = f"{world.base_url}/max/player/{token}"
            sizes = {"width": 320, "height": 240, "duration": 3}
            return {"type": "video", "payload": payload | {"url": page_url}, "thumbnail": {"url": f"{world.base_url}/files/photo.jpg"}} | sizes
        case "voice":
            return {"type": "audio", "payload": payload}
        case "sticker":
            return {"type": "sticker", "payload": {"url": f"{world.base_url}/files/photo.jpg", "code": token}, "width": 512, "height": 512}
        case "link":
            return {"type": "share", "payload": {"url": "https://example.org/road", "token": token}, "title": "Ссылка"}
        case _:
            return {"type": "file", "payload": payload, "filename": "заявление.pdf", "size": world.files.size(thing.name)}


def video(world: World, token: str, thing: Thing) -> Json:
    """GET /videos/{videoToken}."""
    shape: Json = {"token": token, "urls": {"mp4_240": world.address(thing), "mp4_1080": None, "hls": None}}
    return shape | {"width": 320, "height": 240, "duration": 3}
