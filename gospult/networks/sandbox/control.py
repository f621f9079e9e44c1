"""The control API under /sandbox/: what a test or the demo does to the world. JSON in, JSON out."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from gospult.networks.sandbox import memory
from gospult.networks.sandbox.world import Comment, Message, Page, Settings, Thing

if TYPE_CHECKING:
    from gospult.networks.sandbox.server import Sandbox

Json = dict[str, Any]
Said = TypeVar("Said", Comment, Message)
Handler = Callable[["Sandbox", Mapping[str, Any]], Any]


def answer(sandbox: "Sandbox", verb: str, name: str, body: Mapping[str, Any]) -> tuple[int, Any]:
    """HTTP status and JSON of one control call."""
    handler = ROUTES.get(f"{verb} {name}")
    if handler is None:
        return 404, {"error": f"no such control call: {verb} {name}"}
    try:
        return 200, handler(sandbox, body)
    except (KeyError, ValueError, TypeError, IndexError) as error:
        return 400, {"error": f"{type(error).__name__}: {error}"}


# The world


def add_page(sandbox: "Sandbox", body: Mapping[str, Any]) -> Json:
    number, network = int(body["id"]), body.get("network", "vk")
    dialect = sandbox.dialects[network]
    tokens = dict(body.get("tokens") or {kind: f"{kind}-token-{number}" for kind in dialect.kinds})
    known = {key: body[key] for key in ("callback_url", "secret", "confirmation", "members", "description", "menu", "extra") if key in body}
    with sandbox.world.lock:
        page = Page(network, number, body.get("name", f"Страница {number}"), body.get("handle") or f"club{number}", tokens, **known)
        dialect.opened(page)
        sandbox.world.add_page(page)
        return {"id": page.id, "external_id": dialect.external_id(page), "handle": page.handle, "tokens": page.tokens}


def add_post(sandbox: "Sandbox", body: Mapping[str, Any]) -> Json:
    traits = {key: body[key] for key in ("repost", "pinned", "views", "likes", "reposts") if key in body}
    page = sandbox.page(body)
    return {"id": sandbox.dialects[page.network].post_id(page, sandbox.deeds.post(page, body["text"], **traits).id)}


def comment(sandbox: "Sandbox", body: Mapping[str, Any]) -> Json:
    with sandbox.world.lock:
        page, author = sandbox.page(body), sandbox.world.person(body.get("author", "Мария Иванова"))
        dialect = sandbox.dialects[page.network]
        reply_to = dialect.number(page, body["reply_to"]) if body.get("reply_to") else 0
        post = dialect.post_number(page, str(body["post"]))
        item = _dated(
            sandbox.deeds.comment(page, post, author, body.get("text", ""), reply_to=reply_to, things=_attached(sandbox, body, author)), body
        )
        return {"id": dialect.comment_id(page, item.id), "thread": dialect.comment_thread(page, item), "author": author}


def message(sandbox: "Sandbox", body: Mapping[str, Any]) -> Json:
    with sandbox.world.lock:
        page, author = sandbox.page(body), sandbox.world.person(body.get("author", "Мария Иванова"))
        dialect = sandbox.dialects[page.network]
        reply_to = dialect.number(page, body["reply_to"]) if body.get("reply_to") else 0
        item = _dated(
            sandbox.deeds.message(page, author, author, body.get("text", ""), reply_to=reply_to, things=_attached(sandbox, body, author)), body
        )
        return {"id": dialect.message_id(page, item.id), "thread": dialect.message_thread(page, author), "author": author}


def native(sandbox: "Sandbox", body: Mapping[str, Any]) -> Json:
    """The page's steward answers in the network's own app."""
    with sandbox.world.lock:
        page, thread = sandbox.page(body), str(body["thread"])
        dialect, files = sandbox.dialects[page.network], _attached(sandbox, body, -int(body["page"]))
        reply_to = dialect.number(page, body["reply_to"]) if body.get("reply_to") else 0
        post, place = dialect.place(page, thread)
        if not post:
            made = _dated(sandbox.deeds.page_writes(page, place, body["text"], by="native", reply_to=reply_to, things=files), body)
            return {"id": dialect.message_id(page, made.id), "thread": thread}
        said = _dated(sandbox.deeds.page_comments(page, post, body["text"], by="native", reply_to=reply_to or place, things=files), body)
        return {"id": dialect.comment_id(page, said.id), "thread": thread}


def edit(sandbox: "Sandbox", body: Mapping[str, Any]) -> Json:
    sandbox.deeds.edit(sandbox.page(body), _item(sandbox, body), body["text"])
    return {"id": body["id"]}


def delete(sandbox: "Sandbox", body: Mapping[str, Any]) -> Json:
    sandbox.deeds.delete(sandbox.page(body), _item(sandbox, body))
    return {"id": body["id"]}


def restore(sandbox: "Sandbox", body: Mapping[str, Any]) -> Json:
    sandbox.deeds.restore(sandbox.page(body), _item(sandbox, body))
    return {"id": body["id"]}


def deny(sandbox: "Sandbox", body: Mapping[str, Any]) -> Json:
    """A person forbids the page to write to him."""
    with sandbox.world.lock:
        sandbox.page(body).denied.add(sandbox.world.person(body["author"]))
    return {}


def close(sandbox: "Sandbox", body: Mapping[str, Any]) -> Json:
    """The page closes the comments of a post."""
    with sandbox.world.lock:
        page = sandbox.page(body)
        if not sandbox.dialects[page.network].closes:
            raise ValueError("comments of a post cannot be closed in this network")
        page.posts[sandbox.dialects[page.network].post_number(page, str(body["post"]))].closed = True
    return {}


def event(sandbox: "Sandbox", body: Mapping[str, Any]) -> Json:
    """Send any event, also of a kind that nobody knows."""
    page = sandbox.page(body)
    dialect = sandbox.dialects[page.network]
    sandbox.courier.send(page, dialect.stray(page, body["type"], body.get("object", {})), dialect.headers(page))
    return {}


def confirm(sandbox: "Sandbox", body: Mapping[str, Any]) -> Json:
    return {"confirmed": sandbox.courier.confirm(sandbox.page(body))}


# The sandbox itself


def plan_fault(sandbox: "Sandbox", body: Mapping[str, Any]) -> Json:
    sandbox.faults.plan(body["kind"], body.get("method", ""), int(body.get("times", 1)))
    return {}


def change_settings(sandbox: "Sandbox", body: Mapping[str, Any]) -> Json:
    changes = {key: value for key, value in body.items() if key != "network"}
    settings = Settings(**{**vars(sandbox.world.settings), **changes})
    if not 0 <= settings.chaos <= 1 or settings.slow_seconds > 60:
        raise ValueError("chaos is a share, slow_seconds at most 60")
    sandbox.world.settings = settings
    if "seed" in body:
        sandbox.faults.reset()
    return vars(settings)


def reset(sandbox: "Sandbox", _body: Mapping[str, Any]) -> Json:
    sandbox.world.reset()
    sandbox.courier.reset()
    sandbox.faults.reset()
    return {}


def ledger(sandbox: "Sandbox", _body: Mapping[str, Any]) -> Json:
    with sandbox.world.lock:
        return {"entries": list(sandbox.world.ledger)}


def state(sandbox: "Sandbox", _body: Mapping[str, Any]) -> Json:
    with sandbox.world.lock:
        world = sandbox.world
        said = sum(len(page.comments) + len(page.messages) for page in world.pages)
        counts = {"pages": len(world.pages), "said": said, "posted": len(world.ledger), "version": world.version}
        events = {key: sandbox.courier.counts[key] for key in ("sent", "delivered", "given_up", "attempts")}
        faults = {"faults": dict(world.faults), "faults_injected": sum(world.faults.values())}
        return {**counts, "events": events | {"pending": sandbox.courier.pending()}, **faults, "calls": dict(world.calls)}


def quiet(sandbox: "Sandbox", _body: Mapping[str, Any]) -> Json:
    pending = sandbox.courier.pending()
    return {"quiet": pending == 0, "pending": pending}


def pages(sandbox: "Sandbox", _body: Mapping[str, Any]) -> Json:
    with sandbox.world.lock:
        found = [
            {"network": page.network, "id": page.id, "name": page.name, "posts": list(page.posts), "confirmed": page.confirmed}
            for page in sandbox.world.pages
        ]
        return {"pages": found}


def walls(sandbox: "Sandbox", body: Mapping[str, Any]) -> Json:
    """The texts of a page's posts by their ids."""
    with sandbox.world.lock:
        page = sandbox.page(body)
        dialect = sandbox.dialects[page.network]
        return {"posts": {dialect.post_id(page, number): post.text for number, post in page.posts.items()}}


def _item(sandbox: "Sandbox", body: Mapping[str, Any]) -> Comment | Message:
    page, name = sandbox.page(body), str(body["id"])
    number = sandbox.dialects[page.network].number(page, name)
    return page.comments[number] if name[0] == "c" else page.messages[number]


def _dated(item: Said, body: Mapping[str, Any]) -> Said:
    """What was said at another time than now: in some networks its name tells the time."""
    item.at = int(body.get("at") or item.at)
    return item


def _attached(sandbox: "Sandbox", body: Mapping[str, Any], owner: int) -> list[Thing]:
    return [sandbox.world.thing(word, owner) for word in body.get("attachments", ())]


ROUTES: dict[str, Handler] = {
    "POST pages": add_page,
    "GET pages": pages,
    "POST posts": add_post,
    "POST comments": comment,
    "POST messages": message,
    "POST native": native,
    "POST edit": edit,
    "POST delete": delete,
    "POST restore": restore,
    "POST deny": deny,
    "POST close": close,
    "POST events": event,
    "POST confirm": confirm,
    "POST walls": walls,
    "POST faults": plan_fault,
    "POST settings": change_settings,
    "POST reset": reset,
    "POST remember": memory.remember,
    "GET said": memory.said,
    "GET ledger": ledger,
    "GET state": state,
    "GET quiet": quiet,
}
