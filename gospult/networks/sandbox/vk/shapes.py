"""The sandbox's state as VK's JSON (objects of API 5.199)."""

from collections.abc import Container, Iterable
from typing import Any

from gospult.networks.sandbox.world import Comment, Message, Page, Post, Realm, Thing, World

Json = dict[str, Any]
OPEN = (("verified", 1), ("wall", 1), ("can_message", 1), ("cover", {"enabled": 0}))  # of every page whose `extra` does not say otherwise
ALWAYS = {"deactivated", "is_closed"}
# What hangs on something → the word that begins its reference.
LABELS = {"photo": "photo", "video": "video", "voice": "audio_message", "file": "doc"}
LINK = "https://example.org/road"


def group(world: World, page: Page, fields: Container[str]) -> Json:
    """A community of groups.getById; what was not asked in `fields`, and an empty text, is left out.

    Small and cheap: a sweep asks for the pages of a whole country, 12,500 of them in an `execute` of 5 MB.
    """
    picture = f"{world.base_url}/files/photo.jpg"
    shape: Json = {
        "id": page.id, "name": page.name, "screen_name": page.handle, "is_closed": 0, "type": "page",
        "photo_50": picture, "photo_100": picture, "photo_200": picture,
    }  # fmt: skip
    for key, value in OPEN:
        if key in fields:
            shape[key] = value
    if "members_count" in fields:
        shape["members_count"] = page.members
    if page.description and "description" in fields:
        shape["description"] = page.description
    if page.menu and "menu" in fields:
        menu = [{"id": number, "type": "other", "title": title, "url": url} for number, (title, url) in enumerate(page.menu, 1)]
        shape["menu"] = {"items": menu}
    for key, value in page.extra.items():
        if key in fields or key in ALWAYS:
            shape[key] = value
    return shape


def user(world: World, number: int) -> Json:
    """A person of users.get and of extended answers."""
    first, _, last = world.people.get(number, f"Пользователь {number}").partition(" ")
    return {"id": number, "first_name": first, "last_name": last, "can_access_closed": True, "is_closed": False}


def post(world: World, page: Page, item: Post) -> Json:
    """A post of wall.get."""
    tops = page.living(item.id)
    under = len(tops) + sum(len(page.living(comment.id)) for comment in tops)
    shape: Json = {"inner_type": "wall_wallpost", "id": item.id, "owner_id": -page.id, "from_id": -page.id, "date": item.at}
    shape |= {
        "post_type": "post",
        "text": item.text,
        "attachments": things(world, item.things),
        "type": "post",
        "marked_as_ads": 0,
        "hash": f"h{item.id}",
    }
    shape |= {"comments": {"can_post": 0 if item.closed else 1, "count": under, "groups_can_post": True}, "likes": _likes(item.likes)}
    shape |= {"reposts": {"count": item.reposts, "user_reposted": 0}, "views": {"count": item.views}}
    if item.pinned:
        shape["is_pinned"] = 1
    if item.repost:
        origin = {"inner_type": "wall_wallpost", "id": 1, "owner_id": -1, "from_id": -1, "date": item.at, "text": item.text, "post_type": "post"}
        shape["copy_history"] = [origin]
    return shape


def comment(world: World, page: Page, item: Comment, *, inside: int = 0, sort: str = "asc") -> Json:
    """A comment; a top one carries its thread with the first `inside` replies."""
    shape: Json = {"id": item.id, "from_id": item.from_id, "date": item.at, "text": item.text, "post_id": item.post_id, "owner_id": -page.id}
    shape |= {"parents_stack": [item.top] if item.top else [], "likes": _likes(0), "is_from_post_author": item.from_id == -page.id}
    if item.things:
        shape["attachments"] = things(world, item.things)
    if item.reply_to:
        shape["reply_to_comment"] = item.reply_to
        shape["reply_to_user"] = page.comments[item.reply_to].from_id
    if item.deleted:
        shape |= {"from_id": 0, "text": "", "deleted": True}
    if not item.top:
        under = page.living(item.id)
        shown = [comment(world, page, inner) for inner in (under if sort == "asc" else reversed(under))][:inside]
        shape["thread"] = {"count": len(under), "items": shown, "can_post": True, "show_reply_button": True, "groups_can_post": True}
    return shape


def message(world: World, page: Page, item: Message) -> Json:
    """A direct message as history, message_new and message_reply give it."""
    own = item.from_id == -page.id
    shape: Json = {
        "id": item.id,
        "date": item.at,
        "peer_id": item.peer_id,
        "from_id": item.from_id,
        "text": item.text,
        "version": 10_000_000 + item.id,
    }
    shape |= {
        "attachments": things(world, item.things),
        "conversation_message_id": item.number,
        "fwd_messages": [],
        "important": False,
        "is_hidden": False,
    }
    shape |= {"out": 1 if own else 0, "random_id": int(item.guard or 0) if own else 0}
    if item.reply_to in page.messages:
        answered = page.messages[item.reply_to]
        shape["reply_message"] = {"id": answered.id, "date": answered.at, "from_id": answered.from_id, "peer_id": answered.peer_id}
        shape["reply_message"] |= {"text": answered.text, "attachments": things(world, answered.things), "conversation_message_id": answered.number}
    if item.edited_at:
        shape["update_time"] = item.edited_at
    return shape


def reference(thing: Thing) -> str:
    """What names a thing among attachments; a link names itself, a sticker has no name."""
    if thing.kind == "link":
        return LINK
    return f"{LABELS[thing.kind]}{thing.owner}_{thing.number}" if thing.kind in LABELS else ""


def things(world: World, found: Iterable[Thing]) -> list[Json]:
    """Attachments of anything."""
    return [attachment(world, thing) for thing in found]


def attachment(world: World, thing: Thing) -> Json:
    """One attachment; a kind that VK has no word for never comes here."""
    number, owner, when, url = thing.number, thing.owner, 1_790_000_000, world.address(thing)
    match thing.kind:
        case "photo":
            return {"type": "photo", "photo": photo(world, thing)}
        case "video":
            clip = {"response_type": "full", "id": number, "owner_id": owner, "title": "Видео", "duration": 3, "date": when}
            return {"type": "video", "video": clip | {"files": {"mp4_240": url}, "type": "video", "access_key": f"k{number}"}}
        case "voice":
            links = {"link_ogg": url, "link_mp3": url.replace(".ogg", ".mp3")}
            return {"type": "audio_message", "audio_message": {"id": number, "owner_id": owner, "duration": 2, "waveform": [0, 3, 7, 2]} | links}
        case "file":
            size = world.files.size(thing.name)
            paper = {"id": number, "owner_id": owner, "title": "заявление.pdf", "size": size, "ext": "pdf", "url": url, "date": when, "type": 1}
            return {"type": "doc", "doc": paper}
        case "sticker":
            return {"type": "sticker", "sticker": {"inner_type": "base_sticker_new", "sticker_id": 9008, "product_id": 279}}
        case _:
            return {"type": "link", "link": {"url": LINK, "title": "Ссылка"}}


def photo(world: World, thing: Thing) -> Json:
    """A photo with two sizes."""
    url, width, height = world.address(thing), thing.width, thing.height
    sizes = [{"type": "x", "url": url, "width": width, "height": height}]
    if width > 130:
        sizes.insert(0, {"type": "m", "url": f"{url}?size=m", "width": 130, "height": 130 * height // width})
    shape: Json = {"id": thing.number, "album_id": -7, "owner_id": thing.owner, "date": 1_790_000_000, "text": "", "has_tags": False, "sizes": sizes}
    return shape | {"access_key": f"k{thing.number:x}"}


def faces(world: World, realm: Realm, ids: Iterable[int]) -> Json:
    """`profiles` and `groups` of an extended answer."""
    seen = set(ids)
    people = [user(world, number) for number in sorted(seen) if number > 0]
    groups = [group(world, realm.pages[-number], ()) for number in sorted(seen) if -number in realm.pages]
    return {"profiles": people, "groups": groups}


def _likes(count: int) -> Json:
    return {"can_like": 1, "count": count, "user_likes": 0, "can_publish": 1}
