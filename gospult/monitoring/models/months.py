"""A page's month in figures: counted from posts and snapshots, and counted anew with the same result."""

from typing import Self

from django.db import models

from gospult.registry.models import Page
from gospult.registry.models.access import User

SUMMED = ("members", "posts", "views", "likes", "comments", "shares", "weeks_due", "weeks_missed", "weeks_unseen", "seen_since", "as_of")


def _weeks(asked: str) -> models.GeneratedField:
    """How many whole weeks with a norm answer to this; kept by the database, since a year of a region is 350,000 weeks."""
    path = f"strict $[*] ? (@[2] == 7 && @[3] > 0{asked})"
    template = f"jsonb_array_length(jsonb_path_query_array(%(expressions)s, '{path}'))"
    counted = models.Func(models.F("weeks"), template=template, output_field=models.PositiveSmallIntegerField())
    return models.GeneratedField(expression=counted, output_field=models.PositiveSmallIntegerField(), db_persist=True)


class PageMonthQuerySet(models.QuerySet["PageMonth"]):
    def visible_to(self, user: User) -> Self:
        """Months of the pages that the person may see."""
        return self.filter(page__in=Page.objects.visible_to(user).values("pk"))


class PageMonth(models.Model):
    """What every score and report of a month reads; null is «not known», never zero.

    month         its first day; days and weeks are those of the page's own time zone
    posts         standing posts of its own: neither reposts nor recommended posts from above; each once, also while pinned
    reposts, placed   what was left out: reposts; recommended posts that the page has published
    weeks         [Monday, its own posts of the whole week, days of the week inside the month, norm or null] of each week that touches the month
    parts         the four seven-day parts from the 1st and the rest: [posts, likes, comments, reposts, views] each
    views … shares    sums over the posts of the month as last read; null where the network counts nothing
    members, members_before   the last that is known of the month, and of the month before it
    weekly_reach  people, the latest that the export has told of by the month's end
    marks         the design checklist as the latest card of the month shows it: code → True, False or null
    has_mark, connected, design, widgets, status   the latest that is known at the month's end, by export or person (widgets: also by card)
    alive         False where the page was gone, blocked or closed at the month's end
    weeks_due, weeks_missed, weeks_unseen   of the whole weeks that have a norm: how many there are, in how many it was missed, how many nobody saw
    seen_since    from when on everything was seen (null: nothing); a month that begins before it has weeks, but no posts, sums and parts
    as_of         how fresh the reading of its posts is; of its card where nobody reads posts: a newer card makes no post newer
    """

    page = models.ForeignKey("registry.Page", on_delete=models.CASCADE, related_name="months")
    month = models.DateField()
    posts = models.PositiveIntegerField(null=True)
    reposts = models.PositiveIntegerField(null=True)
    placed = models.PositiveIntegerField(null=True)
    weeks = models.JSONField(default=list)
    weeks_due = _weeks("")
    weeks_missed = _weeks(" && @[1] < @[3]")
    weeks_unseen = _weeks(" && @[1] == null")
    parts = models.JSONField(default=list)
    views = models.PositiveBigIntegerField(null=True)
    likes = models.PositiveBigIntegerField(null=True)
    comments = models.PositiveBigIntegerField(null=True)
    shares = models.PositiveBigIntegerField(null=True)
    members = models.PositiveIntegerField(null=True)
    members_before = models.PositiveIntegerField(null=True)
    has_mark = models.BooleanField(null=True)
    connected = models.BooleanField(null=True)
    design = models.PositiveSmallIntegerField(null=True)
    widgets = models.PositiveSmallIntegerField(null=True)
    weekly_reach = models.PositiveIntegerField(null=True)
    marks = models.JSONField(default=dict)
    status = models.CharField(max_length=20, blank=True)
    alive = models.BooleanField(null=True)
    seen_since = models.DateTimeField(null=True)
    as_of = models.DateTimeField(null=True)
    counted_at = models.DateTimeField()

    objects = PageMonthQuerySet.as_manager()

    class Meta:
        constraints = [
            # With everything that a trend over months sums up: it reads no row of the table, whose weeks and parts are most of it.
            models.UniqueConstraint(fields=["month", "page"], include=SUMMED, name="page_month_once"),
            models.CheckConstraint(condition=models.Q(month__day=1), name="page_month_first_day"),
        ]

    def __str__(self) -> str:
        return f"{self.page_id} {self.month:%Y-%m}"


class MonthSums(models.Model):
    """All pages of a month summed up, as `reports.queries.pages.Sums` names it; the database keeps it by triggers on PageMonth (decision 0034).

    Each sum is null where it is known of no page, and stands beside of how many pages it is known.
    """

    month = models.DateField(primary_key=True)
    pages = models.PositiveIntegerField()
    members = models.PositiveBigIntegerField(null=True)
    members_known = models.PositiveIntegerField()
    posts = models.PositiveBigIntegerField(null=True)
    posts_known = models.PositiveIntegerField()
    views = models.PositiveBigIntegerField(null=True)
    views_known = models.PositiveIntegerField()
    reactions = models.PositiveBigIntegerField(null=True)
    seen = models.PositiveBigIntegerField(null=True)
    er_known = models.PositiveIntegerField()
    kept = models.PositiveIntegerField()
    kept_known = models.PositiveIntegerField()
    as_of = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}: {self.pages}"
