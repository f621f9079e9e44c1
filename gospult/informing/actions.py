"""Posts are written, changed, handed to the networks and taken back."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.alerts import actions as alerts
from gospult.alerts.models import Kind
from gospult.exchange import actions as exchange
from gospult.exchange.models import Posting
from gospult.exchange.queries import can_do
from gospult.lib import photos as pictures
from gospult.lib.errors import Refused
from gospult.registry.models import Page, Steward, live_on

from .fitting import LONGEST, misfit
from .models import PostPhoto, Publication, WallPost, pages_to_post
from .queries import is_open, outs, why_not

State = WallPost.State
FURTHEST = timedelta(days=366)
MOST_PHOTOS = 10
TOO_LATE = "Запись уже уходит в сеть: изменить её можно только там."
NOT_YOURS = "Запись идёт и на страницы, которые ведёте не вы: изменить её может их администратор или оператор."


@transaction.atomic
def write_post(*, key: UUID, text: str, pages: Sequence[Page], at: datetime | None, photos: Sequence[bytes], by: Person) -> WallPost:
    """A draft of a post for some pages; the same form sent twice gives the first one."""
    post, made = WallPost.objects.get_or_create(key=key, defaults={"author": by})
    if not made:
        if not WallPost.objects.visible_to(by).filter(pk=post.pk).exists():
            raise Refused("Эта форма уже отправлена: откройте «Написать пост» ещё раз.")
        return post
    _set(post, text, pages, at, photos, (), by)
    journal.write(by, "post_written", post, pages=[page.pk for page in pages])
    return post


@transaction.atomic
def rewrite_post(
    *, post: WallPost, text: str, pages: Sequence[Page], at: datetime | None, photos: Sequence[bytes], drop: Collection[int], by: Person
) -> None:
    """A draft gets other words, pages, photos, another hour; a planned post too, but for its pages, until the first network has it."""
    post = _locked(post, by)
    if not is_open(post):
        raise Refused(TOO_LATE)
    if post.state == State.PLANNED:
        pages = [out.page for out in outs(post)]
        at = at or timezone.now()
    _set(post, text, pages, at, photos, drop, by)
    if post.state == State.PLANNED:
        for out in outs(post):
            exchange.change_post(publication=out.publication.pk, text=post.text, photos=_photos(post), not_before=at or timezone.now())
    journal.write(by, "post_rewritten", post)


def _locked(post: WallPost, by: Person) -> WallPost:
    """The row for this transaction alone; Refused for who may not publish on all of its pages."""
    row = WallPost.objects.select_for_update().get(pk=post.pk)
    theirs = set(row.publications.values_list("page", flat=True))
    if theirs - set(pages_to_post(by).filter(pk__in=theirs).values_list("pk", flat=True)):
        raise Refused(NOT_YOURS)
    return row


def _set(post: WallPost, text: str, pages: Sequence[Page], at: datetime | None, photos: Sequence[bytes], drop: Collection[int], by: Person) -> None:
    _check_pages(pages, by)
    _check_hour(at)
    kept = post.photos.exclude(pk__in=list(drop))
    if kept.count() + len(photos) > MOST_PHOTOS:
        raise Refused(f"Фото больше {MOST_PHOTOS}: оставьте главные.")
    fresh = {photo.sha256: photo for photo in map(pictures.clean, photos)}
    for known in kept.values_list("sha256", flat=True):
        fresh.pop(known, None)
    post.text, post.scheduled_at = text.replace("\0", "").replace("\r\n", "\n").strip(), at
    _check_words(post.text, kept.count() + len(fresh), pages)  # before a file is kept: no rollback takes it away again
    WallPost.objects.filter(pk=post.pk).update(text=post.text, scheduled_at=at, changed_at=timezone.now())
    for old in post.photos.filter(pk__in=list(drop)):
        _forget_file(old)
    for photo in fresh.values():
        _keep_photo(post, photo)
    post.publications.exclude(page__in=[page.pk for page in pages]).delete()
    Publication.objects.bulk_create([Publication(post=post, page=page) for page in pages], ignore_conflicts=True)


def _check_pages(pages: Sequence[Page], by: Person) -> None:
    if not pages:
        raise Refused("Выберите хотя бы одну страницу.")
    may = set(pages_to_post(by).filter(pk__in=[page.pk for page in pages]).values_list("pk", flat=True))
    for page in pages:
        if page.pk not in may:
            raise Refused("На одну из выбранных страниц вы публиковать не можете: снимите с неё отметку.")
        if not can_do(page, "publish"):
            raise Refused(f"{page.name} ({page.network_name}): {why_not(page)}.")


def _check_hour(at: datetime | None) -> None:
    if at is None:
        return
    if at < timezone.now():
        raise Refused("Это время уже прошло: выберите другое или опубликуйте сейчас.")
    if at > timezone.now() + FURTHEST:
        raise Refused("Запланировать можно не дальше чем на год вперёд: выберите день поближе.")


def _check_words(text: str, photos: int, pages: Sequence[Page]) -> None:
    if not text and not photos:
        raise Refused("Напишите текст или приложите фото: пустую запись не опубликовать.")
    if len(text) > LONGEST:
        raise Refused("Текст длиннее 16 000 знаков: сократите его.")
    for page in pages:
        wrong = misfit(page.network, page.network_name, text, photos)
        if wrong:
            raise Refused(wrong)
        if photos and not can_do(page, "upload_post"):
            raise Refused(f"{page.name} ({page.network_name}): с этим ключом сеть не принимает фото. Уберите фото или страницу.")


def _keep_photo(post: WallPost, photo: pictures.Photo) -> None:
    row = PostPhoto(post=post, sha256=photo.sha256)
    row.file.save(f"{photo.sha256[:24]}.jpg", ContentFile(photo.content), save=True)


def _forget_file(photo: PostPhoto) -> None:
    name, storage = str(photo.file.name), photo.file.storage
    photo.delete()
    transaction.on_commit(lambda: storage.delete(name))


def _photos(post: WallPost) -> list[dict[str, str]]:
    return [{"file": str(row.file.name), "name": f"фото-{number}.jpg"} for number, row in enumerate(post.photos.all(), start=1)]


@transaction.atomic
def publish_post(*, post: WallPost, by: Person) -> None:
    """A draft goes to the networks, at once or at its hour; from here on the exchange publishes it once on each page."""
    post = _locked(post, by)
    rows = list(post.publications.select_related("page"))
    pages = [row.page for row in rows]
    _check_pages(pages, by)
    _check_hour(post.scheduled_at)
    _check_words(post.text, post.photos.count(), pages)
    post.move_to(State.PLANNED)
    for row in rows:
        exchange.enqueue_post(page=row.page, publication=row.pk, text=post.text, photos=_photos(post), not_before=post.scheduled_at)
    journal.write(by, "post_planned", post, pages=len(rows), at=post.scheduled_at and post.scheduled_at.isoformat())


@transaction.atomic
def withdraw_post(*, post: WallPost, by: Person) -> int:
    """A post leaves nowhere where it has not left yet; returns on how many pages it had left. Refused when there is nothing to stop."""
    post = _locked(post, by)
    if post.state == State.DRAFT:
        post.move_to(State.WITHDRAWN)
        journal.write(by, "post_withdrawn", post)
        return 0
    rows = outs(post)
    stopped = sum(_stopped(out.posting) for out in rows)
    if not stopped:
        raise Refused("Останавливать нечего: запись уже вышла или уходит. Убрать её можно в самой сети.")
    if stopped == len(rows):
        post.move_to(State.WITHDRAWN)
    journal.write(by, "post_withdrawn", post, pages=stopped)
    return len(rows) - stopped


def _stopped(row: Posting | None) -> bool:
    if row is None or row.state not in (Posting.State.READY, Posting.State.FAILED):
        return row is not None and row.state == Posting.State.WITHDRAWN
    try:
        exchange.withdraw_post(publication=row.publication)
    except Refused:
        return False
    return True


@transaction.atomic
def drop_drafts(*, days: int = 30, limit: int = 500) -> int:
    """Drafts that nobody has touched for a month, and withdrawn posts, lose their photos; drafts leave altogether. Returns how many posts."""
    old = WallPost.objects.filter(changed_at__lt=timezone.now() - timedelta(days=days)).exclude(state=State.PLANNED)
    chosen = list(old.exclude(state=State.WITHDRAWN, photos=None).order_by("pk").values_list("pk", flat=True).distinct()[:limit])
    rows = list(WallPost.objects.select_for_update(skip_locked=True).filter(pk__in=chosen).exclude(state=State.PLANNED))
    for post in rows:
        for photo in post.photos.all():
            _forget_file(photo)
        if post.state == State.DRAFT:
            post.delete()
    return len(rows)


@transaction.atomic
def forget_photos(*, limit: int = 200) -> int:
    """Photos of posts that went their way longer ago than the term of media are thrown away here: what was published stands in the network."""
    old = timezone.now() - timedelta(days=settings.MEDIA_DAYS)
    rows = list(
        PostPhoto.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(post__state=State.PLANNED, post__changed_at__lt=old)
        .exclude(post__scheduled_at__gte=old)
        .order_by("pk")[:limit]
    )
    out = Publication.objects.filter(post__in={row.post_id for row in rows}).values_list("pk", "post")
    still = Posting.objects.exclude(state__in=[Posting.State.SENT, Posting.State.WITHDRAWN]).filter(publication__in=[pk for pk, _ in out])
    waiting = set(still.values_list("publication", flat=True))
    open_posts = {post for pk, post in out if pk in waiting}
    gone = [row for row in rows if row.post_id not in open_posts]
    for row in gone:
        _forget_file(row)
    return len(gone)


def tell_troubled(*, limit: int = 200) -> int:
    """Who wrote a post learns that a network has not taken it, or has not said so: a person must look. Each occasion once; returns how many wait."""
    asked = Posting.objects.filter(needs_person=True, state__in=[Posting.State.FAILED, Posting.State.UNKNOWN]).select_related("page")
    rows = {row.publication: row for row in asked.order_by("pk")[:limit]}
    for out in Publication.objects.filter(pk__in=rows).select_related("post", "page"):
        row = rows[out.pk]
        said = "не вышла" if row.state == Posting.State.FAILED else "неизвестно, вышла ли"
        text = f"Запись для «{out.page.name}» ({out.page.network_name}): {said}. Посмотрите и решите."
        for person in _answerable(out):
            key = f"posting-{row.pk}-{row.claimed_at and int(row.claimed_at.timestamp())}"
            alerts.tell(person=person, key=key, kind=Kind.TASK, text=text, path=reverse("office:post", args=[out.post_id]), page=out.page_id)
    return len(rows)


def _answerable(out: Publication) -> list[Person]:
    """The author while he may publish there, else those who keep the page."""
    author = out.post.author
    if author and pages_to_post(author).filter(pk=out.page_id).exists():
        return [author]
    return list(Person.objects.filter(is_active=True, stewardships__in=Steward.objects.filter(live_on(), page=out.page_id)).distinct())
