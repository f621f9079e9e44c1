"""What a bot may really do, out of getMe and its memberships in the channel and in the discussion group. Pure and tolerant."""

from collections.abc import Iterator, Mapping
from typing import Any

from gospult.networks.raw import as_text

RULERS = {"administrator", "creator"}
ABSENT = {"", "left", "kicked"}

Raw = Mapping[str, Any]
Loss = tuple[str, frozenset[str]]  # what was not granted, the features that go with it


def granted(bot: Raw, in_channel: Raw, in_group: Raw | None) -> tuple[frozenset[str], tuple[str, ...]]:
    """Features that are lost, and what was not granted; `in_group` is None when the channel has no discussion group."""
    losses = [*_of_bot(bot), *_of_channel(in_channel), *_of_group(bot, in_group)]
    return frozenset().union(*(features for _, features in losses)), tuple(words for words, _ in losses)


def _of_bot(bot: Raw) -> Iterator[Loss]:
    # An update does not tell which group belongs to the channel: a stranger's group must not reach the bot at all.
    if bot.get("can_join_groups"):
        yield "запрет добавлять бота в чужие группы (@BotFather, /setjoingroups)", frozenset()


def _of_channel(member: Raw) -> Iterator[Loss]:
    if _status(member) not in RULERS:
        yield "бот — администратор канала", frozenset({"publish", "upload_post", "edit_post", "delete_post"})
    elif member.get("status") == "administrator":
        if not member.get("can_post_messages"):
            yield "канал: can_post_messages", frozenset({"publish", "upload_post"})
        if not member.get("can_edit_messages"):
            yield "канал: can_edit_messages", frozenset() if member.get("can_post_messages") else frozenset({"edit_post"})
        if not member.get("can_delete_messages"):
            yield "канал: can_delete_messages", frozenset({"delete_post"})


def _status(member: Raw) -> str:
    return as_text(member.get("status"))


def _of_group(bot: Raw, member: Raw | None) -> Iterator[Loss]:
    everything = frozenset({"reply_comment", "upload_comment", "hide", "ban", "unban"})
    if member is None:
        yield "группа для обсуждений, связанная с каналом", everything
    elif _status(member) in ABSENT or member.get("can_send_messages") is False:
        yield "бот — участник группы обсуждений", everything
    elif _status(member) not in RULERS:
        yield "бот — администратор группы обсуждений", frozenset({"hide", "ban", "unban"})
        if not bot.get("can_read_all_group_messages"):
            yield "бот: can_read_all_group_messages", frozenset()
    elif member.get("status") == "administrator":
        if not member.get("can_delete_messages"):
            yield "группа: can_delete_messages", frozenset({"hide"})
        if not member.get("can_restrict_members"):
            yield "группа: can_restrict_members", frozenset({"ban", "unban"})
