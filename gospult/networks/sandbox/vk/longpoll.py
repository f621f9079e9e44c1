"""Bots Long Poll: the same events for those who ask instead of being called."""

import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gospult.networks.sandbox.vk.gate import Call, VkError
from gospult.networks.sandbox.vk.hooks import EVENTS
from gospult.networks.sandbox.world import Page

if TYPE_CHECKING:
    from gospult.networks.sandbox.events import Courier

Json = dict[str, Any]
LONGEST_WAIT = 90.0  # seconds
HISTORY = 1000  # events that the server keeps; who comes later is told failed 1


def _kept(page: Page) -> Json:
    """Switched on with every event until somebody changes it, as the page's steward would have left it."""
    kept: Json = page.kept.setdefault("longpoll", {"enabled": True, "events": {}, "keys": set()})
    return kept


def server(call: Call) -> Json:
    """groups.getLongPollServer."""
    page = _page(call)
    kept = _kept(page)
    if not kept["enabled"]:
        raise VkError(100, "One of the parameters specified was missing or invalid: longpoll for this group is not enabled")
    key = secrets.token_hex(20)
    kept["keys"].add(key)
    return {"key": key, "server": f"{call.world.base_url}/vk/longpoll/{page.id}", "ts": str(len(page.updates))}


def settings(call: Call) -> Json:
    """groups.getLongPollSettings."""
    kept = _kept(_page(call))
    return {"is_enabled": kept["enabled"], "api_version": "5.199", "events": dict.fromkeys(EVENTS, 1) | kept["events"]}


def change_settings(call: Call) -> int:
    """groups.setLongPollSettings; what is not named stays as it is. Switching off ends the keys that were given out."""
    kept = _kept(_page(call))
    kept["events"] |= {name: call.flag(name) for name in EVENTS if name in call.params}
    if "enabled" in call.params:
        kept["enabled"] = bool(call.flag("enabled"))
        kept["keys"] = kept["keys"] if kept["enabled"] else set()
    return 1


def check(courier: "Courier", page: Page, params: Mapping[str, str]) -> Json:
    """a_check: events since `ts`, or why not: failed 1 the history is gone, 2 the key is over, 3 nothing is known any more. Holds no lock."""
    kept, since, known = _kept(page), params.get("ts", ""), len(page.updates)
    if params.get("key") not in kept["keys"]:
        return {"failed": 2}
    if not since.isdecimal():
        return {"failed": 3}
    if not known - HISTORY <= int(since) <= known:
        return {"failed": 1, "ts": known}
    wait = params.get("wait", "25")
    found = courier.updates(page, int(since), min(LONGEST_WAIT, float(wait) if wait.isdecimal() else 25.0))
    told = [{key: value for key, value in body.items() if key != "secret"} for body in found if kept["events"].get(body["type"], 1)]
    return {"ts": str(int(since) + len(found)), "updates": told}


def _page(call: Call) -> Page:
    return call.own(call.number("group_id"))
