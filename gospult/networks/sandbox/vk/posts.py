"""Posts that a page writes through the API: wall.post, wall.edit, wall.delete."""

from typing import Any

from gospult.networks.sandbox.vk.gate import Call, VkError, undefined
from gospult.networks.sandbox.vk.photos import attached
from gospult.networks.sandbox.world import Page, Post

Json = dict[str, Any]


def publish(call: Call) -> Json:
    """wall.post as the community; the same guid gives the first post back."""
    page, guid, text = call.own(-call.number("owner_id")), call.params.get("guid", ""), call.params.get("message", "")
    if not call.flag("from_group"):
        raise VkError(15, "Access denied: the sandbox posts only on behalf of a community")
    if guid and ("post", guid) in page.guarded:
        return {"post_id": page.guarded["post", guid]}
    things = attached(call)
    if not text and not things:
        raise undefined("message")
    call.once_more(f"wall-{page.id}", text)
    made = call.deeds.page_posts(page, text, by="api", guard=guid, things=things)
    if guid:
        page.guarded["post", guid] = made.id
    return {"post_id": made.id}


def edit(call: Call) -> Json:
    """wall.edit: attachments that are not named again are taken away."""
    page, text = call.own(-call.number("owner_id")), call.params.get("message", "")
    post = _post(call, page)
    things = attached(call, post.things)
    if not text and not things:
        raise undefined("message")
    call.deeds.edit_post(page, post.id, text)
    post.things = things
    return {"post_id": post.id}


def delete(call: Call) -> int:
    """wall.delete."""
    page = call.own(-call.number("owner_id"))
    call.deeds.delete_post(page, _post(call, page).id)
    return 1


def _post(call: Call, page: Page) -> Post:
    post = page.posts.get(call.number("post_id"))
    if post is None:
        raise VkError(104, "Not found")
    return post
