"""What a person sees: the pages, a wall with its comments, a dialogue, and forms to write as a resident."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING

from gospult.networks.sandbox.world import Comment, Message, Page, Post, Realm, Thing

if TYPE_CHECKING:
    from gospult.networks.sandbox.server import Sandbox

STYLE = files("gospult.networks.sandbox").joinpath("screens.css").read_text(encoding="utf-8")
ADDRESS = re.compile(r"https?://[\w.:/?=%~#-]+[\w/]")
SHOWN = 50  # threads under a post: a wall of thousands would only be scrolled past
STRANGER = "Мария Иванова"
# Nothing typed may be lost: the page renews itself only while every field is empty.
RENEW = """<script>(() => {
  let seen = null;
  const typed = () => [...document.querySelectorAll("textarea")].some((field) => field.value);
  setInterval(async () => {
    try {
      const now = (await (await fetch("/sandbox/state")).json()).version;
      if (seen !== null && now !== seen && !typed()) location.reload();
      seen = now;
    } catch { /* the sandbox was stopped: the page stays as it is */ }
  }, 2000);
})();</script>"""

Answer = tuple[int, str]


def answer(sandbox: "Sandbox", verb: str, parts: Sequence[str], query: Mapping[str, str], form: Mapping[str, str]) -> Answer:
    """HTTP status with HTML, or 303 with an address."""
    with sandbox.world.lock:
        match verb, list(parts):
            case "GET", [""]:
                return 200, _sheet("Песочница сетей", _home(sandbox))
            case "GET", [code, "wall", number]:
                return _of_page(sandbox, code, number, lambda page: (200, _sheet(page.name, _wall(sandbox, page))))
            case "GET", [code, "dialogue", number]:
                return _of_page(sandbox, code, number, lambda page: _dialogue(sandbox, page, query.get("sel", "")))
            case "POST", [code, "say", number]:
                return _of_page(sandbox, code, number, lambda page: _say(sandbox, page, form))
            case "GET", [code, *rest] if code in sandbox.dialects and (where := sandbox.dialects[code].screen(tuple(rest), query)):
                return 303, where
            case _:
                return 404, _sheet("Нет такой страницы", "<h1>Нет такой страницы</h1>")


def _of_page(sandbox: "Sandbox", code: str, number: str, then: Callable[[Page], Answer]) -> Answer:
    known = code in sandbox.dialects and number.isdecimal()
    page = sandbox.world.realm(code).pages.get(int(number)) if known else None
    return then(page) if page else (404, _sheet("Нет такого сообщества", "<h1>Нет такого сообщества</h1>"))


# Writing


def _say(sandbox: "Sandbox", page: Page, form: Mapping[str, str]) -> Answer:
    """A resident presses «Отправить»; an empty form changes nothing."""
    text, files_ = form.get("text", "").strip(), ["photo"] if form.get("photo") else []
    author = sandbox.world.person(" ".join(form.get("author", "").split())[:60] or STRANGER)
    if not text and not files_:
        return 303, f"/{page.network}/wall/{page.id}"
    attached = [sandbox.world.thing(word, author) for word in files_]
    if form.get("dm"):
        sandbox.deeds.message(page, author, author, text, things=attached)
        return 303, f"/{page.network}/dialogue/{page.id}?sel={author}"
    post, reply_to = form.get("post", ""), form.get("reply_to", "0")
    if not post.isdecimal() or int(post) not in page.posts or not reply_to.isdecimal() or (int(reply_to) and int(reply_to) not in page.comments):
        return 404, _sheet("Нет такой записи", "<h1>Нет такой записи</h1>")
    if page.is_banned(author):
        return 403, _sheet("Доступ закрыт", "<h1>Страница закрыла вам комментарии</h1>")
    said = sandbox.deeds.comment(page, int(post), author, text, reply_to=int(reply_to), things=attached)
    return 303, f"/{page.network}/wall/{page.id}#c{said.id}"


# Screens


def _home(sandbox: "Sandbox") -> str:
    realms = [(sandbox.dialects[code], realm) for code, realm in sandbox.world.realms.items() if realm.pages]
    lists = "".join(f"<h2>{escape(dialect.name)}</h2><ul class=pages>{_rows(realm)}</ul>" for dialect, realm in realms)
    return f"""<h1>Песочница сетей</h1>
<p>Здесь отвечают не сами соцсети, а их подобия на этой машине. Выберите страницу и напишите ей как житель:
ответ, который опубликует Госпульт, появится под вашим сообщением.</p>
{lists or "<p class=quiet>Страниц пока нет: их открывает «make demo» или тест.</p>"}"""


def _rows(realm: Realm) -> str:
    return "".join(f'<li><a href="/{realm.code}/wall/{page.id}">{escape(page.name)}</a> {_comments(page)}</li>' for page in realm.pages.values())


def _comments(page: Page) -> str:
    alive = sum(not item.deleted for item in page.comments.values())
    return f"<small>{_number(alive, 'комментарий', 'комментария', 'комментариев')}</small>"


def _wall(sandbox: "Sandbox", page: Page) -> str:
    posts = sorted(page.posts.values(), key=lambda post: (post.pinned, post.id), reverse=True)
    shown = "".join(_post(sandbox, page, post) for post in posts) or "<p class=quiet>Записей пока нет.</p>"
    talks = "".join(
        f'<li><a href="/{page.network}/dialogue/{page.id}?sel={peer}">{escape(sandbox.world.name_of(page, peer))}</a></li>' for peer in page.dialogues
    )
    return f"""<p><a href="/">Все страницы</a></p><header><h1>{escape(page.name)}</h1>
<p class=quiet>{sandbox.dialects[page.network].name} · {_number(page.members, "подписчик", "подписчика", "подписчиков")} · песочница</p></header>
<details class=dm><summary>Написать в личные сообщения</summary>{_form(page, dm="1")}</details>
{f"<details class=dm><summary>Диалоги: {len(page.dialogues)}</summary><ul>{talks}</ul></details>" if talks else ""}{shown}"""


def _post(sandbox: "Sandbox", page: Page, post: Post) -> str:
    tops = page.living(post.id)
    alive = sum(not item.deleted for top in tops for item in (top, *page.living(top.id)))
    threads = "".join(_thread(sandbox, page, top) for top in reversed(tops[-SHOWN:]))
    rest = f"<p class=quiet>Показаны последние {SHOWN} веток из {len(tops)}.</p>" if len(tops) > SHOWN else ""
    writing = "<p class=quiet>Комментарии закрыты.</p>" if post.closed else _form(page, post=str(post.id))
    return f"""<article id=p{post.id}><p class=text>{_text(post.text)}</p>{_when(post.at)}
<h2>Комментарии: {alive}</h2>{writing}{rest}{threads}</article>"""


def _thread(sandbox: "Sandbox", page: Page, top: Comment) -> str:
    under = "".join(_said(sandbox, page, item, f"c{item.id}") for item in page.living(top.id))
    form = _form(page, post=str(top.post_id), reply_to=str(top.id))
    return f"""<section>{_said(sandbox, page, top, f"c{top.id}")}<div class=under>{under}
<details><summary>Ответить</summary>{form}</details></div></section>"""


def _said(sandbox: "Sandbox", page: Page, item: Comment | Message, anchor: str) -> str:
    own = item.from_id == -page.id
    text = "<em>Комментарий удалён</em>" if item.deleted else _text(item.text)
    pictures = "" if item.deleted else "".join(_attachment(sandbox, thing) for thing in item.things)
    mark = " <small>· ответ страницы</small>" if own else ""
    return f"""<div class="said{" own" if own else ""}" id="{anchor}"><b>{escape(sandbox.world.name_of(page, item.from_id))}</b>{mark}
<p class=text>{text}</p>{pictures}{_when(item.at)}</div>"""


def _dialogue(sandbox: "Sandbox", page: Page, peer: str) -> Answer:
    if not peer.isdecimal() or int(peer) not in page.dialogues:
        return 404, _sheet("Нет такого диалога", "<h1>Нет такого диалога</h1>")
    author = sandbox.world.name_of(page, int(peer))
    said = "".join(_said(sandbox, page, item, f"m{item.id}") for item in page.dialogues[int(peer)] if not item.deleted)
    body = f"""<p><a href="/{page.network}/wall/{page.id}">{escape(page.name)}</a></p><h1>Личные сообщения: {escape(author)}</h1>
<article>{said}{_form(page, author, dm="1")}</article>"""
    return 200, _sheet(author, body)


def _form(page: Page, author: str = STRANGER, **hidden: str) -> str:
    kept = "".join(f'<input type=hidden name={name} value="{escape(value)}">' for name, value in hidden.items())
    return f"""<form method=post action="/{page.network}/say/{page.id}">{kept}
<label>Кто пишет <input name=author value="{escape(author)}" maxlength=60 autocomplete=off></label>
<label>Что случилось <textarea name=text rows=3></textarea></label>
<label class=tick><input type=checkbox name=photo value=1> приложить фото</label><button>Отправить</button></form>"""


def _attachment(sandbox: "Sandbox", thing: Thing) -> str:
    if thing.kind == "photo":
        return f'<img src="{escape(sandbox.world.address(thing))}" alt="Фото" loading=lazy>'
    words = {"video": "видео", "voice": "голосовое сообщение", "file": "документ", "link": "ссылка", "sticker": "стикер"}
    return f"<p class=quiet>Приложено: {words.get(thing.kind, thing.kind)}</p>"


def _text(text: str) -> str:
    """Escaped, with addresses as links: so the network shows them too."""
    shown = escape(text.replace("\x00", "")).replace("\n", "<br>")
    return ADDRESS.sub(r'<a href="\g<0>" rel="nofollow noreferrer">\g<0></a>', shown)


def _when(seconds: int) -> str:
    moment = datetime.fromtimestamp(seconds).astimezone()
    return f'<time datetime="{moment.isoformat()}" title="{moment:%d.%m.%Y %H:%M:%S}">{moment:%d.%m, %H:%M}</time>'


def _number(count: int, one: str, few: str, many: str) -> str:
    """A count with its Russian noun."""
    if count % 10 == 1 and count % 100 != 11:
        return f"{_grouped(count)} {one}"
    return f"{_grouped(count)} {few if 2 <= count % 10 <= 4 and not 12 <= count % 100 <= 14 else many}"


def _grouped(count: int) -> str:
    return f"{count:,}".replace(",", "\u202f")


def _sheet(title: str, body: str) -> str:
    return f"""<!doctype html><html lang=ru><head><meta charset=utf-8><meta name=viewport content="width=device-width">
<meta name=color-scheme content="light dark"><link rel=icon href="data:,"><title>{escape(title)} · песочница</title><style>{STYLE}</style></head>
<body><main>{body}</main>{RENEW}</body></html>"""
