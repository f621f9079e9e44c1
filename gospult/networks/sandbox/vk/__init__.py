"""VK as the sandbox speaks it."""

from gospult.networks.sandbox.vk.dialect import VKDialect

DIALECT = VKDialect
