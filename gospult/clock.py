"""The one list of periodic jobs. A newcomer sees here everything that happens by itself."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import structlog
from django.conf import settings
from procrastinate import exceptions
from procrastinate.contrib.django import app
from procrastinate.jobs import Status

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Job:
    """One line of the clock.

    cron   minute hour day month weekday second, in UTC: the sixth field is seconds
    lanes  how many may run at the same time on all hosts together; each lane queues at most one
    first  it is taken before the others: people wait for it
    """

    name: str
    function: str
    cron: str
    lanes: int = 1
    first: bool = False

    def load(self) -> Callable[[], Any]:
        """The function itself, imported when it is first needed."""
        module, _, name = self.function.partition(":")
        function: Callable[[], Any] = getattr(import_module(module), name)
        return function


def seconds(number: int) -> str:
    """A cron of every so many seconds, at most 30."""
    return f"* * * * * */{number}"


JOBS = [
    Job("exchange.deliver", "gospult.exchange.jobs:deliver", seconds(2), lanes=2, first=True),
    Job("exchange.read_back", "gospult.exchange.jobs:read_back", seconds(3), first=True),
    Job("exchange.publish", "gospult.exchange.jobs:publish", seconds(3), first=True),
    Job("exchange.read_posts_back", "gospult.exchange.jobs:read_posts_back", seconds(5)),
    Job("exchange.carry_out", "gospult.exchange.jobs:carry_out", seconds(2), first=True),
    Job("exchange.look_back", "gospult.exchange.jobs:look_back", seconds(5)),
    Job("exchange.fetch_media", "gospult.exchange.jobs:fetch_media", seconds(3)),
    Job("exchange.poll_gaps", "gospult.exchange.jobs:poll_gaps", seconds(10), lanes=3),
    Job("exchange.check_keys", "gospult.exchange.jobs:check_keys", seconds(3), first=True),
    Job("exchange.watch", "gospult.exchange.jobs:watch", seconds(5), lanes=2),
    Job("exchange.note_heard", "gospult.exchange.jobs:note_heard", seconds(20)),
    Job("exchange.check_tokens", "gospult.exchange.jobs:check_tokens", "* * * * *"),
    Job("exchange.start_sweeps", "gospult.exchange.jobs:start_sweeps", "13 21 * * *"),  # the networks' day begins at midnight in Moscow
    Job("exchange.start_history", "gospult.exchange.jobs:start_history", "33 * * * *"),
    Job("exchange.tidy_quotas", "gospult.exchange.jobs:tidy_quotas", "7 * * * *"),
    Job("exchange.forget_media", "gospult.exchange.jobs:forget_media", "17 * * * *"),
    Job("exchange.forget_strays", "gospult.exchange.jobs:forget_strays", "27 * * * *"),
    Job("alerts.take_incoming", "gospult.alerts.jobs:take_incoming", seconds(3), first=True),
    Job("alerts.write", "gospult.alerts.jobs:write_letters", seconds(5), first=True),
    Job("alerts.send", "gospult.alerts.jobs:send_letters", seconds(3), first=True),
    Job("alerts.forget", "gospult.alerts.jobs:forget", "41 20 * * *"),
    Job("desk.forget_messages", "gospult.desk.jobs:forget_messages", "37 * * * *"),
    Job("desk.gather_words", "gospult.desk.jobs:gather_words", "*/5 * * * *"),
    Job("desk.take_incoming", "gospult.desk.jobs:take_incoming", seconds(2), first=True),
    Job("desk.escalate", "gospult.desk.jobs:escalate", "*/2 * * * *"),
    Job("desk.take_foreign", "gospult.desk.jobs:take_foreign", seconds(5)),
    Job("desk.take_replies", "gospult.desk.jobs:take_replies", seconds(3), first=True),
    Job("desk.settle_answers", "gospult.desk.jobs:settle_answers", seconds(2), first=True),
    Job("desk.resume_paused", "gospult.desk.jobs:resume_paused", "* * * * *"),
    Job("desk.remind_approvers", "gospult.desk.jobs:remind_approvers", "*/5 * * * *"),
    Job("desk.remind_tasks", "gospult.desk.jobs:remind_tasks", "*/5 * * * *"),
    Job("desk.work_recounts", "gospult.desk.jobs:work_recounts", seconds(5)),
    Job("desk.settle_deeds", "gospult.desk.jobs:settle_deeds", seconds(3), first=True),
    Job("desk.end_bans", "gospult.desk.jobs:end_bans", "* * * * *"),
    Job("desk.draw_samples", "gospult.desk.jobs:draw_samples", "17 20 * * *"),
    Job("desk.fill_figures", "gospult.desk.jobs:fill_figures", seconds(30)),
    Job("monitoring.sweep", "gospult.monitoring.jobs:sweep", seconds(5)),  # the sweeps of the exchange; what they read is kept
    Job("monitoring.take_events", "gospult.monitoring.jobs:take_events", seconds(5)),
    Job("monitoring.take_own", "gospult.monitoring.jobs:take_own", seconds(3)),
    Job("monitoring.take_cards", "gospult.monitoring.jobs:take_cards", "* * * * *"),
    Job("monitoring.take_imports", "gospult.monitoring.jobs:take_imports", seconds(10)),
    Job("monitoring.notice", "gospult.monitoring.jobs:notice", "43 */3 * * *"),
    Job("monitoring.forget", "gospult.monitoring.jobs:forget", "51 20 * * *"),
    Job("audience.start", "gospult.audience.jobs:start", "33 21 * * *"),  # after the day's cards were asked for
    Job("audience.work", "gospult.audience.jobs:work", seconds(20)),
    Job("audience.thin", "gospult.audience.jobs:thin", "3 20 * * *"),
    Job("scores.count_current", "gospult.scores.jobs:count_current", "27 22 * * *"),
    Job("scores.fill_history", "gospult.scores.jobs:fill_history", "37 * * * *"),
    Job("informing.tell_troubled", "gospult.informing.jobs:tell_troubled", seconds(20)),
    Job("informing.drop_drafts", "gospult.informing.jobs:drop_drafts", "33 20 * * *"),
    Job("directory.follow", "gospult.directory.jobs:follow", seconds(5)),
    Job("directory.forget_remarks", "gospult.directory.jobs:forget_remarks", "21 20 * * *"),
    Job("directory.count_terms", "gospult.directory.jobs:count_terms", "11 20 * * *"),
    Job("office.look_at_remedies", "gospult.office.jobs:look_at_remedies", "* * * * *"),
    Job("office.remind_of_remedies", "gospult.office.jobs:remind_of_remedies", "*/10 * * * *"),
    Job("office.report_closed_remedies", "gospult.office.jobs:report_closed_remedies", "*/30 * * * *"),
    Job("office.count_months", "gospult.office.jobs:count_months", "23 * * * *"),
    Job("office.give_digests", "gospult.office.jobs:give_digests", "*/10 * * * *"),
    Job("accounts.seal_journal", "gospult.accounts.jobs:seal_journal", seconds(10)),
    Job("accounts.clear_sessions", "gospult.accounts.jobs:clear_sessions", "47 21 * * *"),
    Job("registry.keep_figures", "gospult.registry.jobs:keep_figures", "*/5 * * * *"),
    Job("registry.drop_previews", "gospult.registry.jobs:drop_previews", "57 21 * * *"),
]


def _register(job: Job) -> None:
    def run(timestamp: int) -> None:
        job.load()()

    # No retry: a failed run is logged, and the next tick is the retry.
    task = app.task(name=job.name)(run)
    for lane in range(job.lanes):
        lock = f"{job.name}/{lane}"
        # The lock lets one run at a time, the queueing lock lets one wait: a slow job cannot pile up.
        app.periodic(cron=job.cron, periodic_id=str(lane), lock=lock, queueing_lock=lock, priority=int(job.first))(task)


for _job in JOBS:
    if not settings.JOBS or _job.name.partition(".")[0] in settings.JOBS:
        _register(_job)


# Twice in the time after which a worker counts as dead, but cron knows no more than 30 seconds.
@app.periodic(cron=seconds(max(1, min(30, int(settings.STALLED_SECONDS // 2)))), queueing_lock="clock.revive")
@app.task(name="clock.revive")
async def revive(timestamp: int) -> None:
    """Free the work of killed workers: a periodic job comes again by itself, any other is queued once more."""
    manager = app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=settings.STALLED_SECONDS):
        log.warning("stalled", job=job.task_name)
        if (job.queueing_lock or "") == "":
            await manager.retry_job(job)
            continue
        try:
            await manager.finish_job(job, Status.FAILED, delete_job=True)
        except exceptions.ConnectorException:
            log.warning("stalled_gone", job=job.task_name)  # another worker was first


def run_worker(*, slots: int | None = None, wait: bool = True) -> None:
    """Work until a signal (or, with wait=False, until nothing is due). Logs an error of a job; its texts stay out of the log."""
    with app.replace_connector(app.connector.get_worker_connector()) as ready:  # type: ignore[attr-defined]
        ready.run_worker(
            concurrency=slots or settings.WORKER_SLOTS,
            wait=wait,
            delete_jobs="always",
            fetch_job_polling_interval=2.0,
            shutdown_graceful_timeout=10.0,
            update_heartbeat_interval=max(0.5, settings.STALLED_SECONDS / 3),
            stalled_worker_timeout=settings.STALLED_SECONDS,
        )
