"""Communities and people: groups.*, users.get, and what a token may do."""

from collections.abc import Sequence
from typing import Any

from gospult.networks.sandbox.vk import shapes
from gospult.networks.sandbox.vk.gate import BITS, COMMUNITY, USER, Call, VkError, undefined
from gospult.networks.sandbox.world import Page

Json = dict[str, Any]
MOST_IDS = 500
MOST_MEMBERS = 1000
STEWARD = 900  # the person behind every user token of the sandbox
ADMINISTRATOR = 3


def by_id(call: Call) -> Json:
    """groups.getById by id or short name; those that do not exist are left out, as VK does. A community token need not name its own."""
    given = call.params.get("group_ids") or call.params.get("group_id") or ""
    asked = [name.strip() for name in given.split(",")] if given else [str(min(call.pages))] if call.kind == COMMUNITY else []
    if not asked:
        raise undefined("group_ids")
    if len(asked) > MOST_IDS:
        raise VkError(100, "One of the parameters specified was missing or invalid: group_ids has more than 500 elements")
    fields = frozenset(call.params.get("fields", "").split(","))
    pages = _named(call, asked)
    groups = [shapes.group(call.world, page, fields) for page in pages]
    if call.kind == USER and fields & {"is_admin", "admin_level"}:
        groups = [group | _office(call, page) for group, page in zip(groups, pages, strict=True)]
    return {"groups": groups, "profiles": []}


def _office(call: Call, page: Page) -> Json:
    """What the person behind the token is in a community."""
    level = page.extra.get("admin_level", ADMINISTRATOR) if page.id in call.pages else 0
    return {"is_admin": 1, "admin_level": level} if level else {"is_admin": 0}


def _named(call: Call, names: Sequence[str]) -> list[Page]:
    numbers = [name.removeprefix("-").removeprefix("club").removeprefix("public") for name in names]
    # a whole world of handles is looked through once, not once a name
    handles = {} if all(map(str.isdecimal, numbers)) else {page.handle: page for page in call.realm.pages.values()}
    found = (call.realm.pages.get(int(number)) if number.isdecimal() else handles.get(name) for name, number in zip(names, numbers, strict=True))
    return [page for page in found if page]


def members(call: Call) -> Json:
    """groups.getMembers: ids, or people when fields are asked."""
    page = next(iter(_named(call, [call.params.get("group_id", "")])), None)
    if page is None:
        raise VkError(125, "Invalid group id")
    offset, count = call.number("offset", 0), call.number("count", 1000, most=MOST_MEMBERS)
    ids = list(page.followers[offset : offset + count])
    answer = {"count": page.members, "items": [shapes.user(call.world, number) for number in ids] if call.params.get("fields") else ids}
    return answer | ({"next_from": ""} if offset + count >= page.members else {})


def ban(call: Call) -> int:
    """groups.ban of a person, with or without an end."""
    page, person = call.own(call.number("group_id")), call.number("owner_id")
    if person <= 0:
        raise undefined("owner_id")
    call.deeds.ban(page, person, call.number("end_date", 0))
    return 1


def unban(call: Call) -> int:
    """groups.unban."""
    if not call.deeds.unban(call.own(call.number("group_id")), call.number("owner_id")):
        raise VkError(104, "Not found")
    return 1


def token_permissions(call: Call) -> Json:
    """groups.getTokenPermissions."""
    return {"mask": call.mask, "permissions": [{"name": name, "setting": bit} for name, bit in BITS.items() if call.mask & bit]}


def app_permissions(call: Call) -> int:
    """account.getAppPermissions."""
    return call.mask


def users_get(call: Call) -> list[Json]:
    """People by id; a person's token that names nobody asks about himself."""
    given = call.params.get("user_ids") or call.params.get("user_id") or (str(STEWARD) if call.kind == USER else "")
    asked = [int(name) for name in given.split(",") if name.strip().isdecimal()]
    return [shapes.user(call.world, number) for number in asked if number in call.world.people or number == STEWARD]
