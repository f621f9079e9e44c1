"""Files that came in: fetched after the intake, kept privately, forgotten by their term."""

import hashlib
import ipaddress
import socket
import time
from datetime import timedelta
from urllib.parse import urlsplit

import httpx
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from gospult.networks.base import NetworkError

from ..models import Attachment, Incoming, Task
from ..queries import connector

State = Attachment.State
FETCHED = {"photo", "video", "voice", "file"}
SUFFIX = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", "audio/ogg": ".ogg", "audio/mpeg": ".mp3", "video/mp4": ".mp4"}
REFERENCE = "ref:"  # only the connector of the page can open it
MAX_ATTEMPTS = 5
MAX_SECONDS = 60  # of one download: a server that drips must not hold the job


class TooBig(Exception):
    """The file is larger than the setting allows."""


def attach(incoming: Incoming) -> None:
    """Rows for the files of a revision, to be fetched by the job; what has no address of its bytes stays a link."""
    until = timezone.now() + timedelta(days=settings.MEDIA_DAYS)
    rows = []
    for position, item in enumerate(incoming.attachments):
        fetchable = item["kind"] in FETCHED and item["url"].startswith(("http", REFERENCE)) and item["mime"] != "text/html"
        rows.append(
            Attachment(
                incoming=incoming,
                position=position,
                kind=item["kind"],
                source_url=item["url"],
                name=item["name"][:200],
                mime=item["mime"][:100],
                size=item["size"],
                state=State.WAITING if fetchable else State.LINKED,
                forget_at=until,
            )
        )
    Attachment.objects.bulk_create(rows, ignore_conflicts=True)


def fetch_due(*, limit: int = 20) -> int:
    """Fetch files that wait; returns how many were tried."""
    for number in range(limit):
        with transaction.atomic():
            due = Attachment.objects.filter(state=State.WAITING, next_try_at__lte=timezone.now()).order_by("next_try_at")
            row = due.select_for_update(skip_locked=True).first()
            if row is None:
                return number
            later = timezone.now() + timedelta(seconds=settings.CLAIM_TIMEOUT * 2 ** min(row.attempts, 6))
            Attachment.objects.filter(pk=row.pk).update(attempts=F("attempts") + 1, next_try_at=later)
            row.refresh_from_db()
        _fetch(row)
    return limit


def _fetch(row: Attachment) -> None:
    if row.file:  # of a process that was killed between the bytes and the row
        row.file.delete(save=False)
    try:
        content, mime = _download(row)
    except TooBig:
        Attachment.objects.filter(pk=row.pk).update(state=State.LINKED)
    except NetworkError as error:
        _not_given(row, error)
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):
        if row.attempts >= MAX_ATTEMPTS:
            Attachment.objects.filter(pk=row.pk).update(state=State.FAILED)
    else:
        row.mime, row.size, row.sha256, row.state = mime[:100], len(content), hashlib.sha256(content).hexdigest(), State.KEPT
        # The name is known before the bytes are there: no file can be left that nobody would ever forget.
        name = row.file.storage.get_available_name(row.file.field.generate_filename(row, f"{row.pk}{SUFFIX.get(mime, '.bin')}"))
        Attachment.objects.filter(pk=row.pk).update(file=name)
        row.file.name = row.file.storage.save(name, ContentFile(content))
        row.save(update_fields=["mime", "size", "sha256", "state", "file"])


def _not_given(row: Attachment, error: NetworkError) -> None:
    """A file that the network will never give is a failure at once; otherwise it is asked again when the network says."""
    if error.permanent or row.attempts >= MAX_ATTEMPTS:
        Attachment.objects.filter(pk=row.pk).update(state=State.FAILED)
    elif error.retry_after:
        Attachment.objects.filter(pk=row.pk).update(next_try_at=timezone.now() + timedelta(seconds=error.retry_after))


def _by_connector(row: Attachment) -> tuple[bytes, str]:
    """A file that has no address: the page's own tokens open it. A size that is told and too big is not even asked for."""
    page = row.incoming.page
    if row.size and row.size > settings.MEDIA_MAX_BYTES:
        raise TooBig
    if page is None:
        raise ValueError("no page")
    content, mime = connector(page, task=Task.POLL).fetch(row.source_url)
    if len(content) > settings.MEDIA_MAX_BYTES:
        raise TooBig
    return content, mime or row.mime


def _download(row: Attachment) -> tuple[bytes, str]:
    """The bytes and their type; one redirect is followed, as VK sends its documents, and its address is looked at like the first."""
    if row.source_url.startswith(REFERENCE):
        return _by_connector(row)
    began, url = time.monotonic(), httpx.URL(row.source_url)
    for _ in range(2):
        found = _fetch_once(url, _public_address(url, row.incoming.network), began)
        if not isinstance(found, httpx.URL):
            return found[0], found[1] or row.mime
        url = found
    raise ValueError("redirected twice")


def _public_address(url: httpx.URL, network: str) -> str:
    """Where to connect: a resident's attachment must not make us read our own network. "" for the sandbox, which its setting allows."""
    base = urlsplit(settings.NETWORKS.get(network, {}).get("base_url", ""))
    if base.netloc and url.netloc.decode("ascii") == base.netloc:
        return ""
    found = [str(info[4][0]) for info in socket.getaddrinfo(url.host, url.port or 443, type=socket.SOCK_STREAM)]
    if not all(ipaddress.ip_address(address).is_global for address in found):
        raise ValueError("not a public address")
    return found[0]


def _fetch_once(url: httpx.URL, address: str, began: float) -> tuple[bytes, str] | httpx.URL:
    """Bytes and type, or the address that the answer sends us to."""
    content = bytearray()
    # Connected to the very address that was looked at: asked a second time, the name may lead elsewhere.
    where = url.copy_with(host=address) if address else url
    headers, extensions = {"Host": url.netloc.decode("ascii")}, {"sni_hostname": url.host}
    with (
        httpx.Client(timeout=settings.NETWORK_TIMEOUT, follow_redirects=False) as client,
        client.stream("GET", where, headers=headers, extensions=extensions) as answer,
    ):
        if answer.has_redirect_location:
            return url.join(answer.headers["Location"])
        answer.raise_for_status()
        for chunk in answer.iter_bytes():
            content += chunk
            if len(content) > settings.MEDIA_MAX_BYTES:
                raise TooBig
            if time.monotonic() - began > MAX_SECONDS:
                raise ValueError("too slow")
    return bytes(content), answer.headers.get("content-type", "").split(";")[0].strip()


def forget_due(*, limit: int = 500) -> int:
    """Files whose term is over are deleted; that they existed stays known. Returns how many."""
    rows = list(Attachment.objects.filter(state=State.KEPT, forget_at__lte=timezone.now())[:limit])
    for row in rows:
        row.file.delete(save=False)
        Attachment.objects.filter(pk=row.pk).update(state=State.FORGOTTEN, file="", source_url="", name="")
    return len(rows)
