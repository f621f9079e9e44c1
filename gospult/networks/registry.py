"""The networks that Госпульт speaks to: one line each."""

from gospult.networks.base import Network
from gospult.networks.max import MAX
from gospult.networks.ok import OK
from gospult.networks.telegram import Telegram
from gospult.networks.vk import VK

NETWORKS: dict[str, type[Network]] = {"max": MAX, "ok": OK, "telegram": Telegram, "vk": VK}
