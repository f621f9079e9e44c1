"""What we ask of OK: the REST API with an administrator's session, the graph API with the token of the group's bot."""

import hmac
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from gospult.networks.base import (
    UNHURRIED,
    Credentials,
    Event,
    NetworkError,
    Pacer,
    PageCard,
    PlaceKind,
    Post,
    PostRoom,
    Rights,
    Sent,
    TokenKind,
    Utterance,
    UtteranceKind,
    Webhook,
)
from gospult.networks.ok import access, parse, places
from gospult.networks.ok.access import BOT, CALLS, NEEDS, USER
from gospult.networks.ok.client import BASE_URL, Client

__all__ = ["CALLS", "NEEDS", "OK"]

DOOR_HEADER = "X-Door-Secret"
TOPIC = "GROUP_TOPIC"  # OK's word for a discussion under a topic of a group
CARD_FIELDS = (
    "uid,name,shortname,description,members_count,pic_avatar,cover,homepage_url,phone,address,city,access_type,private,blocked,messages_allowed"
)
STAT_FIELDS = "ID,VIEWS,LIKES,COMMENTS,RESHARES"
CARDS_PER_CALL = 100
TOPICS_PER_CALL = 50
MEDIA_LIMIT = 3  # the most blocks of a topic that OK shows when several topics are asked
PAGE = 100  # of topics and comments in one answer
MEMBERS_PER_CALL = 1000
CHATS = 100  # the most chats in one answer
HISTORY = 100  # messages of a dialogue
DIALOGUES = 200  # the most that are named at once: each of them costs a call to read
MAX_CALLS = 100  # of one reading: a runaway discussion must not eat the day
MEMBER_CALLS = 10_000


class OK:
    """The connector of OK; see `gospult.networks.base.Network`. The pacer is asked before every call."""

    code: ClassVar[str] = "ok"
    name: ClassVar[str] = "Одноклассники"
    kinds: ClassVar[tuple[TokenKind, ...]] = (BOT, USER)  # the first is what a steward can take from his group's settings by himself
    guards: ClassVar[bool] = False
    pushes: ClassVar[frozenset[UtteranceKind]] = frozenset({"dm"})  # of comments OK tells nobody
    tells: ClassVar[frozenset[str]] = frozenset()
    flat_threads: ClassVar[bool] = False
    tells_posts: ClassVar[bool] = False
    post_room: ClassVar[PostRoom] = PostRoom(None, None)

    def __init__(self, credentials: Credentials, *, base_url: str = "", ca_file: str = "", timeout: float = 10.0, pacer: Pacer = UNHURRIED) -> None:
        self._page = credentials.page_id
        self._tokens = credentials.tokens
        self._client = Client(credentials.tokens, base_url=base_url, ca_file=ca_file, timeout=timeout, pacer=pacer)

    @staticmethod
    def can(kinds: frozenset[TokenKind]) -> frozenset[str]:
        """What these token kinds allow, by NEEDS and CALLS of `access`."""
        return access.can(kinds)

    # Hearing

    @staticmethod
    def authentic(body: Mapping[str, Any], headers: Mapping[str, str], secret: str) -> bool:
        """Whether the address that was called carried the page's secret; a page without a secret trusts nobody.

        OK signs nothing. `subscribe` puts the secret into the address as `?s=…`; whoever takes the call
        passes that parameter here as the header X-Door-Secret, in place of any that the caller sent himself.
        """
        given = next((value for name, value in headers.items() if name.lower() == DOOR_HEADER.lower()), "")
        return bool(secret) and hmac.compare_digest(given.encode("utf-8", "replace"), secret.encode("utf-8", "replace"))

    @staticmethod
    def parse_event(body: Mapping[str, Any], page_id: str = "") -> Event:
        """Translate a webhook body, which does not name its page; an unknown kind becomes "other"."""
        return parse.event(body, page_id)

    @staticmethod
    def parse_card(raw: Mapping[str, Any]) -> PageCard:
        """Translate a group of group.getInfo."""
        return parse.card(raw)

    def webhook(self, url: str = "") -> Webhook:
        """Our subscription, without its secret; OK takes a failing one away after 8 hours and tells nothing about failures before."""
        self._need("webhook")
        return parse.webhook(self._client.graph("graph.user.subscriptions", "subscriptions"), url)

    def subscribe(self, url: str, secret: str) -> None:
        """Ask for events at this address with the secret in it; the same address with an older secret is unsubscribed."""
        self._need("webhook")
        if not secret:
            raise NetworkError("OK: у вебхука нет секрета", fault="invalid", permanent=True)
        whole = parse.signed(url, secret)
        known = parse.subscriptions(self._client.graph("graph.user.subscriptions", "subscriptions"))
        if whole not in known:
            self._done(self._client.graph("graph.user.subscribe", "subscribe", body={"url": whole}))
        for old in known:
            if old != whole and parse.bare(old) == parse.bare(whole):
                self._done(self._client.graph("graph.user.unsubscribe", "unsubscribe", body={"url": old}))

    # Reading

    def rights(self) -> Rights:
        """What the tokens really allow; OK does not tell when they end. A dead token among others is told as missing."""
        self._need("rights")
        asked: dict[TokenKind, Callable[[], tuple[str, frozenset[str], list[str]]]] = {USER: self._session_rights, BOT: self._bot_rights}
        names, found, missing, dead = [], set[str](), list[str](), list[NetworkError]()
        for kind in [kind for kind in self.kinds if self._tokens.get(kind)]:
            try:
                name, features, lacking = asked[kind]()
            except NetworkError as error:
                if error.fault != "auth":
                    raise
                dead.append(error)
                missing.append(f"{kind}: {error}")
                continue
            names.append(name)
            found |= features
            missing += [f"{kind}: {word}" for word in lacking]
        if dead and not names:
            raise dead[0]
        return Rights(frozenset(found), missing, next(filter(None, names), ""))

    def cards(self, page_ids: Sequence[str]) -> list[PageCard]:
        """Cards of any groups, by id or short name, 100 a call and one call more for each short name; unknown ones are absent."""
        self._need("card")
        numbers = [number for name in page_ids if (number := name if name.isdecimal() else self._named(name))]
        cards: list[PageCard] = []
        for start in range(0, len(numbers), CARDS_PER_CALL):
            answer = self._client.rest("group.getInfo", {"uids": ",".join(numbers[start : start + CARDS_PER_CALL]), "fields": CARD_FIELDS})
            cards += [card for raw in parse.items(answer, "groups") if (card := parse.card(raw)).external_id]
        return cards

    def posts(self, *, count: int = 20, offset: int = 0) -> list[Post]:
        """The newest topics with their figures, newest first; one that nobody but its author has seen is not told."""
        self._need("posts")
        figures: dict[str, Mapping[str, Any]] = {}
        for answer in self._pages("group.getStatTopics", gid=self._page, fields=STAT_FIELDS, count=min(PAGE, offset + count)):
            figures |= {str(raw.get("id")): raw for raw in parse.items(answer, "topics")}
            if len(figures) >= offset + count:
                break
        posts = [post for numbers in _chunks(list(figures)[offset : offset + count], TOPICS_PER_CALL) for post in self._topics(numbers, figures)]
        return sorted(posts, key=lambda post: post.sent_at, reverse=True)

    def members_of(self, page_ids: Sequence[str]) -> Iterator[tuple[str, list[str] | NetworkError]]:
        """OK tells one group's members a call: always NetworkError "unsupported"."""
        raise NetworkError("OK: подписчики многих групп сразу не читаются", fault="unsupported", permanent=True)

    def posts_of(self, page_ids: Sequence[str], *, count: int = 20) -> Iterator[tuple[str, list[Post] | NetworkError]]:
        """OK tells a group's topics only to that group's administrators, one group a call: always NetworkError "unsupported"."""
        raise NetworkError("OK: стены многих групп сразу не читаются", fault="unsupported", permanent=True)

    def comments(self, post_id: str) -> list[Utterance]:
        """All comments under a topic, oldest first; of more than 10,000 the newest."""
        self._need("comments")
        return self._discussion(places.topic(post_id))

    def dialogues(self, *, since: datetime) -> list[str]:
        """Dialogues in which something happened since, the latest first, at most 200."""
        self._need("dialogues")
        found: list[str] = []
        marker = ""
        for _ in range(DIALOGUES // CHATS):
            answer = self._client.graph("graph.user.chats", "chats", {"count": CHATS, "marker": marker})
            chats = parse.chats(answer)
            found += [thread for thread, when in chats if when >= since]
            marker = str(answer.get("marker") or "") if isinstance(answer, dict) else ""
            if not marker or not chats or chats[-1][1] < since:
                break
        return found

    def thread(self, thread_id: str, *, kind: UtteranceKind) -> list[Utterance]:
        """The thread as it stands now, oldest first; of a direct dialogue the latest 100 messages."""
        if kind == "dm":
            self._need("messages")
            answer = self._client.graph("graph.user.messages", f"messages/{places.chat(thread_id)}", {"count": HISTORY})
            return parse.messages(answer, self._page)
        self._need("comments")
        topic, top = places.place(thread_id)
        return [said for said in self._discussion(topic, until=top) if said.thread_id == thread_id]

    def members(self) -> Iterator[Sequence[str]]:
        """Ids of the members as a stream of batches; OK warns that it may tell some fewer than the group's own figure."""
        self._need("members")
        return self._members()

    def fetch(self, reference: str) -> tuple[bytes, str]:
        """Bytes and MIME type of a picture that hangs on a comment."""
        self._need("fetch")
        number = reference.removeprefix("ref:")
        url = parse.resource(self._client.rest("discussions.getAttachedResources", {"attach_ids": number}), number)
        if not url:
            raise NetworkError("OK: вложение не открывается", fault="gone", permanent=True)
        return self._client.download(url)

    # Writing

    def upload(self, thread_id: str, *, kind: PlaceKind, name: str, content: bytes) -> str:
        """Upload a picture for a message or a topic; for a comment NetworkError "unsupported": OK describes no way to attach one."""
        if kind == "dm":
            self._need("upload_dm")
            places.chat(thread_id)
            server = self._client.graph("graph.user.fileUploadUrl", "fileUploadUrl", {"type": "IMAGE"})
            return self._placed(server, "url", name, content)
        self._need("upload_post" if kind == "post" else "upload_comment")
        server = self._client.rest("photosV2.getUploadUrl", {"gid": self._page, "count": 1})
        return self._placed(server, "upload_url", name, content)

    def reply(self, thread_id: str, *, kind: UtteranceKind, text: str, guard: str, reply_to: str = "", attachments: Sequence[str] = ()) -> Sent:
        """Publish a reply as the group. OK has no guard: after an unknown outcome only reading tells whether it stands there."""
        if kind == "dm":
            return self._write(places.chat(thread_id), text, reply_to, attachments)
        topic, top = places.place(thread_id)
        answered = places.comment(reply_to) if reply_to else top
        self._need("reply_comment")
        if attachments:
            self._need("upload_comment")
        params = {"entityId": topic, "entityType": TOPIC, "comment": text, "reply_to_comment_id": answered, "as_admin": "true"}
        said = parse.comment_id(self._client.rest("discussions.addDiscussionComment", params, sending=True))
        return Sent(_proof("c", said), self._topic_url(topic))

    def publish(self, text: str, *, guard: str = "", attachments: Sequence[str] = ()) -> Sent:
        """Publish a topic as the group; OK has no guard."""
        self._need("publish")
        media: list[dict[str, Any]] = [{"type": "text", "text": text}] if text else []
        media += [{"type": "photo", "list": [{"id": token} for token in attachments]}] if attachments else []
        content = json.dumps({"media": media, "onBehalfOfGroup": "true"}, ensure_ascii=False)
        answer = self._client.rest("mediatopic.post", {"type": "GROUP_THEME", "gid": self._page, "attachment": content}, sending=True)
        number = _proof("", str(answer) if isinstance(answer, int | str) and not isinstance(answer, bool) else "")
        return Sent(number, self._topic_url(number))

    def edit_post(self, post_id: str, text: str) -> None:
        """OK describes no way to rewrite a topic: NetworkError "unsupported"."""
        self._need("edit_post")

    def delete_post(self, post_id: str) -> None:
        """Take a topic away."""
        self._need("delete_post")
        self._done(self._client.rest("mediatopic.deleteTopic", {"gid": self._page, "topic_id": places.topic(post_id)}))

    def hide(self, external_id: str, *, thread_id: str) -> None:
        """Delete somebody's comment; OK has no way back."""
        self._need("hide")
        topic, _ = places.place(thread_id)
        params = {"discussionId": topic, "discussionType": TOPIC, "comment_id": places.comment(external_id)}
        self._done(self._client.rest("discussions.deleteDiscussionComment", params, sending=True))

    def unhide(self, external_id: str, *, thread_id: str) -> None:
        """OK has no way to bring a deleted comment back: NetworkError "unsupported"."""
        self._need("unhide")

    def ban(self, person_id: str, *, until: datetime) -> None:
        """OK has no black list that ends by itself: NetworkError "unsupported"."""
        self._need("ban")

    def unban(self, person_id: str) -> None:
        """OK has no black list that ends by itself: NetworkError "unsupported"."""
        self._need("unban")

    def url(self, thread_id: str, *, kind: UtteranceKind) -> str:
        """Where a person opens the thread: the topic, or the group's own messages."""
        if kind == "dm":
            return f"{self._site()}group/{self._page}/messages?chat={places.chat(thread_id).removeprefix('chat:')}"
        return self._topic_url(places.place(thread_id)[0])

    def post_url(self, post_id: str) -> str:
        """Where a person opens a topic."""
        return self._topic_url(places.topic(post_id))

    # How it is asked

    def _need(self, feature: str) -> None:
        """Refuse before anything is asked what our tokens do not serve."""
        if feature not in self.can(frozenset(kind for kind, token in self._tokens.items() if token)):
            raise NetworkError(f"OK: нет подходящего ключа для «{feature}»", fault="unsupported", permanent=True)

    def _pages(self, method: str, **params: Any) -> Iterator[Any]:
        """Answers of a method with anchors until it has no more."""
        anchor = params.pop("anchor", "")
        for _ in range(MEMBER_CALLS if method == "group.getMembers" else MAX_CALLS):
            answer = self._client.rest(method, params | {"anchor": anchor})
            yield answer
            past, anchor = anchor, str(answer.get("anchor") or "") if isinstance(answer, dict) else ""
            if not anchor or anchor == past or not answer.get("has_more"):
                return

    def _topics(self, numbers: Sequence[str], figures: Mapping[str, Mapping[str, Any]]) -> list[Post]:
        """Topics by their ids, in the order of the ids."""
        asked = {"topic_ids": ",".join(numbers), "media_limit": MEDIA_LIMIT, "fields": "media_topic.*"}
        known = {str(raw.get("id")): raw for raw in parse.items(self._client.rest("mediatopic.getByIds", asked), "media_topics")}
        return [parse.post(known[number], figures[number]) for number in numbers if number in known]

    def _discussion(self, topic: str, *, until: str = "") -> list[Utterance]:
        """Comments under a topic, oldest first; read from the newest back, no further than `until`: whatever answers it is younger."""
        found: dict[str, Mapping[str, Any]] = {}
        asked = {"discussionId": topic, "discussionType": TOPIC, "anchor": "LAST", "direction": "BACKWARD", "count": PAGE}
        for answer in self._pages("discussions.getComments", **asked):
            found |= {str(raw.get("id")): raw for raw in parse.items(answer, "comments")}
            if until in found:
                break
        oldest_first = list(found.values())[::-1]  # a date has seconds only: the order of the answer tells more
        return sorted(parse.comments(oldest_first, self._page, topic), key=lambda said: said.sent_at)

    def _members(self) -> Iterator[Sequence[str]]:
        for answer in self._pages("group.getMembers", uid=self._page, direction="FORWARD", count=MEMBERS_PER_CALL):
            if batch := parse.members(answer):
                yield batch

    def _named(self, name: str) -> str:
        """The number of a group by its short name, "" when there is no such group."""
        try:
            told = self._client.rest("url.getInfo", {"url": f"https://ok.ru/{name}"})
        except NetworkError as error:
            if error.fault != "gone":
                raise
            return ""
        number = told.get("objectId") if isinstance(told, dict) and str(told.get("type", "")).upper() == "GROUP" else ""
        return str(number) if str(number).isdecimal() else ""

    def _session_rights(self) -> tuple[str, frozenset[str], list[str]]:
        have = [name for name in access.PERMISSIONS if self._client.rest("users.hasAppPermission", {"ext_perm": name}) is True]
        office = self._office(self._client.rest("users.getLoggedInUser", {}))
        missing = [name for name in access.PERMISSIONS if name not in have] + ([] if office else [" | ".join(sorted(access.OFFICES))])
        return "", access.granted(have, office=office), missing

    def _office(self, person: Any) -> bool:
        """Whether this person runs the group; where OK does not even tell, he cannot be taken for one who does."""
        try:
            told = self._client.rest("group.getUserGroupsByIds", {"group_id": self._page, "uids": person})
        except NetworkError as error:
            if error.fault != "access":
                raise
            return False
        return any(str(item.get("status")) in access.OFFICES for item in parse.items(told, "memberships"))

    def _bot_rights(self) -> tuple[str, frozenset[str], list[str]]:
        told = self._client.graph("graph.user.info", "info/")
        told = told if isinstance(told, dict) else {}
        if str(told.get("group_id", "")).removeprefix("group:") == self._page:
            return str(told.get("name", "")), access.can({BOT}), []
        return str(told.get("name", "")), frozenset(), [f"group:{self._page}"]

    def _write(self, chat: str, text: str, reply_to: str, attachments: Sequence[str]) -> Sent:
        self._need("reply_dm")
        said: dict[str, Any] = {"text": text} if text else {}
        said |= {"attachments": [{"type": "IMAGE", "payload": {"token": token}} for token in attachments]} if attachments else {}
        said |= {"reply_to": answered} if (answered := places.message(reply_to)) else {}
        body = {"recipient": {"chat_id": chat}, "message": said}
        answer = self._client.graph("graph.user.messages.post", f"messages/{chat}", body=body)
        number = str(answer.get("message_id") or "") if isinstance(answer, dict) else ""
        return Sent(_proof("m", number.removeprefix("mid:")), self.url(f"d{chat.removeprefix('chat:')}", kind="dm"))

    def _placed(self, server: Any, key: str, name: str, content: bytes) -> str:
        url = server.get(key) if isinstance(server, dict) else None
        if not isinstance(url, str):
            raise NetworkError("OK: не назван сервер загрузки", fault="down")
        token = parse.upload_token(self._client.upload(url, name, content))
        if not token:
            raise NetworkError("OK: сервер загрузки не принял файл как фото", fault="invalid", permanent=True)
        return token

    def _done(self, answer: Any) -> None:
        """A method that answers with `success`; False is a refusal without a reason."""
        if answer is False or (isinstance(answer, dict) and answer.get("success") is False):
            raise NetworkError("OK: отказ без причины", fault="access", permanent=True)

    def _topic_url(self, topic: str) -> str:
        return f"{self._site()}group/{self._page}/topic/{topic}"

    def _site(self) -> str:
        base = self._client.base_url
        return "https://ok.ru/" if base == BASE_URL else base


def _chunks(found: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(found), size):
        yield found[start : start + size]


def _proof(letter: str, number: str) -> str:
    # An answer without the id proves nothing: the thread has to be read.
    if not number:
        raise NetworkError("OK: ответ без номера публикации", fault="other", outcome_unknown=True)
    return f"{letter}{number}"
