"""The sandbox's state as OK's JSON."""

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from typing import Any

from gospult.networks.sandbox.ok import names
from gospult.networks.sandbox.world import Comment, Message, Page, Post, Thing, World

Json = dict[str, Any]
MOSCOW = timezone(timedelta(hours=3))
FIRST_SEQ = 98_211_000_000_000_000
GROUP_FIELDS = {
    "uid", "name", "shortname", "description", "members_count", "pic_avatar", "cover", "homepage_url", "phone", "address", "city",
    "access_type", "private", "blocked", "messages_allowed",
}  # fmt: skip
STAT_FIELDS = {"id", "views", "likes", "comments", "reshares", "reach", "engagement", "feedback"}
COMMENT_TYPES = {"photo": "PHOTO", "video": "MOVIE", "voice": "AUDIO_RECORDING", "file": "FILE", "sticker": "STICKER", "link": "LINK"}
MESSAGE_TYPES = {"photo": "IMAGE", "video": "VIDEO", "voice": "AUDIO", "file": "FILE", "sticker": "STICKER", "link": "SHARE"}


def group(world: World, page: Page, fields: Iterable[str]) -> Json:
    """A group of group.getInfo: the asked fields only."""
    whole: Json = {"uid": names.group(page), "name": page.name, "shortname": page.handle, "description": page.description}
    whole |= {"members_count": page.members, "pic_avatar": f"{world.base_url}/files/photo.jpg", "access_type": "OPEN", "private": False}
    whole |= {"blocked": False, "messages_allowed": True} | page.extra
    wanted = set(fields)
    return {key: value for key, value in whole.items() if key in wanted}


def topic(world: World, page: Page, item: Post, media_limit: int) -> Json:
    """A topic of mediatopic.getByIds."""
    media: list[Json] = [{"type": "text", "text": item.text, "text_tokens": []}] if item.text else []
    if item.things:
        media.append({"type": "photo", "photo_refs": [f"group_photo:{thing.number}" for thing in item.things]})
    if item.repost:
        media.append({"type": "topic", "reshare": True, "topic_refs": ["mediatopic:155000000000001"]})
    ours = {"author_ref": f"group:{names.group(page)}", "owner_ref": f"group:{names.group(page)}"}
    under = {"discussion_id": names.topic(page, item.id), "discussion_type": "GROUP_TOPIC", "comments_count": len(living(page, item.id))}
    counts = {"like_summary": {"count": item.likes}, "reshare_summary": {"count": item.reposts}, "discussion_summary": under}
    flags = {"is_sticky": item.pinned, "is_commenting_denied": item.closed}
    return {"id": names.topic(page, item.id), "created_ms": item.at * 1000, "media": media[:media_limit], **ours, **counts, **flags}


def figures(page: Page, item: Post, fields: Iterable[str]) -> Json:
    """A topic's figures of group.getStatTopics: the asked fields only."""
    whole: Json = {"id": names.topic(page, item.id), "views": item.views, "likes": item.likes, "comments": len(living(page, item.id))}
    whole |= {"reshares": item.reposts, "reach": item.views, "engagement": item.likes + item.reposts, "feedback": item.likes}
    wanted = set(fields)
    return {key: value for key, value in whole.items() if key in wanted}


def living(page: Page, post: int) -> list[Comment]:
    """All comments under a topic, oldest first: OK's list is flat."""
    return [item for item in page.comments.values() if item.post_id == post and not item.deleted]


def comment(world: World, page: Page, item: Comment) -> Json:
    """A comment with the fields that OK gives unasked."""
    shape: Json = {"id": names.comment(page, item.id), "text": item.text, "type": "ACTIVE_MESSAGE", "date": _date(item.at)}
    shape |= author(world, page, item.from_id) | {"like_count": 0, "liked_it": False, "attrs": {"flags": "l,s"}}
    if item.reply_to in page.comments:
        answered = page.comments[item.reply_to]
        shape |= {"reply_to_comment_id": names.comment(page, item.reply_to), "reply_to_id": author(world, page, answered.from_id)["author_id"]}
        shape["reply_to_name"] = world.name_of(page, answered.from_id)
    if item.things:
        shape["attachments"] = [{"id": str(thing.number), "type": COMMENT_TYPES[thing.kind]} for thing in item.things]
    return shape


def author(world: World, page: Page, from_id: int) -> Json:
    """Who wrote: a person, or the group itself."""
    told: Json = {"author_id": str(from_id), "author_name": world.name_of(page, from_id)}
    return {"author_id": names.group(page), "author_name": page.name, "author_type": "GROUP"} if from_id < 0 else told


def resource(world: World, thing: Thing) -> Json:
    """An attachment of a comment; of a video OK shows no bytes."""
    shape: Json = {"id": str(thing.number), "type": COMMENT_TYPES[thing.kind]}
    if thing.kind == "photo":
        shape |= {"pic128x128": f"{world.address(thing)}?size=s", "pic_max": world.address(thing)}
    return shape


def message(world: World, page: Page, item: Message) -> Json:
    """A message of graph.user.messages and of a webhook."""
    said: Json = {"text": item.text, "seq": FIRST_SEQ + item.id, "mid": f"mid:{names.message(page, item.id)}"}
    if item.things:
        said["attachments"] = [attachment(world, thing) for thing in item.things]
    if item.reply_to in page.messages:
        said["reply_to"] = f"mid:{names.message(page, item.reply_to)}"
    group_itself = {"name": page.name, "group_id": f"group:{names.group(page)}"}
    sender = group_itself if item.from_id < 0 else {"name": world.name_of(page, item.from_id), "user_id": f"user:{item.from_id}"}
    return {"sender": sender, "recipient": {"chat_id": f"chat:{names.chat(item.peer_id)}"}, "message": said, "timestamp": item.at * 1000}


def attachment(world: World, thing: Thing) -> Json:
    """What hangs on a message; a shared link is the address itself."""
    url = "https://example.org/road" if thing.kind == "link" else world.address(thing)
    return {"type": MESSAGE_TYPES[thing.kind], "payload": {"url": url} if url else {}}


def chat(world: World, page: Page, peer: int) -> Json:
    """A dialogue of graph.user.chats."""
    when = 1000 * max((max(item.at, item.edited_at) for item in page.dialogues[peer]), default=0)
    told = {"type": "GROUP_CHAT", "status": "ACTIVE", "title": world.name_of(page, peer), "participants": {f"user:{peer}": when}}
    owner = {"owner_id": f"user:{peer}", "group_id": f"group:{names.group(page)}"}
    return {**told, "lastEventTime": when, "chat_id": f"chat:{names.chat(peer)}", **owner}


def _date(seconds: int) -> str:
    """A moment as OK writes it: by Moscow time, without a zone."""
    return datetime.fromtimestamp(seconds, MOSCOW).strftime("%Y-%m-%d %H:%M:%S")
