"""The networks that the sandbox speaks: one line each."""

from gospult.networks.sandbox.dialect import DialectMaker
from gospult.networks.sandbox.max import MAXDialect
from gospult.networks.sandbox.ok import OKDialect
from gospult.networks.sandbox.telegram import TelegramDialect
from gospult.networks.sandbox.vk import VKDialect

DIALECTS: dict[str, DialectMaker] = {"max": MAXDialect, "ok": OKDialect, "telegram": TelegramDialect, "vk": VKDialect}
