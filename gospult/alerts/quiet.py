"""When a person may be disturbed: a pure function of his habits."""

from datetime import datetime, time, timedelta

NIGHT = (time(21), time(8))  # of somebody who has said nothing


def free_at(now: datetime, quiet_from: time, quiet_to: time, quiet_weekends: bool) -> datetime:
    """The first moment from `now` (local time) on at which the person may be disturbed; equal ends mean no quiet hours."""
    moment = now
    for _ in range(8):  # a weekend and two nights at most
        if quiet_weekends and moment.weekday() >= 5:
            moment = datetime.combine(moment.date() + timedelta(days=7 - moment.weekday()), time(0), moment.tzinfo)
            continue
        ends = _quiet_until(moment, quiet_from, quiet_to)
        if ends is None:
            return moment
        moment = ends
    return moment


def _quiet_until(moment: datetime, begins: time, ends: time) -> datetime | None:
    """When the quiet hours in which the moment lies are over; None outside of them."""
    now = moment.time()
    over_midnight = begins > ends
    quiet = begins <= now < ends if not over_midnight else now >= begins or now < ends
    if begins == ends or not quiet:
        return None
    day = moment.date() + timedelta(days=1 if over_midnight and now >= begins else 0)
    return datetime.combine(day, ends, moment.tzinfo)
