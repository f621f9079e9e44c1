"""The control API under /sandbox/: what a test or the demo does to the world. JSON in, JSON out."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from gospult.networks.sandbox import memory, shapes
from gospult.networks.sandbox.world import Page, Settings

if TYPE_CHECKING:
    from gospult.networks.sandbox.server import Sandbox

Json = dict[str, Any]
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
    number = int(body["id"])
    tokens = dict(body.get("tokens") or {kind: f"{kind}-token-{number}" for kind in ("community", "user", "service")})
    known = {key: body[key] for key in ("callback_url", "secret", "confirmation", "members", "menu", "extra") if key in body}
    page = sandbox.world.add_page(Page(number, body.get("name", f"Страница {number}"), body.get("handle") or f"club{number}", tokens, **known))
    return {"id": page.id, "handle": page.handle, "tokens": page.tokens}


def add_post(sandbox: "Sandbox", body: Mapping[str, Any]) -> Json:
    traits = {key: body[key] for key in ("repost", "pinned", "views", "likes", "reposts") if key in body}
    return {"id": sandbox.deeds.post(_page(sandbox, body), body["text"], **traits).id}


def comment(sandbox: "Sandbox", body: Mapping[str, Any]) -> Json:
    with sandbox.world.lock:
        page, author = _page(sandbox, body), sandbox.world.person(body.get("author", "Мария Иванова"))
        reply_to = int(str(body.get("reply_to") or "0").removeprefix("c"))
        item = sandbox.deeds.comment(
            page, int(body["post"]), author, body.get("text", ""), reply_to=reply_to, attachments=_attached(sandbox, body, author)
        )
        return {"id": f"c{item.id}", "thread": f"w{item.post_id}_{item.opener}", "author": author}


def message(sandbox: "Sandbox", body: Mapping[str, Any]) -> Json:
    with sandbox.world.lock:
        page, author = _page(sandbox, body), sandbox.world.person(body.get("author", "Мария Иванова"))
        reply_to = int(str(body.get("reply_to") or "0").removeprefix("m"))
        item = sandbox.deeds.message(page, author, author, body.get("text", ""), reply_to=reply_to, attachments=_attached(sandbox, body, author))
        return {"id": f"m{item.id}", "thread": f"d{author}", "author": author}


def native(sandbox: "Sandbox", body: Mapping[str, Any]) -> Json:
    """The page's steward answers in VK's own app."""
    with sandbox.world.lock:
        page, thread = _page(sandbox, body), body["thread"]
        reply_to, files = str(body.get("reply_to") or "")[1:] or "0", _attached(sandbox, body, -int(body["page"]))
        if thread[0] == "d":
            made = sandbox.deeds.page_writes(page, int(thread[1:]), body["text"], by="native", reply_to=int(reply_to), attachments=files)
            return {"id": f"m{made.id}", "thread": thread}
        post, top = (int(part) for part in thread[1:].split("_"))
        said = sandbox.deeds.page_comments(page, post, body["text"], by="native", reply_to=int(reply_to) or top, attachments=files)
        return {"id": f"c{said.id}", "thread": thread}


def edit(sandbox: "Sandbox", body: Mapping[str, Any]) -> Json:
    sandbox.deeds.edit(_page(sandbox, body), body["id"], body["text"])
    return {"id": body["id"]}


def delete(sandbox: "Sandbox", body: Mapping[str, Any]) -> Json:
    sandbox.deeds.delete(_page(sandbox, body), body["id"])
    return {"id": body["id"]}


def restore(sandbox: "Sandbox", body: Mapping[str, Any]) -> Json:
    sandbox.deeds.restore(_page(sandbox, body), body["id"])
    return {"id": body["id"]}


def deny(sandbox: "Sandbox", body: Mapping[str, Any]) -> Json:
    """A person forbids the page to write to him."""
    with sandbox.world.lock:
        _page(sandbox, body).denied.add(sandbox.world.person(body["author"]))
    return {}


def close(sandbox: "Sandbox", body: Mapping[str, Any]) -> Json:
    """The page closes the comments of a post."""
    with sandbox.world.lock:
        _page(sandbox, body).posts[int(body["post"])].closed = True
    return {}


def event(sandbox: "Sandbox", body: Mapping[str, Any]) -> Json:
    """Send any event, also of a kind that nobody knows."""
    sandbox.courier.send(_page(sandbox, body), body["type"], body.get("object", {}))
    return {}


def confirm(sandbox: "Sandbox", body: Mapping[str, Any]) -> Json:
    return {"confirmed": sandbox.courier.confirm(_page(sandbox, body))}


# The sandbox itself


def plan_fault(sandbox: "Sandbox", body: Mapping[str, Any]) -> Json:
    sandbox.faults.plan(body["kind"], body.get("method", ""), int(body.get("times", 1)))
    return {}


def change_settings(sandbox: "Sandbox", body: Mapping[str, Any]) -> Json:
    settings = Settings(**{**vars(sandbox.world.settings), **body})
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
        said = sum(len(page.comments) + len(page.messages) for page in world.pages.values())
        counts = {"pages": len(world.pages), "said": said, "posted": len(world.ledger), "version": world.version}
        events = {key: sandbox.courier.counts[key] for key in ("sent", "delivered", "given_up", "attempts")}
        faults = {"faults": dict(world.faults), "faults_injected": sum(world.faults.values())}
        return {**counts, "events": events | {"pending": sandbox.courier.pending()}, **faults, "calls": dict(world.calls)}


def quiet(sandbox: "Sandbox", _body: Mapping[str, Any]) -> Json:
    pending = sandbox.courier.pending()
    return {"quiet": pending == 0, "pending": pending}


def pages(sandbox: "Sandbox", _body: Mapping[str, Any]) -> Json:
    with sandbox.world.lock:
        found = [{"id": page.id, "name": page.name, "posts": list(page.posts), "confirmed": page.confirmed} for page in sandbox.world.pages.values()]
        return {"pages": found}


def _page(sandbox: "Sandbox", body: Mapping[str, Any]) -> Page:
    return sandbox.world.pages[int(body["page"])]


def _attached(sandbox: "Sandbox", body: Mapping[str, Any], owner: int) -> list[Json]:
    return [shapes.attachment(sandbox.world, name, owner) for name in body.get("attachments", ())]


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
    "POST faults": plan_fault,
    "POST settings": change_settings,
    "POST reset": reset,
    "POST remember": memory.remember,
    "GET said": memory.said,
    "GET ledger": ledger,
    "GET state": state,
    "GET quiet": quiet,
}
