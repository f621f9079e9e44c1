"""Files that a bot uploads: POST /uploads names a server, the server gives a token, a message attaches it."""

import secrets
from collections.abc import Mapping
from typing import Any

from gospult.networks.sandbox.dialect import Request, Response
from gospult.networks.sandbox.files import picture_of
from gospult.networks.sandbox.max.gate import Call, MaxError, invalid
from gospult.networks.sandbox.world import Page, Thing, World

Json = dict[str, Any]
KINDS = {"image": "photo", "video": "video", "audio": "voice", "file": "file"}
NAMES = {"photo": "image", "video": "video", "voice": "audio", "file": "file"}
RETVAL = b'<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n<retval>1</retval>'


def server(call: Call) -> Json:
    """POST /uploads: the address for one file; of videos and voices the token comes already here."""
    kind = KINDS.get(call.query.get("type", ""))
    if kind is None:
        raise invalid("type: must be one of image, video, audio, file")
    key, token = secrets.token_hex(8), secrets.token_hex(16)
    call.realm.uploads[key] = (kind, token, call.page)
    where = f"{call.world.base_url}/max/upload/{key}"
    return {"url": where, "token": token} if kind in ("video", "voice") else {"url": where}


def receive(world: World, key: str, request: Request) -> Response:
    """The upload server: it knows no tokens of bots, only the key in its own address, which is good for one file."""
    with world.lock:
        realm = world.realm("max")
        kind, token, page = realm.uploads.pop(key, ("", "", None))
        content, mime = next(((content, mime) for file, content, mime in request.multipart().values() if file), (b"", ""))
        if page is None or not content:
            return Response(400, {"error_code": "upload.bad.request", "error_data": "no such upload"})
        thing = _kept(world, page, kind, content, mime)
        if thing is None:
            return Response(400, {"error_code": "upload.bad.image", "error_data": "not an image"})
        realm.things[token] = thing
        # A fresh file is digested for a while: the page says how many times it is not ready yet.
        realm.uploads[f"digesting {token}"] = int(page.extra.get("not_ready", 0))
        return _taken(kind, token, thing)


def _taken(kind: str, token: str, thing: Thing) -> Response:
    match kind:
        case "photo":
            return Response(200, {"photos": {secrets.token_urlsafe(12): {"token": token}}})
        case "file":
            return Response(200, {"fileId": thing.number, "token": token})
        case _:
            return Response(200, RETVAL, "application/xml")


def _kept(world: World, page: Page, kind: str, content: bytes, mime: str) -> Thing | None:
    if kind != "photo":
        thing = world.thing(kind, -page.id)
        name = secrets.token_hex(8)
        world.files.keep(name, mime, content)
        return Thing(kind, thing.number, -page.id, name)
    found = picture_of(content)
    return world.picture(content, found[0], -page.id, found[1]) if found else None


def attached(call: Call, page: Page) -> list[Thing]:
    """What the body of a message attaches; buttons are taken and shown nowhere."""
    asked = call.body.get("attachments") or []
    if not isinstance(asked, list) or not all(isinstance(item, dict) for item in asked):
        raise invalid("attachments: must be a list")
    found = [_thing(call, item) for item in asked if item.get("type") != "inline_keyboard"]
    return [thing for things in found for thing in things]


def _thing(call: Call, item: Mapping[str, Any]) -> list[Thing]:
    payload = item.get("payload")
    payload = payload if isinstance(payload, dict) else {}
    photos = payload["photos"] if isinstance(payload.get("photos"), dict) else {}
    tokens = [payload.get("token")] if payload.get("token") else [photo.get("token") for photo in photos.values() if isinstance(photo, dict)]
    if not tokens:
        raise invalid("attachments: a token is required")
    return [_ready(call, str(item.get("type")), str(token)) for token in tokens]


def _ready(call: Call, label: str, token: str) -> Thing:
    thing = call.realm.things.get(token)
    if thing is None or NAMES.get(thing.kind) != label:
        raise invalid("attachments: unknown token")
    left = call.realm.uploads.get(f"digesting {token}", 0)
    if left > 0:
        call.realm.uploads[f"digesting {token}"] = left - 1
        raise MaxError(400, "attachment.not.ready", "Key: errors.process.attachment.file.not.processed")
    return thing
