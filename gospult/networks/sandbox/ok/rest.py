"""REST methods: users.*, group.*, mediatopic.*, discussions.*, photosV2.getUploadUrl, url.getInfo."""

import json
import secrets
from typing import Any

from gospult.networks.sandbox.ok import names, shapes
from gospult.networks.sandbox.ok.gate import STEWARD, Call, Json, Method, OkError
from gospult.networks.sandbox.world import Comment, Page, Post, Thing

VALUABLE, GROUP, PHOTO = "VALUABLE_ACCESS", "GROUP_CONTENT", "PHOTO_CONTENT"
LONGEST_COMMENT = 3000


# People and groups


def has_permission(call: Call) -> bool:
    """users.hasAppPermission."""
    return call.text("ext_perm") in call.granted()


def logged_in(call: Call) -> str:
    """users.getLoggedInUser: the bare id."""
    return str(STEWARD)


def group_info(call: Call) -> list[Json]:
    """group.getInfo: a bare list; groups that do not exist are left out."""
    call.permitted(VALUABLE, GROUP)
    pages = [names.page_of(call.realm, told.strip()) for told in call.text("uids").split(",")]
    fields = call.fields(shapes.GROUP_FIELDS)
    return [shapes.group(call.world, page, fields) for page in pages if page]


def counters(call: Call) -> Json:
    """group.getCounters."""
    page = call.group("group_id")
    known = {"members": page.members, "themes": len(page.posts)}
    asked = {word.strip().lower() for word in call.text("counterTypes").split(",")}
    return {"counters": {key: value for key, value in known.items() if key in asked}}


def memberships(call: Call) -> list[Json]:
    """group.getUserGroupsByIds: the steward in his office, everybody else unknown."""
    call.permitted(VALUABLE, GROUP)
    page, people = call.group("group_id"), call.text("uids").split(",")
    office = page.kept.get("office", "UNKNOWN") if page in call.pages else "UNKNOWN"
    return [{"groupId": names.group(page), "userId": who, "status": office if who == str(STEWARD) else "UNKNOWN"} for who in people]


def members(call: Call) -> Json:
    """group.getMembers."""
    call.permitted(VALUABLE, GROUP)
    page = call.group("uid")
    shown, more = call.cut(page.followers, default=100, most=1000)
    return {"members": [{"groupId": names.group(page), "userId": str(who), "status": "ACTIVE"} for who in shown], "totalCount": page.members, **more}


def url_info(call: Call) -> Json:
    """url.getInfo: https://ok.ru/<short name> or https://ok.ru/group/<id>."""
    told = call.text("url").rstrip("/").rpartition("/")[2]
    page = names.page_of(call.realm, told) or next((page for page in call.realm.pages.values() if page.handle == told), None)
    return {"type": "GROUP", "objectId": int(names.group(page))} if page else {"type": "UNKNOWN"}


# Topics


def stat_topics(call: Call) -> Json:
    """group.getStatTopics, newest first; in the sandbox every topic has been seen by somebody."""
    page = call.own(call.group("gid"), VALUABLE, GROUP)
    fields = call.fields(shapes.STAT_FIELDS)
    start, end = call.number("start_time", 0, most=10**15), call.number("end_time", 10**15, most=10**15)
    posts = [post for post in sorted(page.posts.values(), key=lambda post: post.id, reverse=True) if start <= post.at * 1000 <= end]
    shown, more = call.cut(posts, default=20, most=100)
    return {"topics": [shapes.figures(page, post, fields) for post in shown], "totalCount": len(posts), **more}


def topics_by_ids(call: Call) -> Json:
    """mediatopic.getByIds; `media_limit` is due when several are asked."""
    asked = [told.strip() for told in call.text("topic_ids").split(",")]
    limit = call.number("media_limit", 0 if len(asked) > 1 else 3, most=3)
    if not limit:
        raise OkError(100, "media_limit")
    places = [found for told in asked if (found := names.place(call.realm, told))]
    return {"media_topics": [shapes.topic(call.world, page, page.posts[post], limit) for page, post in places], "entities": {}}


def post_topic(call: Call) -> str:
    """mediatopic.post into a group: answers with the bare id."""
    if call.text("type") != "GROUP_THEME":
        raise OkError(100, "type")
    page = call.own(call.group("gid"), VALUABLE, GROUP)
    text, things = _media(call, _json(call, "attachment").get("media"))
    if not text and not things:
        raise OkError(100, "attachment")
    return names.topic(page, call.deeds.page_posts(page, text, by="api", things=things).id)


def delete_topic(call: Call) -> Json:
    """mediatopic.deleteTopic."""
    page, post = _topic(call, call.text("topic_id", "") or call.text("delete_id"), 300)
    call.own(page, VALUABLE)
    call.deeds.delete_post(page, post.id)
    return {"success": True, "restore_id": secrets.token_hex(4)}


def upload_url(call: Call) -> Json:
    """photosV2.getUploadUrl for a topic of a group."""
    page = call.own(call.group("gid"), PHOTO)
    photo, key = secrets.token_urlsafe(24), secrets.token_hex(8)
    call.realm.uploads[key] = (photo, -page.id)
    return {"photo_ids": [photo], "upload_url": f"{call.world.base_url}/ok/upload/{key}", "expires_ms": 0, "ttl_ms": 86_400_000}


# Discussions


def get_comments(call: Call) -> Json:
    """discussions.getComments: FIRST goes forward from the oldest, LAST back from the newest."""
    call.permitted(VALUABLE)
    page, post = _topic(call, call.text("discussionId"), 106)
    _discussed(call, "discussionType")
    found = shapes.living(page, post.id)
    if call.text("direction", "BACKWARD") == "BACKWARD":
        found.reverse()
    shown, more = call.cut(found, default=20, most=100)
    return {"comments": [shapes.comment(call.world, page, item) for item in shown], "discussionId": names.topic(page, post.id), **more}


def add_comment(call: Call) -> str:
    """discussions.addDiscussionComment: as the group when `as_admin` is true, else as the person behind the session."""
    page, post = _topic(call, call.text("entityId"), 106)
    _discussed(call, "entityType")
    official = call.text("as_admin", "false") == "true"
    call.own(page, VALUABLE, office=official)
    if post.closed:
        raise OkError(456)
    text = call.text("comment")
    if len(text) > LONGEST_COMMENT:
        raise OkError(100, "comment")
    answered = _comment(page, call.text("reply_to_comment_id", ""))
    if official:
        made = call.deeds.page_comments(page, post.id, text, by="api", reply_to=answered)
    else:
        made = call.deeds.comment(page, post.id, STEWARD, text, reply_to=answered)
    return names.comment(page, made.id)


def delete_comment(call: Call) -> bool:
    """discussions.deleteDiscussionComment."""
    page, _ = _topic(call, call.text("discussionId"), 106)
    _discussed(call, "discussionType")
    call.own(page, VALUABLE)
    call.deeds.delete(page, page.comments[_comment(page, call.text("comment_id"))])
    return True


def resources(call: Call) -> Json:
    """discussions.getAttachedResources."""
    call.permitted(VALUABLE)
    asked = set(call.text("attach_ids").split(","))
    things = [thing for page in call.realm.pages.values() for item in page.comments.values() for thing in item.things]
    return {"attachments": [shapes.resource(call.world, thing) for thing in things if str(thing.number) in asked]}


# What they share


def _topic(call: Call, told: str, code: int) -> tuple[Page, Post]:
    found = names.place(call.realm, told)
    if not found:
        raise OkError(code)
    return found[0], found[0].posts[found[1]]


def _discussed(call: Call, name: str) -> None:
    if call.text(name) != "GROUP_TOPIC":
        raise OkError(100, name)


def _comment(page: Page, told: str) -> int:
    """The comment behind an id, 0 for none; errors 700 and 702."""
    if not told:
        return 0
    try:
        item: Comment = page.comments[names.comment_number(told)]
    except (KeyError, ValueError):
        raise OkError(700) from None
    if item.deleted:
        raise OkError(702)
    return item.id


def _json(call: Call, name: str) -> Json:
    try:
        told = json.loads(call.text(name))
    except ValueError:
        raise OkError(100, name) from None
    if not isinstance(told, dict):
        raise OkError(100, name)
    return told


def _media(call: Call, blocks: Any) -> tuple[str, list[Thing]]:
    """Text and pictures of a topic that is being posted."""
    texts, things = [], []
    for block in [block for block in blocks if isinstance(block, dict)] if isinstance(blocks, list) else []:
        if block.get("type") == "text":
            texts.append(str(block.get("text", "")))
        if block.get("type") == "photo":
            things += [_photo(call, str(item.get("id", ""))) for item in block.get("list", [])]
    return "\n".join(texts), things


def _photo(call: Call, token: str) -> Thing:
    if token not in call.realm.things:
        raise OkError(100, "attachment")
    return call.realm.things[token]


METHODS: dict[str, Method] = {
    "users.hasAppPermission": has_permission,
    "users.getLoggedInUser": logged_in,
    "url.getInfo": url_info,
    "group.getInfo": group_info,
    "group.getCounters": counters,
    "group.getMembers": members,
    "group.getUserGroupsByIds": memberships,
    "group.getStatTopics": stat_topics,
    "mediatopic.getByIds": topics_by_ids,
    "mediatopic.post": post_topic,
    "mediatopic.deleteTopic": delete_topic,
    "photosV2.getUploadUrl": upload_url,
    "discussions.getComments": get_comments,
    "discussions.addDiscussionComment": add_comment,
    "discussions.deleteDiscussionComment": delete_comment,
    "discussions.getAttachedResources": resources,
}
