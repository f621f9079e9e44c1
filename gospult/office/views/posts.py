"""«Написать пост»: one text for several pages, a look at it, and how it stands in every network."""

import re
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gospult.alerts.actions import mark_read
from gospult.alerts.models import Alert
from gospult.exchange import actions as exchange
from gospult.exchange.models import Posting
from gospult.exchange.queries import post_address
from gospult.informing import actions as informing
from gospult.informing import queries as posts
from gospult.informing.models import PostPhoto, Publication, WallPost, pages_to_post
from gospult.lib.errors import Refused
from gospult.lib.photos import LARGEST_FILE
from gospult.registry.models import Page

from ..forms import PostForm
from ..queries import choice_rows, week_posts
from .my import Request

ROWS = 20
MOST_FILES = 20
View = Callable[..., HttpResponseBase]


def poster(view: View) -> View:
    """For those who may publish on some page; nobody else learns that the screen is there."""

    @never_cache
    @login_required
    @wraps(view)
    def wrapper(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not pages_to_post(request.user).exists():
            raise Http404
        return view(request, *args, **kwargs)

    return wrapper


@require_safe
@poster
def listed(request: Request) -> HttpResponse:
    page = Paginator(posts.own_posts(request.user), ROWS).get_page(request.GET.get("page"))
    return render(request, "office/posts.html", {"page": page, "query": "", "now": timezone.now()})


@require_http_methods(["GET", "HEAD", "POST"])
@poster
def new(request: Request) -> HttpResponseBase:
    if request.method != "POST":
        wanted = _numbers(request.GET.getlist("page"))
        return _form(request, None, {"key": str(uuid4()), "pages": wanted, "when": "now"})
    form = PostForm(request.POST)
    try:
        data = _checked(request, form)
        post = informing.write_post(key=UUID(data["key"]), **data["post"], by=request.user)
    except Refused as no:
        return _form(request, None, _typed(request), error=str(no))
    return redirect("office:post", pk=post.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@poster
def edit(request: Request, pk: int) -> HttpResponseBase:
    post = _post(request, pk)
    if request.method != "POST":
        return _form(request, post, _written(post))
    form = PostForm(request.POST)
    try:
        data = _checked(request, form)
        informing.rewrite_post(post=post, **data["post"], drop=_numbers(request.POST.getlist("drop")), by=request.user)
    except Refused as no:
        return _form(request, post, _typed(request), error=str(no))
    return redirect("office:post", pk=pk)


def _post(request: Request, pk: int) -> WallPost:
    return get_object_or_404(WallPost.objects.visible_to(request.user).select_related("author"), pk=pk)


def _numbers(told: list[str]) -> list[int]:
    return [int(word) for word in told[:100] if re.fullmatch(r"\d{1,18}", word, re.ASCII)]


def _checked(request: Request, form: PostForm) -> dict[str, Any]:
    """The form's words as an action takes them; Refused with the first fault."""
    if not form.is_valid():
        raise Refused(next(iter(form.errors.values()))[0])
    wanted = _numbers(request.POST.getlist("pages"))
    pages = list(pages_to_post(request.user).filter(pk__in=wanted).order_by("sort_name", "network", "pk"))
    if len(pages) < len(set(wanted)):
        raise Refused("На одну из выбранных страниц вы публиковать не можете: выберите страницы заново.")
    files = request.FILES.getlist("photo")
    if len(files) > MOST_FILES:
        raise Refused("Выбрано слишком много файлов: приложите не больше 10 фото.")
    told = form.cleaned_data
    at = _moment(told["at"], pages) if told["when"] == "later" else None
    photos = [file.read(LARGEST_FILE + 1) for file in files]
    return {"key": told["key"] or str(uuid4()), "post": {"text": told["text"], "pages": pages, "at": at, "photos": photos}}


def _moment(told: datetime | None, pages: list[Page]) -> datetime:
    """A wall time in the zone of the first page's body."""
    if told is None:
        raise Refused("Укажите день и час публикации или выберите «Сейчас».")
    return told.replace(tzinfo=posts.zone_of(pages, told.date()))


def _typed(request: Request) -> dict[str, Any]:
    told = request.POST
    return {
        "key": told.get("key", "")[:40], "text": told.get("text", "").replace("\0", "")[:20_000], "pages": _numbers(told.getlist("pages")),
        "when": told.get("when", "now"), "at": told.get("at", "").replace("\0", "")[:30],
    }  # fmt: skip


def _written(post: WallPost) -> dict[str, Any]:
    pages = [out.page for out in posts.outs(post)]
    at = post.scheduled_at and post.scheduled_at.astimezone(posts.zone_of(pages))
    return {
        "key": str(post.key), "text": post.text, "pages": [page.pk for page in pages], "when": "later" if at else "now",
        "at": f"{at:%Y-%m-%dT%H:%M}" if at else "",
    }  # fmt: skip


def _form(request: Request, post: WallPost | None, told: dict[str, Any], *, error: str = "") -> HttpResponse:
    planned = post is not None and post.state == WallPost.State.PLANNED
    pages = posts.choices(request.user, told["pages"])
    chosen = [page for page in pages if page.pk in told["pages"]] or pages
    context = {
        "post": post, "planned": planned, "told": told, "error": error, "rows": choice_rows(pages, told["pages"]),
        "photos": post.photos.all() if post else [], "zone": _zone_words(chosen),
    }  # fmt: skip
    return render(request, "office/post_form.html", context, status=422 if error else 200)


def _zone_words(pages: list[Page]) -> str:
    """«UTC+5»: the zone in which an hour is meant."""
    offset = timezone.now().astimezone(posts.zone_of(pages)).strftime("%z")
    return f"UTC{offset[0]}{int(offset[1:3])}" + (f":{offset[3:]}" if offset[3:] != "00" else "")


@require_safe
@poster
def post(request: Request, pk: int) -> HttpResponse:
    found = _post(request, pk)
    mark_read(
        person=request.user, alerts=list(Alert.objects.filter(person=request.user, path=request.path, read_at=None).values_list("pk", flat=True))
    )
    outs = posts.outs(found)
    pages = [out.page for out in outs]
    states = {out.posting.state for out in outs if out.posting}
    waits = [out.posting for out in outs if out.posting and out.posting.state == Posting.State.READY]
    context = {
        "post": found, "outs": outs, "photos": found.photos.all(), "zone": _zone_words(pages), "open": posts.is_open(found),
        "at": found.scheduled_at and found.scheduled_at.astimezone(posts.zone_of(pages)), "stops": bool(waits),
        "moving": bool(states & {Posting.State.CLAIMED, Posting.State.UNKNOWN}) or any(row.not_before <= timezone.now() for row in waits),
    }  # fmt: skip
    return render(request, "office/post.html", context)


def _does(request: Request, pk: int, act: Callable[[WallPost], str]) -> HttpResponse:
    found = _post(request, pk)
    try:
        messages.success(request, act(found))
    except Refused as no:
        messages.error(request, str(no))
    return redirect("office:post", pk=pk)


@require_POST
@poster
def publish(request: Request, pk: int) -> HttpResponse:
    def act(found: WallPost) -> str:
        informing.publish_post(post=found, by=request.user)
        return "Запись запланирована." if found.scheduled_at else "Запись уходит в сети."

    return _does(request, pk, act)


@require_POST
@poster
def withdraw(request: Request, pk: int) -> HttpResponse:
    def act(found: WallPost) -> str:
        left = informing.withdraw_post(post=found, by=request.user)
        return "Остановлено там, где запись ещё не вышла. На остальных страницах её можно убрать в самой сети." if left else "Запись не выйдет."

    return _does(request, pk, act)


@require_POST
@poster
def settle(request: Request, pk: int, out: int) -> HttpResponse:
    """A person has looked into the network: the post is there (its address), or it is not."""
    row = get_object_or_404(Publication, pk=out, post=pk, page__in=pages_to_post(request.user).order_by().values("pk"))
    posting = get_object_or_404(Posting, publication=row.pk)

    def act(found: WallPost) -> str:
        if request.POST.get("there"):
            exchange.confirm_post(row=posting, address=request.POST.get("address", "").replace("\0", "")[:500], by=request.user)
            return "Записано: опубликовано."
        exchange.repeat_post(row=posting, by=request.user)
        return "Публикуем ещё раз."

    return _does(request, pk, act)


@require_safe
@poster
def photo(request: Request, pk: int) -> FileResponse:
    found = get_object_or_404(PostPhoto, pk=pk, post__in=WallPost.objects.visible_to(request.user))
    try:
        content = found.file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    return FileResponse(content, content_type="image/jpeg", headers={"X-Content-Type-Options": "nosniff"})


@require_safe
@poster
def week(request: Request, pk: int) -> HttpResponse:
    page = get_object_or_404(pages_to_post(request.user), pk=pk)
    row, found = week_posts(page)
    shown = Paginator(found, ROWS).get_page(request.GET.get("page"))
    addresses = {post.pk: post_address(page, post.external_id) for post in shown}
    return render(request, "office/week.html", {"row": row, "page": shown, "rows": [(post, addresses[post.pk]) for post in shown], "query": ""})
