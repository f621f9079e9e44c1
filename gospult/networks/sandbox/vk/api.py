"""The table of VK's methods, and how one call is answered."""

from collections.abc import Mapping
from typing import Any

from gospult.networks.sandbox.deeds import Deeds
from gospult.networks.sandbox.vk import messages, photos, wall
from gospult.networks.sandbox.vk.gate import COMMUNITY, SERVICE, USER, Method, VkError, admit, error_body

# Method → (token kinds that VK's schema allows, who answers).
METHODS: dict[str, tuple[tuple[str, ...], Method]] = {
    "groups.getById": ((USER, COMMUNITY, SERVICE), wall.groups_get_by_id),
    "groups.getCallbackConfirmationCode": ((USER, COMMUNITY), wall.confirmation_code),
    "users.get": ((USER, COMMUNITY, SERVICE), wall.users_get),
    "wall.get": ((USER, SERVICE), wall.wall_get),
    "wall.getById": ((USER, SERVICE), wall.wall_get_by_id),
    "wall.getComments": ((USER, SERVICE), wall.wall_get_comments),
    "wall.createComment": ((USER, COMMUNITY), wall.create_comment),
    "messages.getHistory": ((USER, COMMUNITY), messages.history),
    "messages.getConversations": ((USER, COMMUNITY), messages.conversations),
    "messages.send": ((USER, COMMUNITY), messages.send),
    "photos.getMessagesUploadServer": ((USER, COMMUNITY), photos.messages_server),
    "photos.saveMessagesPhoto": ((USER, COMMUNITY), photos.save_message),
    "photos.getWallUploadServer": ((USER,), photos.wall_server),
    "photos.saveWallPhoto": ((USER,), photos.save_wall),
}


def answer(deeds: Deeds, name: str, params: Mapping[str, str]) -> dict[str, Any]:
    """Carry a call out and give VK's body: `response` or `error`."""
    with deeds.world.lock:
        deeds.world.calls[name if name in METHODS else "unknown"] += 1
        try:
            if name not in METHODS:
                raise VkError(3, "Unknown method passed")
            kinds, method = METHODS[name]
            return {"response": method(admit(deeds, kinds, params))}
        except VkError as error:
            return error_body(error.code, str(error), params)
