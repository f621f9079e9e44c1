"""A build from its beginning to its counts. The ids of people pass through `Door` and are nowhere else."""

from collections.abc import Callable
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.lib.errors import Refused

from ..door import Door, Shelf
from ..engine import count, portions_for
from ..models import Build
from ..registered import Registered, registered
from .collecting import collect
from .living import Stopped, go_on, lease
from .publishing import publish

log = structlog.get_logger(__name__)
State = Build.State
AGAIN = timedelta(days=1)
AT_WORK = (State.COLLECTING, State.COUNTING)
Fill = Callable[[Build, Registered, Door, Shelf], None]


@transaction.atomic
def start_build(*, by: Person | None, source: str = Build.Source.NETWORKS) -> Build:
    """A counting of the audience waits for a worker; one that is not over is given back."""
    row, made = Build.objects.get_or_create(unfinished=True, defaults={"source": source, "by": by})
    if made:
        journal.write(by, "audience_build_started", row, source=source)
    return row


@transaction.atomic
def stop_build(*, build: Build, by: Person | None) -> None:
    """A build ends without counts; what it had collected is gone. Refused when it is over."""
    build.move_to(State.STOPPED)
    journal.write(by, "audience_build_stopped", build, done=build.done)


def work_due() -> int:
    """Bury builds whose process is dead, begin anew in their place, and do the one that waits; returns how many were done."""
    for dead in Build.objects.filter(state__in=AT_WORK, not_before__lt=timezone.now()):
        _bury(dead)
    row = Build.objects.filter(state=State.WAITING, source=Build.Source.NETWORKS).first()
    if row is None:
        return 0
    try:
        row.move_to(State.COLLECTING, not_before=lease())
    except Refused:
        return 0  # another worker was quicker
    carry_out(row, collect)
    return 1


@transaction.atomic
def _bury(dead: Build) -> None:
    """The key of a killed build died with it: another one begins at once, but only once a day, lest it kill whatever has killed this one."""
    _break(dead, "killed")
    lately = Build.objects.filter(fault="killed", finished_at__gt=timezone.now() - AGAIN).exclude(pk=dead.pk)
    if dead.source == Build.Source.NETWORKS and not lately.exists():
        start_build(by=None)


def carry_out(build: Build, fill: Fill) -> None:
    """Collect by `fill`, count, publish. Whatever goes wrong breaks the build; the pairs end with this call."""
    try:
        with Shelf(settings.HOME / "audience") as shelf:
            known = registered()
            go_on(build, total=len(known.pages))
            fill(build, known, Door(), shelf)
            if shelf.pairs:
                _finish(build, known, shelf)
            else:  # nothing was told: the build before it stays the latest, and no zero stands for a region
                _break(build, "nothing")
    except Stopped:
        log.info("audience_build_stopped", build=build.pk)
    except Exception:
        _break(build, "error")
        raise


def _finish(build: Build, known: Registered, shelf: Shelf) -> None:
    try:
        _count(build, known, shelf)
    except Refused:
        raise Stopped from None


def _count(build: Build, known: Registered, shelf: Shelf) -> None:
    build.move_to(State.COUNTING, not_before=lease(), as_of=timezone.now(), pairs=shelf.pairs)
    portions = portions_for(shelf.pairs)
    for pages, people in shelf.chunks():
        portions.add(pages, people)
    counts = count(portions, known.plan, step=lambda _done: go_on(build))
    publish(build=build, known=known, portions=portions, counts=counts)


def _break(build: Build, fault: str) -> None:
    with transaction.atomic():
        ended = {"state": State.BROKEN, "unfinished": None, "finished_at": timezone.now(), "fault": fault}
        if Build.objects.filter(pk=build.pk, state__in=AT_WORK).update(**ended):
            journal.write(None, "audience_build_broken", build, fault=fault)
