"""Who and what there is: the bot itself, chats, their members, files."""

import time
from typing import Any

from gospult.networks.sandbox.telegram import names, shapes
from gospult.networks.sandbox.telegram.gate import Call, bad, chat_of
from gospult.networks.sandbox.world import Page

Json = dict[str, Any]
OURS = {"linked", "bot", "in_channel", "in_group"}  # keys of `extra` that are not the channel's own
MAY = (
    "can_manage_chat", "can_delete_messages", "can_manage_video_chats", "can_restrict_members", "can_promote_members", "can_change_info",
    "can_invite_users", "can_post_stories", "can_edit_stories", "can_delete_stories",
)  # fmt: skip
GIFTS = dict.fromkeys(("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), False)
OWNER: Json = {"id": 900, "is_bot": False, "first_name": "Администратор", "last_name": "Страницы"}


def get_me(call: Call) -> Json:
    """The bot; `extra["bot"]` changes it."""
    may = {"can_join_groups": False, "can_read_all_group_messages": False, "supports_inline_queries": False, "has_main_web_app": False}
    more = {"can_connect_to_business": False, "has_topics_enabled": False, "allows_users_to_create_topics": False, "can_manage_bots": False}
    rest = {"supports_guest_queries": False, "supports_join_request_queries": False}
    return names.bot(call.page) | may | more | rest | call.page.extra.get("bot", {})


def get_chat(call: Call) -> Json:
    """A chat in full."""
    kind, page, number = chat_of(call)
    always = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": GIFTS}
    if kind == "private":
        return names.private(call.world, page, number) | always
    if kind == "group":
        return names.group(page) | always | {"linked_chat_id": names.channel_id(page), "join_to_send_messages": False, "has_visible_history": True}
    link = {"linked_chat_id": names.group_id(page)} if names.linked(page) else {}
    about = {"active_usernames": [page.handle]} | ({"description": page.description} if page.description else {})
    extra = {key: value for key, value in page.extra.items() if key not in OURS}
    return names.channel(page) | always | link | about | {"photo": _chat_photo(call, page)} | extra


def _chat_photo(call: Call, page: Page) -> Json:
    """Every channel has the same picture, under ids of its own."""
    if "photo" not in page.kept:
        page.kept["photo"] = call.world.thing("photo", -page.id)
    small, big = shapes.content(call.world, page, page.kept["photo"])["photo"]
    shape = {"small_file_id": small["file_id"], "small_file_unique_id": small["file_unique_id"]}
    return shape | {"big_file_id": big["file_id"], "big_file_unique_id": big["file_unique_id"]}


def member_count(call: Call) -> int:
    """How many members a chat has; a dialogue has two."""
    kind, page, _ = chat_of(call)
    return 2 if kind == "private" else page.members


def get_member(call: Call) -> Json:
    """One member of a chat."""
    kind, page, _ = chat_of(call)
    number = call.number("user_id")
    if number == names.bot(call.page)["id"]:
        return bot_member(call, kind, page)
    if number == OWNER["id"]:
        return _owner()
    if number not in call.world.people:
        raise bad("PARTICIPANT_ID_INVALID")
    return {"status": "member", "user": names.person(call.world, page, number)}


def bot_member(call: Call, kind: str, page: Page) -> Json:
    """The bot as an administrator; `extra["in_channel"]` and `extra["in_group"]` change that."""
    if page is not call.page:
        return {"status": "left", "user": names.bot(call.page)}
    changed = page.extra.get(f"in_{kind}", {})
    if changed.get("status", "administrator") != "administrator":
        return {"user": names.bot(page)} | changed
    may = dict.fromkeys(MAY, True) | {"can_promote_members": False, "can_be_edited": False, "is_anonymous": False}
    may["can_send_welcome_messages"] = False  # of Bot API 10.3: newer clients cannot do without
    more = {"can_post_messages": True, "can_edit_messages": True} if kind == "channel" else {"can_pin_messages": True, "can_manage_topics": False}
    return {"status": "administrator", "user": names.bot(page)} | may | more | changed


def ban(call: Call) -> bool:
    """banChatMember of the discussion group: an end closer than 30 seconds or farther than 366 days is none."""
    page, person = _restricting(call)
    left = call.number("until_date", 0) - time.time()
    call.deeds.ban(page, person, call.number("until_date", 0) if 30 <= left <= 366 * 86400 else 0)
    return True


def unban(call: Call) -> bool:
    """unbanChatMember."""
    page, person = _restricting(call)
    call.deeds.unban(page, person)
    return True


def _restricting(call: Call) -> tuple[Page, int]:
    kind, page, _ = chat_of(call)
    if kind == "private":
        raise bad("can't restrict self")
    member = bot_member(call, kind, page)
    if member["status"] != "administrator" or not member.get("can_restrict_members"):
        raise bad("not enough rights to restrict/unrestrict chat member")
    if (person := call.number("user_id")) not in call.world.people:
        raise bad("PARTICIPANT_ID_INVALID")
    return page, person


def administrators(call: Call) -> list[Json]:
    """The owner and the bot."""
    kind, page, _ = chat_of(call)
    if kind == "private":
        raise bad("there are no administrators in the private chat")
    found = [_owner(), bot_member(call, kind, page)]
    return [member for member in found if member["status"] in {"creator", "administrator"}]


def _owner() -> Json:
    return {"status": "creator", "user": OWNER, "is_anonymous": True}


def get_file(call: Call) -> Json:
    """Where the bytes of a file are."""
    found = shapes.file(call.world, call.text("file_id"))
    if found is None:
        raise bad("wrong file_id or the file is temporarily unavailable")
    return found
