"""The sandbox's state as the JSON of Bot API 10.1."""

from typing import Any

from gospult.networks.sandbox.telegram import names
from gospult.networks.sandbox.world import Comment, Message, Page, Post, Thing, World

Json = dict[str, Any]
LINK = "https://example.org/"
# What may carry the text of a message as its caption.
CAPTIONED = {"photo", "video", "voice", "file"}
FOLDERS = {"photo": "photos", "video": "videos", "voice": "voice", "file": "documents"}
ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "video/mp4": "mp4", "audio/ogg": "oga", "application/pdf": "pdf"}


def messages(world: World, page: Page, item: Post | Comment | Message, *, bare: bool = False) -> list[Json]:
    """What was said at once: Telegram makes a message of every file, so it may be several; `kept["albums"]` remembers their numbers.

    bare  without the message that is answered
    """
    parts = _parts(world, page, item)
    numbers = album(page, item, len(parts))
    together = {"media_group_id": str(13_000_000_000 + item.id)} if len(parts) > 1 else {}
    head = _head(world, page, item) | ({} if bare or isinstance(item, Post) else _answered(world, page, item))
    return [{"message_id": number} | head | part | together for number, part in zip(numbers, parts, strict=True)]


def album(page: Page, item: Post | Comment | Message, size: int) -> list[int]:
    """The numbers of the messages that were made of one item; the first is its own."""
    albums: dict[tuple[str, int], list[int]] = page.kept["albums"]
    place = (type(item).__name__, item.id)
    if place not in albums and size > 1:
        albums[place] = [item.id] + [_next(page, item) for _ in range(size - 1)]
    return albums.get(place, [item.id])


def _next(page: Page, item: Post | Comment | Message) -> int:
    if isinstance(item, Message):
        page.last_message += 1
        return page.last_message
    return page.next_id()


def _head(world: World, page: Page, item: Post | Comment | Message) -> Json:
    if isinstance(item, Post):
        return {"sender_chat": names.channel(page), "chat": names.channel(page), "date": item.at}
    head: Json = {"date": item.at} | ({"edit_date": item.edited_at} if item.edited_at else {})
    if isinstance(item, Message):
        speaks = names.person(world, page, item.from_id) if item.from_id > 0 else names.bot(page)
        return head | {"from": speaks, "chat": names.private(world, page, item.peer_id)}
    head |= {"chat": names.group(page), "message_thread_id": item.post_id}
    if item.from_id > 0:
        return head | {"from": names.person(world, page, item.from_id)}
    if item.id in page.kept["own"]:
        return head | {"from": names.bot(page)}
    return head | {"from": names.CHANNEL_BOT, "sender_chat": names.channel(page)}  # a steward who speaks as the channel


def _answered(world: World, page: Page, item: Comment | Message) -> Json:
    """The message that is answered, without the one that it answers itself."""
    above = page.messages.get(item.reply_to) if isinstance(item, Message) else page.comments.get(item.reply_to)
    if above:
        return {"reply_to_message": messages(world, page, above, bare=True)[0]}
    post = page.posts.get(item.post_id) if isinstance(item, Comment) else None
    return {"reply_to_message": forward(world, page, post)[0]} if post else {}


def forward(world: World, page: Page, post: Post) -> list[Json]:
    """A post as it stands in the discussion group, where Telegram itself brings it."""
    shown = []
    for message in messages(world, page, post):
        origin = {"type": "channel", "date": post.at, "chat": names.channel(page), "message_id": message["message_id"]}
        shown.append(message | {"from": names.TELEGRAM, "chat": names.group(page), "forward_origin": origin, "is_automatic_forward": True})
    return shown


# What a message holds


def _parts(world: World, page: Page, item: Post | Comment | Message) -> list[Json]:
    """The text, or the files of which the first carries it."""
    files = [(thing.kind, content(world, page, thing)) for thing in item.things if thing.kind != "link"]
    text = item.text or (LINK if len(files) < len(item.things) else "")
    if not files:
        return [{"text": text, "entities": [{"type": "url", "offset": 0, "length": len(LINK)}]} if text == LINK else {"text": text}]
    if not text:
        return [part for _, part in files]
    if files[0][0] in CAPTIONED:
        return [files[0][1] | {"caption": text}, *(part for _, part in files[1:])]
    return [{"text": text}, *(part for _, part in files)]


def content(world: World, page: Page, thing: Thing) -> Json:
    """A file as the field of a message."""
    if thing.kind == "photo":
        small = {"width": 90, "height": max(1, 90 * thing.height // thing.width)}
        return {"photo": [_file(world, thing, "m") | small, _file(world, thing, "x") | {"width": thing.width, "height": thing.height}]}
    about = _file(world, thing, "")
    match thing.kind:
        case "video":
            return {"video": about | {"width": 320, "height": 240, "duration": 3, "mime_type": "video/mp4"}}
        case "voice":
            return {"voice": about | {"duration": 3, "mime_type": "audio/ogg"}}
        case "file":
            return {"document": about | {"file_name": thing.name, "mime_type": "application/pdf"}}
        case _:
            return {"sticker": about | {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False, "emoji": "👍"}}


def _file(world: World, thing: Thing, size: str) -> Json:
    """Ids of a file, which the realm remembers for getFile."""
    known = world.realm("telegram").things
    name = f"AgACAgIAAxkBAAI{thing.number}{size}"
    known[name] = thing
    weight = {"file_size": world.files.size(thing.name)} if thing.name else {}
    return {"file_id": name, "file_unique_id": f"AQAD{thing.number}{size}"} | weight


def file(world: World, name: str) -> Json | None:
    """A File of getFile, None when there is no such one or it has no bytes here."""
    thing = world.realm("telegram").things.get(name)
    found = world.files.get(thing.name) if thing else None
    if not thing or not found:
        return None
    path = f"{FOLDERS.get(thing.kind, 'files')}/file_{thing.number}.{ENDINGS.get(found[0], 'bin')}"
    world.realm("telegram").things[path] = thing
    return _file(world, thing, name[-1] if name[-1] in "mx" else "") | {"file_path": path}
