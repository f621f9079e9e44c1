"""How a bot hears: /subscriptions and /updates, and the bodies of updates."""

import re
from typing import Any

from gospult.networks.sandbox.events import Courier
from gospult.networks.sandbox.max import names, shapes
from gospult.networks.sandbox.max.gate import Call, MaxError, invalid
from gospult.networks.sandbox.world import Message, Page, Post, World

Json = dict[str, Any]
SECRET = re.compile(r"[\w-]{5,256}", re.ASCII)
MOST, LONGEST = 100, 30  # of updates at once, of seconds to wait; the schema's 1000 and 90 were cut in May 2026


def subscriptions(call: Call) -> Json:
    """GET /subscriptions: the one webhook that the sandbox calls, and those of other systems that the page's `extra` names."""
    page = call.page
    others: list[Json] = page.extra.get("subscriptions", [])
    if not page.callback_url:
        return {"subscriptions": others}
    kept = page.kept.get("hook", {})
    ours = {"url": page.callback_url, "time": kept.get("time", 0), "update_types": kept.get("types"), "version": None}
    return {"subscriptions": [ours, *others]}


def subscribe(call: Call) -> Json:
    """POST /subscriptions."""
    url, secret, types = call.body.get("url"), call.body.get("secret") or "", call.body.get("update_types")
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise invalid("url: must start with http(s)://")
    if secret and not SECRET.fullmatch(str(secret)):
        raise invalid("secret: must match ^[\\w-]{5,256}$")
    for page in call.pages.values():
        page.callback_url, page.secret, page.hook_error = url, str(secret), ""
        page.kept["hook"] = {"time": shapes.now_ms(), "types": types if isinstance(types, list) and types else None}
    return {"success": True}


def unsubscribe(call: Call) -> Json:
    """DELETE /subscriptions."""
    if call.query.get("url") != call.page.callback_url:
        return {"success": False, "message": "Subscription not found"}
    for page in call.pages.values():
        page.callback_url = ""
    return {"success": True}


def updates(call: Call, courier: Courier) -> Json:
    """GET /updates: waits for news behind the marker; not while a webhook is subscribed. Hold no lock here."""
    page = call.page
    if page.callback_url:
        raise MaxError(405, "method.not.allowed", "Long polling is not available while a webhook is subscribed")
    limit, wait = call.number("limit", 100, least=1, most=1000), call.number("timeout", 30, most=90)
    after = call.number("marker", page.kept.get("committed", 0))
    page.kept["committed"] = after
    found = courier.updates(page, after, min(wait, LONGEST))[: min(limit, MOST)]
    wanted = {kind for kind in call.query.get("types", "").split(",") if kind}
    return {"updates": [body for body in found if not wanted or body["update_type"] in wanted], "marker": after + len(found)}


# What is told


def posted(world: World, page: Page, item: Post) -> Json:
    """A post of the channel."""
    return _update("message_created", message=shapes.post(world, page, item))


def of_message(world: World, page: Page, deed: str, item: Message) -> list[Json]:
    """What a person does in his dialogue; before his first word he has pressed «Начать»."""
    chat, who = names.dialogue(page, item.peer_id), shapes.person(world, page, item.from_id)
    shape = shapes.message(world, page, item)
    match deed:
        case "said":
            first = [_update("bot_started", chat_id=chat, user=who, user_id=item.from_id, user_locale="ru")] if item.number == 1 else []
            return [*first, _update("message_created", message=shape, user_locale="ru")]
        case "edited":
            return [_update("message_edited", message=shape)]
        case "deleted":
            return [_update("message_removed", message_id=names.mid_of(page, item), chat_id=chat, user_id=item.from_id)]
        case _:
            return []


def stray(label: str, thing: Any) -> Json:
    """An update of any kind."""
    return {**(thing if isinstance(thing, dict) else {"object": thing}), **_update(label)}


def _update(label: str, **told: Any) -> Json:
    return {**told, "timestamp": shapes.now_ms(), "update_type": label}
