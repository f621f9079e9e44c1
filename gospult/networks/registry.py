"""The networks that Госпульт speaks to: one line each."""

from gospult.networks.base import Network
from gospult.networks.max import MAX
from gospult.networks.vk import VK

NETWORKS: dict[str, type[Network]] = {"max": MAX, "vk": VK}
