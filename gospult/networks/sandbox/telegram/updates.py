"""How a bot hears: getUpdates with its long poll, and webhooks."""

import re
import secrets
import time
from bisect import bisect_left
from collections.abc import Callable
from typing import Any

from gospult.networks.sandbox.events import Courier
from gospult.networks.sandbox.telegram.gate import BotError, Call, bad
from gospult.networks.sandbox.world import Page

Json = dict[str, Any]
MOST, LONGEST = 100, 50  # updates in one answer; seconds of one long poll
GLANCE = 0.25  # seconds between looks at whether somebody else began to poll
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
LOCAL = re.compile(r"http://(127\.0\.0\.1|localhost)[:/]")
UNASKED = {"chat_member", "message_reaction", "message_reaction_count"}  # come only when named
ACTIVE = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
ANOTHER = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"


def wanted(page: Page, label: str) -> bool:
    """Whether the bot asked for this kind of update."""
    allowed = page.kept["allowed"]
    return label in allowed if allowed else label not in UNASKED


def get_updates(call: Call, courier: Courier) -> Callable[[], list[Json]]:
    """Check the call and settle what is confirmed, under the world's lock; what is returned waits and must not hold it."""
    page = call.page
    if page.callback_url:
        raise BotError(409, ACTIVE)
    _allow(call)
    offset, limit = call.number("offset", 0), min(MOST, max(1, call.number("limit", MOST)))
    if offset > 0:
        page.kept["confirmed"] = max(page.kept["confirmed"], bisect_left(page.updates, offset, key=_number))
    elif offset < 0:
        page.kept["confirmed"] = max(page.kept["confirmed"], len(page.updates) + offset)
    mine = page.kept["poll"] = secrets.token_hex(4)
    end = time.monotonic() + min(LONGEST, max(0, call.number("timeout", 0)))

    def wait() -> list[Json]:
        while True:
            found = courier.updates(page, page.kept["confirmed"], min(GLANCE, max(0.0, end - time.monotonic())))
            if page.kept["poll"] != mine:
                raise BotError(409, ANOTHER)
            if found or time.monotonic() >= end:
                return found[:limit]

    return wait


def _number(body: Json) -> int:
    return int(body["update_id"])


def _allow(call: Call) -> None:
    """Remember which updates are wanted; without the parameter the last wish stays."""
    allowed = call.json("allowed_updates")
    if isinstance(allowed, list):
        call.page.kept["allowed"] = [str(label) for label in allowed]


def set_webhook(call: Call, courier: Courier) -> str:
    """setWebhook; an empty address removes it. Gives Telegram's description. What waits unread goes to the new address."""
    page, url, secret = call.page, call.text("url"), call.text("secret_token")
    if not url:
        return delete_webhook(call, courier)
    if not url.startswith("https://") and not LOCAL.match(url):
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    if secret and not SECRET.fullmatch(secret):
        raise bad("secret token contains unallowed characters")
    same = (page.callback_url, page.secret) == (url, secret)
    _allow(call)
    _drop(call)
    waiting = page.updates[page.kept["confirmed"] :] if not page.callback_url else []
    page.callback_url, page.secret, page.hook_error, page.kept["poll"] = url, secret, "", ""
    del page.updates[len(page.updates) - len(waiting) :]
    for body in waiting:
        courier.send(page, body, headers(page))
    return "Webhook is already set" if same else "Webhook was set"


def delete_webhook(call: Call, courier: Courier) -> str:
    """deleteWebhook; what was not taken can be polled. Gives Telegram's description."""
    page = call.page
    if page.callback_url:
        page.kept["confirmed"] = max(page.kept["confirmed"], len(page.updates) - courier.pending(page))
    known, page.callback_url, page.secret, page.hook_error = bool(page.callback_url), "", "", ""
    _drop(call)
    return "Webhook was deleted" if known else "Webhook is already deleted"


def _drop(call: Call) -> None:
    if call.flag("drop_pending_updates"):
        call.page.kept["confirmed"] = len(call.page.updates)


def webhook_info(call: Call, courier: Courier) -> Json:
    """getWebhookInfo."""
    page = call.page
    waiting = courier.pending(page) if page.callback_url else len(page.updates) - page.kept["confirmed"]
    shape: Json = {"url": page.callback_url, "has_custom_certificate": False, "pending_update_count": waiting}
    if page.callback_url:
        shape |= {"max_connections": call.number("max_connections", 40), "ip_address": "127.0.0.1"}
    if page.hook_error:
        shape |= {"last_error_date": page.hook_error_at, "last_error_message": page.hook_error}
    return shape | ({"allowed_updates": page.kept["allowed"]} if page.kept["allowed"] else {})


def headers(page: Page) -> dict[str, str]:
    """The secret goes in a header, and only one that Telegram would have taken."""
    return {"X-Telegram-Bot-Api-Secret-Token": page.secret} if SECRET.fullmatch(page.secret) else {}
