"""Which token may call which method of VK, and what follows for the features."""

from collections.abc import Mapping

from gospult.networks.base import TokenKind

# Which token kinds a method takes (VK's schema, access_token_type; its "group" is our "community"), the best first:
# reading goes through the token that nobody's account stands behind.
CALLS: dict[str, tuple[TokenKind, ...]] = {
    "execute": ("community", "user"),
    "account.getAppPermissions": ("user",),
    "groups.getById": ("service", "community", "user"),
    "groups.getMembers": ("community", "service", "user"),  # a closed community tells its members to nobody but itself
    "groups.getTokenPermissions": ("community",),
    "groups.ban": ("user",),
    "groups.unban": ("user",),
    "groups.getCallbackServers": ("community", "user"),
    "groups.getCallbackConfirmationCode": ("community", "user"),
    "groups.addCallbackServer": ("community", "user"),
    "groups.editCallbackServer": ("community", "user"),
    "groups.getCallbackSettings": ("community", "user"),
    "groups.setCallbackSettings": ("community", "user"),
    "wall.get": ("service", "user"),
    "wall.getById": ("service", "user"),
    "wall.getComments": ("service", "user"),
    "wall.createComment": ("community", "user"),
    "wall.post": ("user",),
    "wall.edit": ("user",),
    "wall.delete": ("user",),
    "wall.deleteComment": ("user",),
    "wall.restoreComment": ("user",),
    "messages.getConversations": ("community", "user"),
    "messages.getHistory": ("community", "user"),
    "messages.send": ("community", "user"),
    "photos.getMessagesUploadServer": ("community", "user"),
    "photos.saveMessagesPhoto": ("community", "user"),
    "photos.getWallUploadServer": ("user",),
    "photos.saveWallPhoto": ("user",),
}
# What a screen may offer → the calls that it needs.
NEEDS: dict[str, tuple[str, ...]] = {
    "card": ("groups.getById",),
    "posts": ("wall.get",),
    "posts_of": ("wall.get",),
    "comments": ("wall.getComments",),
    "messages": ("messages.getHistory",),
    "dialogues": ("messages.getConversations",),
    "members": ("groups.getMembers",),
    "members_of": ("groups.getMembers",),
    "rights": ("groups.getById",),
    "webhook": (
        "groups.getCallbackServers",
        "groups.getCallbackConfirmationCode",
        "groups.addCallbackServer",
        "groups.editCallbackServer",
        "groups.getCallbackSettings",
        "groups.setCallbackSettings",
    ),
    "reply_comment": ("wall.createComment",),
    "reply_dm": ("messages.send",),
    "upload_comment": ("photos.getWallUploadServer", "photos.saveWallPhoto"),
    "upload_dm": ("photos.getMessagesUploadServer", "photos.saveMessagesPhoto"),
    "upload_post": ("photos.getWallUploadServer", "photos.saveWallPhoto"),
    "publish": ("wall.post",),
    "edit_post": ("wall.getById", "wall.edit"),
    "delete_post": ("wall.delete",),
    "hide": ("wall.deleteComment",),
    "unhide": ("wall.restoreComment",),
    "ban": ("groups.ban",),
    "unban": ("groups.unban",),
}
# VK's bits of groups.getTokenPermissions and account.getAppPermissions; what is "manage" to a community is "groups" to a person.
BITS = {"photos": 4, "messages": 4096, "wall": 8192, "manage": 262144}
# The bit that a method needs; a method that is not here is open to every token of its kinds.
SCOPES = {
    "groups.getCallbackServers": "manage",
    "groups.ban": "manage",
    "groups.unban": "manage",
    "groups.getCallbackConfirmationCode": "manage",
    "groups.addCallbackServer": "manage",
    "groups.editCallbackServer": "manage",
    "groups.getCallbackSettings": "manage",
    "groups.setCallbackSettings": "manage",
    "wall.createComment": "wall",
    "wall.post": "wall",
    "wall.edit": "wall",
    "wall.delete": "wall",
    "wall.deleteComment": "wall",
    "wall.restoreComment": "wall",
    "messages.getConversations": "messages",
    "messages.getHistory": "messages",
    "messages.send": "messages",
    "photos.getMessagesUploadServer": "photos",
    "photos.saveMessagesPhoto": "photos",
    "photos.getWallUploadServer": "photos",
    "photos.saveWallPhoto": "photos",
}
# What a person must be in the community to use such a bit: 1 a moderator, 2 an editor, 3 an administrator (VK's admin_level).
OFFICES = {1: "moderator", 2: "editor", 3: "administrator"}
LEVELS = {"messages": 1, "wall": 2, "photos": 2, "manage": 3, "wall.deleteComment": 1, "wall.restoreComment": 1, "groups.ban": 1, "groups.unban": 1}


def can(kinds: frozenset[TokenKind]) -> frozenset[str]:
    """Features whose every call some of these token kinds may make."""
    return frozenset(feature for feature, methods in NEEDS.items() if all(kinds & set(CALLS[method]) for method in methods))


def lacking(kind: TokenKind, mask: int, level: int) -> list[str]:
    """What a token of this kind was not given, of all that its methods need; `level` is a person's office, 0 for none."""
    words = {SCOPES[method] for method, kinds in CALLS.items() if kind in kinds and method in SCOPES}
    absent = [word for word in BITS if word in words and not mask & BITS[word]]
    offices = [name for number, name in OFFICES.items() if kind == "user" and level < number]
    return absent + offices


def allowed(kind: TokenKind, mask: int, level: int) -> frozenset[str]:
    """Methods that a token with these bits, of a person in this office, may really call."""
    return frozenset(method for method, kinds in CALLS.items() if kind in kinds and _opens(kind, method, mask, level))


def _opens(kind: TokenKind, method: str, mask: int, level: int) -> bool:
    word = SCOPES.get(method)
    if word is None:
        return True
    return bool(mask & BITS[word]) and (kind != "user" or level >= LEVELS.get(method, LEVELS[word]))


def granted(methods: Mapping[TokenKind, frozenset[str]]) -> frozenset[str]:
    """Features that really work: of every call, the token that the connector would take for it may make it."""
    taken = {name: next((kind for kind in kinds if kind in methods), None) for name, kinds in CALLS.items()}
    usable = {name for name, kind in taken.items() if kind and name in methods[kind]}
    return frozenset(feature for feature, names in NEEDS.items() if usable.issuperset(names))
