"""Whether a post fits into a network, by what the network says of itself. Pure; no database."""

from gospult.lib.words import plural
from gospult.networks.base import PostRoom
from gospult.networks.registry import NETWORKS

LONGEST = 16_000  # what any post may have: networks that publish no figure get no more either
NO_ROOM = PostRoom(None, None)
SIGNS, PHOTOS = ("знака", "знаков", "знаков"), ("фото", "фото", "фото")


def room_of(network: str) -> PostRoom:
    """How much a post of the network holds."""
    return NETWORKS[network].post_room if network in NETWORKS else NO_ROOM


def longest(network: str, photos: int) -> int:
    """Characters that a post with so many photos may have."""
    room = room_of(network)
    return min(LONGEST, (room.caption if photos else room.text) or LONGEST)


def room_in_words(network: str) -> str:
    """«до 4 096 знаков, с фото до 1 024»."""
    without, beside = longest(network, 0), longest(network, 1)
    return f"до {_number(without)} знаков" + (f", с фото до {_number(beside)}" if beside != without else "")


def misfit(network: str, name: str, text: str, photos: int) -> str:
    """Why the post does not fit, in one sentence that says what to do; "" when it does."""
    most, room = longest(network, photos), room_of(network)
    if photos > room.photos:
        return f"{name}: не больше {room.photos} фото, а здесь {photos}: уберите лишние."
    if len(text) <= most:
        return ""
    shorter = room.caption and photos and len(text) <= longest(network, 0)
    what = "сократите текст или уберите фото" if shorter else "сократите текст"
    return f"{name}: {'с фото ' if shorter else ''}не больше {plural_signs(most)}, а здесь {_number(len(text))}: {what}."


def plural_signs(number: int) -> str:
    """«1 024 знаков» in the genitive, as after «не больше»."""
    return plural(number, SIGNS).replace(str(number), _number(number), 1)


def _number(value: int) -> str:
    return f"{value:,}".replace(",", "\u00a0")
