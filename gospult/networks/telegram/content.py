"""What a message holds: its text, and its files as attachments. Pure and tolerant."""

import mimetypes
from collections.abc import Mapping, Sequence
from typing import Any

from gospult.networks.base import Attachment, AttachmentKind
from gospult.networks.raw import as_text

# Field of a message with one file → our kind. A live photo carries `photo` too, an animation `document`: the richer one stands first.
FILES: dict[str, AttachmentKind] = {
    "animation": "video",
    "video": "video",
    "video_note": "video",
    "voice": "voice",
    "audio": "file",
    "document": "file",
    "sticker": "sticker",
}
MIMES = {"voice": "audio/ogg", "video_note": "video/mp4"}
# Fields without a file → what a person reads in its place.
OTHERS = {
    "venue": "Место на карте",
    "location": "Место на карте",
    "contact": "Контакт",
    "poll": "Опрос",
    "checklist": "Список дел",
    "dice": "Бросок кости",
    "game": "Игра",
    "story": "История",
    "paid_media": "Платный файл",
}
# Keys of a rich message under which words stand → what stands between its parts.
WORDY = {
    "text": "", "expression": "", "alternative_text": "", "label": "", "summary": "", "caption": "\n", "blocks": "\n", "items": "\n", "cells": "\n",
    "credit": "",
}  # fmt: skip
DEEPEST = 16
UNKNOWN = "Сообщение нового вида: откройте его в Telegram"

Raw = Mapping[str, Any]


def text_of(raw: Raw) -> str:
    """The text or caption of a message; of a rich one its words in order."""
    plain = raw.get("text") or raw.get("caption")
    return plain if isinstance(plain, str) else _words(raw.get("rich_message"), "\n", DEEPEST)


def _words(node: Any, between: str, depth: int) -> str:
    if isinstance(node, str):
        return node
    if isinstance(node, dict) and depth:
        return "\n".join(filter(None, (_words(node.get(key), glue, depth - 1) for key, glue in WORDY.items())))
    return between.join(_words(item, between, depth - 1) for item in node) if isinstance(node, list) and depth else ""


def attachments(raw: Raw) -> tuple[Attachment, ...]:
    """At most one a message: each picture of an album is a message of its own."""
    for label, kind in FILES.items():
        if isinstance(raw.get(label), dict):
            return (_file(label, kind, raw[label]),)
    if photo := _largest(raw.get("photo")):
        return (_file("photo", "photo", photo),)
    for label, name in OTHERS.items():
        if isinstance(raw.get(label), dict):
            return (Attachment(kind="other", name=_described(label, name, raw[label]), raw={label: raw[label]}),)
    return () if text_of(raw) else (Attachment(kind="other", name=UNKNOWN),)


def _largest(sizes: Any) -> Raw:
    found = [size for size in sizes if isinstance(size, dict)] if isinstance(sizes, Sequence) and not isinstance(sizes, str) else []
    return max(found, key=lambda size: size["width"] if isinstance(size.get("width"), int) else 0, default={})


def _file(label: str, kind: AttachmentKind, thing: Raw) -> Attachment:
    reference, name, size = thing.get("file_id"), thing.get("file_name"), thing.get("file_size")
    return Attachment(
        kind=kind,
        external_id=as_text(thing.get("file_unique_id")),
        url=f"ref:{reference}" if isinstance(reference, str) and reference else "",
        name=as_text(name) or as_text(thing.get("emoji")),
        mime=as_text(thing.get("mime_type")) or _mime(label, thing),
        size=size if isinstance(size, int) and not isinstance(size, bool) else None,
        raw={label: thing},
    )


def _mime(label: str, thing: Raw) -> str:
    if label == "photo":
        return "image/jpeg"  # Telegram makes every photo one
    if label == "sticker":
        return "video/webm" if thing.get("is_video") else "application/gzip" if thing.get("is_animated") else "image/webp"
    return MIMES.get(label) or mimetypes.guess_type(as_text(thing.get("file_name")))[0] or ""


def _described(label: str, name: str, thing: Raw) -> str:
    """A place on the map is told whole: it may be the very place of the trouble."""
    if label not in {"venue", "location"}:
        return name
    place = thing.get("location") if label == "venue" else thing
    given = [place.get(key) if isinstance(place, dict) else None for key in ("latitude", "longitude")]
    degrees = [f"{value:.6f}" for value in given if isinstance(value, int | float) and -180 <= value <= 180]
    told = [as_text(thing.get("title")), as_text(thing.get("address")), *degrees]
    return ": ".join(filter(None, [name, ", ".join(filter(None, told))]))
