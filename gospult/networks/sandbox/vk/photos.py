"""Pictures that a page uploads: photos.* and the upload server."""

import json
import re
import secrets
from collections.abc import Sequence
from typing import Any

from gospult.networks.sandbox.files import picture_of
from gospult.networks.sandbox.vk import shapes
from gospult.networks.sandbox.vk.communities import STEWARD
from gospult.networks.sandbox.vk.gate import Call, VkError, undefined
from gospult.networks.sandbox.world import Thing, World

Json = dict[str, Any]
REFERENCE = re.compile(r"([a-z_]+-?\d+_\d+)(_\w+)?")


def messages_server(call: Call) -> Json:
    """Where a picture for a direct message is uploaded."""
    return {"upload_url": f"{call.world.base_url}/vk/upload/{secrets.token_hex(8)}", "album_id": -64, "user_id": 0, "group_id": min(call.pages)}


def wall_server(call: Call) -> Json:
    """Where a picture for a wall is uploaded."""
    page = call.own(call.number("group_id"))
    return {"upload_url": f"{call.world.base_url}/vk/upload/{secrets.token_hex(8)}", "album_id": -14, "user_id": STEWARD, "group_id": page.id}


def receive(world: World, content: bytes) -> Json:
    """The upload server: takes a picture; anything else gets photo "[]", as VK does."""
    found = picture_of(content)
    if found is None:
        return {"server": 0, "photo": "[]", "hash": ""}
    mime, size = found
    key = secrets.token_hex(8)
    with world.lock:
        told = json.dumps([{"photo": key, "sizes": [["x", *size]]}])
        world.realm("vk").uploads[key] = (told, content, mime, size)
        return {"server": 626627, "photo": told, "hash": key}


def save_message(call: Call) -> list[Json]:
    """photos.saveMessagesPhoto."""
    return [_save(call, -min(call.pages))]


def save_wall(call: Call) -> list[Json]:
    """photos.saveWallPhoto: the picture belongs to the person behind the token."""
    call.own(call.number("group_id"))
    return [_save(call, STEWARD)]


def _save(call: Call, owner: int) -> Json:
    key, told = call.params.get("hash", ""), call.params.get("photo")
    if not told:
        raise undefined("photo")
    known, content, mime, size = call.realm.uploads.pop(key, ("", b"", "", (0, 0)))
    if told != known:
        raise VkError(121, "Invalid hash")
    thing = call.world.picture(content, mime, owner, size)
    call.realm.things[f"photo{owner}_{thing.number}"] = thing
    return shapes.photo(call.world, thing)


def attached(call: Call, own: Sequence[Thing] = ()) -> list[Thing]:
    """The saved photos that are to be attached, or what hangs there already (`own`); error 100 for anything else."""
    known = call.realm.things | {shapes.reference(thing): thing for thing in own}
    found = []
    for name in filter(None, (call.params.get("attachments") or call.params.get("attachment") or "").split(",")):
        match = REFERENCE.fullmatch(name)
        thing = known.get(match[1] if match else name)
        if thing is None:
            raise VkError(100, "One of the parameters specified was missing or invalid: attachments contains an unknown object")
        found.append(thing)
    return found
