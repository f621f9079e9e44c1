"""OK as the sandbox speaks it."""

from gospult.networks.sandbox.ok.dialect import OKDialect

DIALECT = OKDialect
