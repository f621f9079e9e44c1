"""MAX's Bot API as the sandbox answers it: a channel, the bot's dialogues, comments, webhooks and long polling."""

from gospult.networks.sandbox.max.dialect import MAXDialect

DIALECT = MAXDialect
