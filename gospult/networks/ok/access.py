"""Which token may call which method of OK, and what follows for the features."""

from collections.abc import Iterable

from gospult.networks.base import TokenKind

USER: TokenKind = "user"  # the session of an administrator in an application
BOT: TokenKind = "bot"  # the group's own token for messages

# Each method takes one kind: the REST API sessions, the graph API the bot's token.
CALLS: dict[str, TokenKind] = {
    "url.getInfo": USER,
    "users.hasAppPermission": USER,
    "users.getLoggedInUser": USER,
    "group.getInfo": USER,
    "group.getMembers": USER,
    "group.getStatTopics": USER,
    "group.getUserGroupsByIds": USER,
    "mediatopic.getByIds": USER,
    "mediatopic.post": USER,
    "mediatopic.deleteTopic": USER,
    "discussions.getComments": USER,
    "discussions.getAttachedResources": USER,
    "discussions.addDiscussionComment": USER,
    "discussions.deleteDiscussionComment": USER,
    "photosV2.getUploadUrl": USER,
    "graph.user.info": BOT,
    "graph.user.chats": BOT,
    "graph.user.messages": BOT,
    "graph.user.messages.post": BOT,
    "graph.user.subscriptions": BOT,
    "graph.user.subscribe": BOT,
    "graph.user.unsubscribe": BOT,
    "graph.user.fileUploadUrl": BOT,
}
# What a screen may offer → the calls that it needs.
NEEDS: dict[str, tuple[str, ...]] = {
    "card": ("group.getInfo", "url.getInfo"),
    "posts": ("group.getStatTopics", "mediatopic.getByIds"),
    "comments": ("discussions.getComments",),
    "messages": ("graph.user.messages",),
    "dialogues": ("graph.user.chats",),
    "members": ("group.getMembers",),
    "rights": ("users.hasAppPermission", "users.getLoggedInUser", "group.getUserGroupsByIds", "graph.user.info"),
    "fetch": ("discussions.getAttachedResources",),
    "webhook": ("graph.user.subscriptions", "graph.user.subscribe", "graph.user.unsubscribe"),
    "reply_comment": ("discussions.addDiscussionComment",),
    "reply_dm": ("graph.user.messages.post",),
    "upload_dm": ("graph.user.fileUploadUrl",),
    "upload_post": ("photosV2.getUploadUrl",),
    "publish": ("mediatopic.post",),
    "delete_post": ("mediatopic.deleteTopic",),
    "hide": ("discussions.deleteDiscussionComment",),
}
# What an application must be granted before a session may do it (the methods' own pages).
VALUABLE, GROUP, PHOTO = "VALUABLE_ACCESS", "GROUP_CONTENT", "PHOTO_CONTENT"
PERMISSIONS = (VALUABLE, GROUP, PHOTO)
GRANTS: dict[str, tuple[str, ...]] = {
    "card": (VALUABLE, GROUP),
    "posts": (VALUABLE, GROUP),
    "comments": (VALUABLE,),
    "members": (VALUABLE, GROUP),
    "fetch": (VALUABLE,),
    "reply_comment": (VALUABLE,),
    "upload_post": (PHOTO,),
    "publish": (VALUABLE, GROUP),
    "delete_post": (VALUABLE,),
    "hide": (VALUABLE,),
}
# What only those who run the group may do, whatever the application was granted.
OFFICE = frozenset({"posts", "reply_comment", "upload_post", "publish", "delete_post", "hide"})
OFFICES = frozenset({"ADMIN", "MODERATOR"})


def can(kinds: Iterable[TokenKind]) -> frozenset[str]:
    """Features that some of these token kinds serve; none of them needs both kinds at once."""
    have = frozenset(kinds)
    return frozenset(feature for feature, methods in NEEDS.items() if any(CALLS[name] in have for name in methods))


def granted(permissions: Iterable[str], *, office: bool) -> frozenset[str]:
    """Features that a session really has with these permissions of its application; `office`: its owner runs the group."""
    have = frozenset(permissions)
    return frozenset(name for name in can({USER}) if have.issuperset(GRANTS.get(name, ())) and (office or name not in OFFICE))
