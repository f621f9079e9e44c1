"""The clock: every line leads to a job, a slow job does not pile up, a killed worker's work goes on."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from croniter import croniter
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from gospult import clock


@pytest.mark.parametrize("job", clock.JOBS, ids=lambda job: job.name)
def test_each_line_of_the_clock_leads_to_a_function_with_a_docstring(job: clock.Job) -> None:
    assert job.load().__doc__


@pytest.mark.parametrize("job", clock.JOBS, ids=lambda job: job.name)
def test_each_line_of_the_clock_is_a_cron_that_comes_within_a_day(job: clock.Job) -> None:
    times = croniter(job.cron, 0)

    assert times.get_next(float) <= 86_400


def test_the_sixth_field_is_seconds() -> None:
    times = croniter(clock.seconds(10), 0)

    assert [times.get_next(float) for _ in range(3)] == [10, 20, 30]


def in_a_thread(work: Callable[[], None]) -> None:
    """Away from the main thread, where the browser tests leave an event loop running."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(work).result(timeout=60)


def defer(name: str, lock: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args, status)"
            " VALUES ('default', %s, %s, nullif(%s, ''), '{\"timestamp\": 0}', 'todo') RETURNING id",
            [name, lock, lock],
        )
        return int(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_a_job_of_a_dead_worker_is_freed_so_that_its_lane_goes_on(settings) -> None:
    settings.STALLED_SECONDS = 1
    stuck = defer("accounts.seal_journal", "accounts.seal_journal/0")
    other = defer("builtin:procrastinate.builtin_tasks.remove_old_jobs", "")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = NULL")

    with app.replace_connector(app.connector.get_worker_connector()) as ready:

        async def revive() -> None:
            async with ready.open_async():
                await clock.revive.func(timestamp=0)

        in_a_thread(lambda: asyncio.run(revive()))

    assert not ProcrastinateJob.objects.filter(pk=stuck).exists(), "the clock brings a periodic job again by itself"
    assert ProcrastinateJob.objects.get(pk=other).status == "todo", "any other is queued once more"


@pytest.mark.django_db(transaction=True)
def test_the_worker_does_what_waits_and_forgets_it() -> None:
    from gospult.accounts import journal
    from gospult.accounts.models import Journal

    journal.write(None, "verb")
    defer("accounts.seal_journal", "accounts.seal_journal/0")

    in_a_thread(lambda: clock.run_worker(slots=1, wait=False))

    assert Journal.objects.filter(seal=None).count() == 0
    assert not ProcrastinateJob.objects.filter(task_name="accounts.seal_journal", status="succeeded").exists()
