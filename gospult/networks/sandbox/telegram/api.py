"""The table of Bot API's methods, and how one call is answered."""

from collections.abc import Callable
from typing import Any

from gospult.networks.sandbox.deeds import Deeds
from gospult.networks.sandbox.dialect import Request, Response
from gospult.networks.sandbox.events import Courier
from gospult.networks.sandbox.telegram import chats, sending, updates
from gospult.networks.sandbox.telegram.gate import BotError, Call, Method, admit, error_body

METHODS: dict[str, Method] = {
    "getMe": chats.get_me,
    "getChat": chats.get_chat,
    "getChatMemberCount": chats.member_count,
    "getChatMember": chats.get_member,
    "getChatAdministrators": chats.administrators,
    "banChatMember": chats.ban,
    "unbanChatMember": chats.unban,
    "getFile": chats.get_file,
    "sendMessage": sending.send_message,
    "sendPhoto": sending.send_photo,
    "sendMediaGroup": sending.send_media_group,
    "editMessageText": sending.edit_text,
    "editMessageCaption": sending.edit_caption,
    "deleteMessage": sending.delete_message,
    "deleteMessages": sending.delete_messages,
    # what libraries call on their way in and out
    "sendChatAction": lambda call: True,
    "setMyCommands": lambda call: True,
    "deleteMyCommands": lambda call: True,
    "getMyCommands": lambda call: [],
    "logOut": lambda call: True,
    "close": lambda call: True,
}
# Methods about hearing: they need the courier too.
HEARING: dict[str, Callable[[Call, Courier], Any]] = {
    "getUpdates": updates.get_updates,
    "getWebhookInfo": updates.webhook_info,
    "setWebhook": updates.set_webhook,
    "deleteWebhook": updates.delete_webhook,
}
NAMES = {name.lower(): name for name in (*METHODS, *HEARING)}  # Bot API does not look at capitals


def answer(deeds: Deeds, courier: Courier, token: str, asked: str, request: Request) -> Response:
    """Carry a call out and give Bot API's body."""
    name = NAMES.get(asked.lower(), "")
    try:
        with deeds.world.lock:
            deeds.world.calls[name or "unknown"] += 1
            page = admit(deeds, token, counted=name != "getUpdates")
            if not name:
                raise BotError(404, "Not Found")
            call = Call(deeds, page, request.params(), _files(request))
            result = HEARING[name](call, courier) if name in HEARING else METHODS[name](call)
        if callable(result):
            result = result()
    except BotError as error:
        return Response(error.status, error_body(error))
    if name in {"setWebhook", "deleteWebhook"}:
        return Response(200, {"ok": True, "result": True, "description": result})
    return Response(200, {"ok": True, "result": result})


def _files(request: Request) -> dict[str, tuple[str, bytes, str]]:
    return {name: found for name, found in request.multipart().items() if found[0]} if request.kind == "multipart/form-data" else {}


def download(deeds: Deeds, token: str, path: str) -> Response:
    """The bytes of a file whose path getFile gave."""
    with deeds.world.lock:
        try:
            admit(deeds, token, counted=False)
        except BotError as error:
            return Response(error.status, error_body(error))
        thing = deeds.world.realm("telegram").things.get(path)
        found = deeds.world.files.get(thing.name) if thing and "/" in path else None
    return Response(200, found[1], "application/octet-stream") if found else Response(404, error_body(BotError(404, "Not Found")))
