"""The table of VK's methods, and how one call is answered."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gospult.networks.sandbox.deeds import Deeds
from gospult.networks.sandbox.vk import communities, execute, hooks, longpoll, messages, photos, posts, wall
from gospult.networks.sandbox.vk.gate import COMMUNITY, SERVICE, USER, Call, Method, VkError, admit, error_body, permit

ALL, ACTING, READING, PERSON = (USER, COMMUNITY, SERVICE), (USER, COMMUNITY), (USER, SERVICE), (USER,)
# Method → (token kinds that VK's schema allows, who answers, what the token must have been given).
METHODS: dict[str, tuple[tuple[str, ...], Method, str]] = {
    "execute": (ACTING, lambda call: execute.run(call, lambda name, params: _inside(replace(call, params=params), name)), ""),
    "account.getAppPermissions": (PERSON, communities.app_permissions, ""),
    "groups.getById": (ALL, communities.by_id, ""),
    "groups.getMembers": (ALL, communities.members, ""),
    "groups.ban": (PERSON, communities.ban, "manage"),
    "groups.unban": (PERSON, communities.unban, "manage"),
    "groups.getTokenPermissions": ((COMMUNITY,), communities.token_permissions, ""),
    "groups.getCallbackConfirmationCode": (ACTING, hooks.confirmation_code, "manage"),
    "groups.getCallbackServers": (ACTING, hooks.servers, "manage"),
    "groups.addCallbackServer": (ACTING, hooks.add, "manage"),
    "groups.editCallbackServer": (ACTING, hooks.edit, "manage"),
    "groups.deleteCallbackServer": (ACTING, hooks.delete, "manage"),
    "groups.getCallbackSettings": (ACTING, hooks.settings, "manage"),
    "groups.setCallbackSettings": (ACTING, hooks.change_settings, "manage"),
    "groups.getLongPollServer": (ACTING, longpoll.server, "manage"),
    "groups.getLongPollSettings": (ACTING, longpoll.settings, "manage"),
    "groups.setLongPollSettings": (ACTING, longpoll.change_settings, "manage"),
    "users.get": (ALL, communities.users_get, ""),
    "wall.get": (READING, wall.wall_get, ""),
    "wall.getById": (READING, wall.wall_get_by_id, ""),
    "wall.getComments": (READING, wall.wall_get_comments, ""),
    "wall.createComment": (ACTING, wall.create_comment, "wall"),
    "wall.deleteComment": (PERSON, wall.delete_comment, "wall"),
    "wall.restoreComment": (PERSON, wall.restore_comment, "wall"),
    "wall.post": (PERSON, posts.publish, "wall"),
    "wall.edit": (PERSON, posts.edit, "wall"),
    "wall.delete": (PERSON, posts.delete, "wall"),
    "messages.getHistory": (ACTING, messages.history, "messages"),
    "messages.getConversations": (ACTING, messages.conversations, "messages"),
    "messages.send": (ACTING, messages.send, "messages"),
    "photos.getMessagesUploadServer": (ACTING, photos.messages_server, "photos"),
    "photos.saveMessagesPhoto": (ACTING, photos.save_message, "photos"),
    "photos.getWallUploadServer": (PERSON, photos.wall_server, "photos"),
    "photos.saveWallPhoto": (PERSON, photos.save_wall, "photos"),
}


def answer(deeds: Deeds, name: str, params: Mapping[str, str]) -> dict[str, Any]:
    """Carry a request out and give VK's body: `response` or `error`, of a batch `execute_errors` too."""
    with deeds.world.lock:
        _count(deeds, name)
        try:
            return {"response": carry(admit(deeds, params), name)}
        except VkError as error:
            return error_body(error.code, str(error), params)


def carry(call: Call, name: str) -> Any:
    """Carry one call out, by itself or inside a batch."""
    if name not in METHODS:
        raise VkError(3, "Unknown method passed")
    kinds, method, scope = METHODS[name]
    permit(call, name, kinds, scope)
    return method(call)


def _count(deeds: Deeds, name: str) -> None:
    deeds.world.calls[name if name in METHODS else "unknown"] += 1


def _inside(call: Call, name: str) -> Any:
    _count(call.deeds, name)
    if name == "execute":
        raise VkError(3, "Unknown method passed")
    return carry(call, name)
