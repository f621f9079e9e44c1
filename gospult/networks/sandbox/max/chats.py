"""GET /me, /chats and their members."""

from typing import Any

from gospult.networks.sandbox.max import shapes
from gospult.networks.sandbox.max.gate import Call, MaxError, invalid

Json = dict[str, Any]
ACTIONS = {"typing_on", "sending_photo", "sending_video", "sending_audio", "sending_file", "mark_seen"}
OWNER = 1  # the person who opened every channel of the sandbox


def me(call: Call) -> Json:
    """GET /me."""
    return shapes.bot_info(call.page)


def listed(call: Call) -> Json:
    """GET /chats: the channels of the bot, not its dialogues."""
    call.number("count", 50, least=1, most=100)
    return {"chats": [shapes.channel(call.world, page) for _, page in sorted(call.pages.items())], "marker": None}


def one(call: Call) -> Json:
    """GET /chats/{chatId}: by id, or a channel by the name in its public link."""
    name = call.path["chatId"]
    if not name.lstrip("-").isdecimal():
        page = next((page for page in call.realm.pages.values() if page.handle == name.removeprefix("@")), None)
        if page is None:
            raise MaxError(404, "chat.not.found", f"Chat {name} not found")
        return shapes.channel(call.world, page)
    page, person = call.chat()
    return shapes.dialogue(call.world, page, person) if person else shapes.channel(call.world, page)


def action(call: Call) -> Json:
    """POST /chats/{chatId}/actions."""
    call.chat()
    if call.body.get("action") not in ACTIONS:
        raise invalid("action: unknown value")
    return {"success": True}


def pinned(call: Call) -> Json:
    """GET /chats/{chatId}/pin."""
    return {"message": shapes.channel(call.world, call.channel("read_all_messages")).get("pinned_message")}


def members(call: Call) -> Json:
    """GET /chats/{chatId}/members: the bot first, then the subscribers; the marker is the place to go on from."""
    page = call.channel()
    asked = call.query.get("user_ids", "")
    if asked:
        wanted = sorted({int(number) for number in asked.split(",") if number.isdecimal()})
        return {"members": [_member(call, number) for number in wanted if number in page.followers]}
    start, count = call.number("marker", 0), call.number("count", 20, least=1, most=100)
    people = page.followers[start : start + count]
    shown = [shapes.member(page, shapes.bot(page), admin=True)] if not start else []
    more = start + count < len(page.followers)
    return {"members": shown + [_member(call, number) for number in people]} | ({"marker": start + count} if more else {})


def _member(call: Call, number: int) -> Json:
    return shapes.member(call.page, shapes.person(call.world, call.page, number), admin=False)


def membership(call: Call) -> Json:
    """GET /chats/{chatId}/members/me."""
    page = call.channel()
    return shapes.member(page, shapes.bot(page), admin=True)


def admins(call: Call) -> Json:
    """GET /chats/{chatId}/members/admins."""
    page = call.channel()
    owner = shapes.member(page, shapes.person(call.world, page, OWNER), admin=True, owner=True)
    return {"members": [shapes.member(page, shapes.bot(page), admin=True), owner]}


def video(call: Call) -> Json:
    """GET /videos/{videoToken}."""
    token = call.path["videoToken"]
    thing = call.realm.things.get(token)
    if thing is None or thing.kind != "video":
        raise MaxError(404, "not.found", "Video not found")
    return shapes.video(call.world, token, thing)


def answer(call: Call) -> Json:
    """POST /answers: nobody presses buttons in the sandbox, so every callback is one that was just pressed."""
    if not call.query.get("callback_id", "").strip() or not {"message", "notification"} & call.body.keys():
        raise invalid("callback_id and message or notification are required")
    return {"success": True}
