"""Callback servers of a community. VK sends to all of ten; the sandbox sends to the one that was confirmed last."""

import secrets
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gospult.networks.sandbox.vk.communities import STEWARD
from gospult.networks.sandbox.vk.gate import Call, VkError
from gospult.networks.sandbox.world import Page

if TYPE_CHECKING:
    from gospult.networks.sandbox.events import Courier

Json = dict[str, Any]
MOST_SERVERS = 10
EVENTS = (
    "message_new", "message_reply", "message_edit", "message_allow", "message_deny", "wall_post_new", "wall_repost",
    "wall_reply_new", "wall_reply_edit", "wall_reply_restore", "wall_reply_delete", "group_join", "group_leave", "photo_new", "video_new",
    "audio_new", "board_post_new", "board_post_edit", "board_post_restore", "board_post_delete", "group_change_settings", "group_change_photo",
    "group_officers_edit", "market_comment_new", "market_comment_edit", "market_comment_delete", "market_comment_restore", "message_read",
    "message_typing_state", "photo_comment_new", "photo_comment_edit", "photo_comment_delete", "photo_comment_restore", "poll_vote_new",
    "user_block", "user_unblock", "video_comment_new", "video_comment_edit", "video_comment_delete", "video_comment_restore",
    "message_reaction_event", "wall_schedule_post_new", "wall_schedule_post_delete", "donut_subscription_create", "donut_subscription_prolonged",
    "donut_subscription_cancelled", "donut_subscription_price_changed", "donut_subscription_expired", "donut_money_withdraw",
    "donut_money_withdraw_error",
)  # fmt: skip


def opened(page: Page) -> None:
    """A page that was opened with a server has it confirmed, with every event switched on, as its steward would have left it."""
    page.confirmation = page.confirmation or secrets.token_hex(4)
    if page.callback_url:
        server = _made(page, page.callback_url, "Сервер", page.secret)
        server |= {"status": "ok", "events": dict.fromkeys(EVENTS, 1)}


def wants(page: Page, label: str) -> bool:
    """Whether the server that events go to asked for this kind; a kind that nobody can switch off is always sent."""
    server = next((server for server in _servers(page) if server["url"] == page.callback_url), None)
    return server is None or bool(server["events"].get(label, label not in EVENTS))


def gave_up(page: Page) -> None:
    """VK stops sending to a server that failed for too long."""
    for server in _servers(page):
        if server["url"] == page.callback_url:
            server["status"] = "failed"
    page.callback_url = ""


def confirmation_code(call: Call) -> Json:
    """groups.getCallbackConfirmationCode."""
    return {"code": _page(call).confirmation}


def servers(call: Call) -> Json:
    """groups.getCallbackServers."""
    wanted = {int(number) for number in call.params.get("server_ids", "").split(",") if number.isdecimal()}
    found = [server for server in _servers(_page(call)) if not wanted or server["id"] in wanted]
    return {"count": len(found), "items": [{key: value for key, value in server.items() if key != "events"} for server in found]}


def add(call: Call) -> Json:
    """groups.addCallbackServer: VK shakes hands at once."""
    page = _page(call)
    if len(_servers(page)) >= MOST_SERVERS:
        raise VkError(2000, "Servers number limit is reached")
    server = _made(page, call.text("url"), call.text("title", most=14), call.params.get("secret_key", ""))
    _shake(call.deeds.courier, page, server)
    return {"server_id": server["id"]}


def edit(call: Call) -> int:
    """groups.editCallbackServer: a changed server has to be confirmed anew."""
    page = _page(call)
    server = _server(call, page)
    changed = {"url": call.text("url"), "title": call.text("title", most=14), "secret_key": call.params.get("secret_key", "")}
    if server["url"] == page.callback_url and server["status"] == "ok":
        page.callback_url = ""
    server |= changed
    _shake(call.deeds.courier, page, server)
    return 1


def delete(call: Call) -> int:
    """groups.deleteCallbackServer."""
    page = _page(call)
    server = _server(call, page)
    _servers(page).remove(server)
    if server["url"] == page.callback_url:
        page.callback_url = ""
    return 1


def settings(call: Call) -> Json:
    """groups.getCallbackSettings."""
    page = _page(call)
    return {"api_version": "5.199", "events": dict.fromkeys(EVENTS, 0) | _server(call, page)["events"]}


def change_settings(call: Call) -> int:
    """groups.setCallbackSettings; what is not named stays as it is."""
    page = _page(call)
    _server(call, page)["events"] |= {name: call.flag(name) for name in EVENTS if name in call.params}
    return 1


def _servers(page: Page) -> list[Json]:
    known: list[Json] = page.kept.setdefault("servers", [])
    return known


def _page(call: Call) -> Page:
    return call.own(call.number("group_id"))


def _server(call: Call, page: Page) -> Json:
    number = call.number("server_id", 0)
    found: Json | None = next((server for server in _servers(page) if server["id"] == number), None)
    if found is None:
        raise VkError(104, "Not found")
    return found


def _made(page: Page, url: str, title: str, secret: str) -> Json:
    known = _servers(page)
    number = max((server["id"] for server in known), default=0) + 1
    server: Json = {"id": number, "title": title, "creator_id": STEWARD, "url": url, "secret_key": secret, "status": "unconfigured", "events": {}}
    known.append(server)
    return server


def _shake(courier: "Courier", page: Page, server: Json) -> None:
    """Ask the server for the confirmation word, without holding the world meanwhile; on success events go to it."""
    server["status"] = "wait"
    threading.Thread(target=_confirm, args=(courier, page, server), daemon=True).start()


def _confirm(courier: "Courier", page: Page, server: Json) -> None:
    confirmed = courier.confirm(replace(page, callback_url=server["url"], secret=server["secret_key"]))
    with courier.world.lock:
        server["status"] = "ok" if confirmed else "failed"
        if confirmed:
            page.callback_url, page.secret, page.confirmed, page.hook_error = server["url"], server["secret_key"], True, ""
