"""Our Callback server among those of a community (VK takes up to ten), and the events that it is told of."""

from collections.abc import Mapping
from typing import Any, Protocol

from gospult.networks.base import NetworkError, Webhook
from gospult.networks.raw import as_list, as_map, as_text
from gospult.networks.vk.client import VERSION
from gospult.networks.vk.parse import EVENTS

TITLE = "Gospult"  # VK allows 14 characters
SECRET_MOST = 50
SETTINGS = dict.fromkeys([*EVENTS, "wall_post_new"], 1)


class Ask(Protocol):
    """A call about the community's Callback servers."""

    def __call__(self, method: str, **params: Any) -> Any: ...


def webhook(ask: Ask, url: str = "") -> Webhook:
    """Our server as VK knows it; `confirmation` is asked only where a handshake is still to come."""
    server = _ours(ask, url) or {}
    status = str(server.get("status", ""))
    code = "" if status == "ok" else as_text(as_map(ask("groups.getCallbackConfirmationCode")).get("code"))
    alive = status == "ok" and _told_everything(ask, server.get("id"))
    return Webhook(as_text(server.get("url")), alive, "failed" if status == "failed" else "", code)


def subscribe(ask: Ask, url: str, secret: str) -> None:
    """Make VK send events to this address; nothing is changed where everything stands already."""
    if len(secret) > SECRET_MOST:
        raise NetworkError(f"VK: секрет длиннее {SECRET_MOST} знаков", fault="invalid", permanent=True)
    wanted = {"url": url, "title": TITLE, "secret_key": secret}
    server = _ours(ask, url)
    if server is None:
        made = ask("groups.addCallbackServer", **wanted)
        number = made.get("server_id") if isinstance(made, dict) else None
    else:
        number = server.get("id")
        # VK shakes hands again whenever a server is edited, so one that works is left alone
        if server.get("status") != "ok" or any(server.get(key) != value for key, value in wanted.items()):
            ask("groups.editCallbackServer", server_id=number, **wanted)
    if not isinstance(number, int):
        raise NetworkError("VK: не назван номер сервера", fault="down")
    ask("groups.setCallbackSettings", server_id=number, api_version=VERSION, **SETTINGS)


def _told_everything(ask: Ask, number: Any) -> bool:
    """Whether the server is told of every event: one whose making was interrupted works and hears nothing."""
    answer = ask("groups.getCallbackSettings", server_id=number)
    events = answer.get("events") if isinstance(answer, dict) else None
    return isinstance(events, dict) and all(events.get(name) for name in SETTINGS)


def _ours(ask: Ask, url: str = "") -> Mapping[str, Any] | None:
    """The server at this address, else the one with our title."""
    answer = ask("groups.getCallbackServers")
    servers = as_list(as_map(answer).get("items"))
    return next((item for item in servers if url and item.get("url") == url), None) or next(
        (item for item in servers if item.get("title") == TITLE), None
    )
