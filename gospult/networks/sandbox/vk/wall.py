"""Walls as they are read and commented: wall.get*, wall.*Comment."""

from typing import Any

from gospult.networks.sandbox.vk import shapes
from gospult.networks.sandbox.vk.gate import USER, Call, VkError, undefined
from gospult.networks.sandbox.vk.photos import attached
from gospult.networks.sandbox.world import Comment, Page, Post

Json = dict[str, Any]


def wall_get(call: Call) -> Json:
    """Posts, newest first, a pinned one before all."""
    page, offset, count = call.wall(), call.number("offset", 0), call.number("count", 20, most=100)
    posts = sorted(page.posts.values(), key=lambda post: (post.pinned, post.id), reverse=True)
    answer: Json = {"count": len(posts), "items": [shapes.post(call.world, page, post) for post in posts[offset : offset + count]]}
    return answer | (shapes.faces(call.world, call.realm, [-page.id]) if _extended(call) else {})


def wall_get_by_id(call: Call) -> Json:
    """Posts named as <owner>_<post>."""
    found = []
    for name in call.params.get("posts", "").split(","):
        owner, _, number = name.partition("_")
        page = call.realm.pages.get(-int(owner)) if owner.removeprefix("-").isdecimal() else None
        if page and number.isdecimal() and int(number) in page.posts:
            found.append(shapes.post(call.world, page, page.posts[int(number)]))
    return {"items": found}


def wall_get_comments(call: Call) -> Json:
    """Comments under a post, or the replies of one thread when `comment_id` is given."""
    page = call.wall()
    post, top = _post(call, page), call.number("comment_id", 0)
    if top and top not in page.comments:
        raise undefined("comment_id")
    level = page.living(top or post.id)
    count, sort = call.number("count", 10, most=100), call.params.get("sort", "asc")
    shown = _slice(call, level if sort == "asc" else level[::-1], count)
    inside = call.number("thread_items_count", 0, most=10)
    items = [shapes.comment(call.world, page, item, inside=inside, sort=sort) for item in shown]
    total = len(level) + (0 if top else sum(len(page.living(item.id)) for item in level))
    answer: Json = {"count": total, "items": items, "current_level_count": len(level), "can_post": not post.closed, "show_reply_button": True}
    answer["groups_can_post"] = not post.closed
    return answer | (_faces(call, page, items) if _extended(call) else {})


def _slice(call: Call, level: list[Comment], count: int) -> list[Comment]:
    first, offset = call.number("start_comment_id", 0), call.number("offset", 0)
    level = [item for item in level if item.id >= first] if first else level
    return level[offset : offset + count]


def _faces(call: Call, page: Page, items: list[Json]) -> Json:
    inner = [reply["from_id"] for item in items for reply in item.get("thread", {}).get("items", [])]
    return shapes.faces(call.world, call.realm, [item["from_id"] for item in items] + inner + [-page.id])


def create_comment(call: Call) -> Json:
    """wall.createComment as the community; the same guid gives the first comment back."""
    page = call.own(-call.number("owner_id"))
    post, guid = _post(call, page), call.params.get("guid", "")
    if call.kind == USER and call.number("from_group", 0) != page.id:
        raise VkError(15, "Access denied: the sandbox comments only on behalf of a community")
    if guid and ("guid", guid) in page.guarded:
        return _created(page.comments[page.guarded["guid", guid]])
    if post.closed:
        raise VkError(213, "Access to status replies denied")
    reply_to, text, pictures = call.number("reply_to_comment", 0), call.params.get("message", ""), attached(call)
    if not text and not pictures:
        raise undefined("message")
    if reply_to and (reply_to not in page.comments or page.comments[reply_to].deleted):
        raise VkError(100, "One of the parameters specified was missing or invalid: reply_to_comment not found")
    call.once_more(f"wall-{page.id}_{post.id}_{reply_to}", text)
    made = call.deeds.page_comments(page, post.id, text, by="api", reply_to=reply_to, guard=guid, things=pictures)
    if guid:
        page.guarded["guid", guid] = made.id
    return _created(made)


def delete_comment(call: Call) -> int:
    """wall.deleteComment."""
    page = call.own(-call.number("owner_id"))
    item = _comment(call, page)
    if item.deleted:
        raise VkError(211, "Access to wall's comment denied")
    call.deeds.delete(page, item)
    return 1


def restore_comment(call: Call) -> int:
    """wall.restoreComment."""
    page = call.own(-call.number("owner_id"))
    item = _comment(call, page)
    if not item.deleted:
        raise VkError(243, "Comment has not been deleted")
    call.deeds.restore(page, item)
    return 1


def _comment(call: Call, page: Page) -> Comment:
    item = page.comments.get(call.number("comment_id"))
    if item is None:
        raise VkError(104, "Not found")
    return item


def _created(made: Comment) -> Json:
    return {"comment_id": made.id, "parents_stack": [made.top] if made.top else []}


def _post(call: Call, page: Page) -> Post:
    post = page.posts.get(call.number("post_id"))
    if post is None:
        raise VkError(15, "Access denied: post not found")
    return post


def _extended(call: Call) -> bool:
    return call.params.get("extended", "0") in ("1", "true")
