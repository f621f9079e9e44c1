"""/messages/{messageId}/comments: what is said under a post of a channel."""

from typing import Any

from gospult.networks.sandbox.max import names, shapes
from gospult.networks.sandbox.max.gate import Call, MaxError, invalid
from gospult.networks.sandbox.max.messages import link, said
from gospult.networks.sandbox.world import Comment, Page

Json = dict[str, Any]
EDITABLE_MS = 26 * 3600 * 1000


def listed(call: Call) -> Json:
    """The comments of a post, the newest first; `before` and `after` are moments, both excluded."""
    page, post = _post(call, "read_all_messages")
    items = [item for item in page.comments.values() if item.post_id == post and not item.deleted]
    if asked := call.query.get("comment_ids"):
        return {"messages": [shapes.comment(call.world, page, _comment(call, page, post, name)) for name in asked.split(",")]}
    before, after = call.number("before", 1 << 61), call.number("after", 0)
    shown = [item for item in items if after < shapes.moment(page, item) < before]
    shown.sort(key=lambda item: (shapes.moment(page, item), item.id), reverse=True)
    return {"messages": [shapes.comment(call.world, page, item) for item in shown[: call.number("count", 50, least=1, most=100)]]}


def one(call: Call) -> Json:
    """One comment by its id."""
    page, post = _post(call, "read_all_messages")
    return shapes.comment(call.world, page, _comment(call, page, post, call.path["commentId"]))


def send(call: Call) -> Json:
    """The bot comments; with comments switched off MAX answers 500, as was seen in August 2026."""
    page, post = _post(call, "read_all_messages", "write")
    text, answered = said(call), link(call)
    if call.body.get("attachments"):
        raise invalid("attachments are not supported in comments")
    if not text:
        raise invalid("text: must not be empty")
    if page.extra.get("comments_off"):
        raise MaxError(500, "internal.error", "Internal error")
    call.slow_down(names.channel(page))
    reply_to = _comment(call, page, post, answered).id if answered else 0
    made = call.deeds.page_comments(page, post, text, by="api", reply_to=reply_to)
    page.kept.setdefault("by_bot", set()).add(made.id)
    return {"message": shapes.comment(call.world, page, made)}


def edit(call: Call) -> Json:
    """The bot rewrites a comment of the page, within 26 hours."""
    page, post = _post(call, "edit")
    item = _comment(call, page, post, call.query.get("comment_id", ""))
    call.slow_down(names.channel(page))
    if item.from_id > 0:
        raise MaxError(403, "access.denied", "Only own comments can be edited")
    if shapes.now_ms() - shapes.moment(page, item) > EDITABLE_MS:
        raise MaxError(422, "comments.timeout_exceeded", "Comment is too old to be edited")
    call.deeds.edit(page, item, said(call))
    return {"success": True}


def delete(call: Call) -> Json:
    """Anybody's comment goes, for good."""
    page, post = _post(call, "read_all_messages", "delete")
    call.deeds.delete(page, _comment(call, page, post, call.query.get("comment_id", "")))
    return {"success": True}


def _post(call: Call, *permissions: str) -> tuple[Page, int]:
    page, person, number = call.found(call.path["messageId"])
    if person or number not in page.posts:
        raise MaxError(404, "message.not.found", "Message not found")
    return call.granted(page, *permissions), number


def _comment(call: Call, page: Page, post: int, name: str) -> Comment:
    """A living comment under this post; MAX says proto.payload to an id that it does not find."""
    _, _, number = call.found(name)
    item = page.comments.get(number)
    if item is None or item.deleted or item.post_id != post:
        raise invalid("comment_id: not found")
    return item
