"""Work of the exchange by the clock; every job may be killed anywhere and run twice."""

from . import actions


def deliver() -> None:
    """Send the replies that are due."""
    actions.deliver_due()


def read_back() -> None:
    """Find out what became of replies with an unknown outcome."""
    actions.read_back_due()


def publish() -> None:
    """Publish the posts that are due."""
    actions.publish_due()


def read_posts_back() -> None:
    """Find out what became of posts with an unknown outcome."""
    actions.read_posts_back_due()


def carry_out() -> None:
    """Carry out the deeds on comments and people that are due."""
    actions.carry_out_due()


def look_back() -> None:
    """Find out what became of deeds with an unknown outcome."""
    actions.look_back_due()


def fetch_media() -> None:
    """Fetch the files that came in."""
    actions.fetch_due()


def forget_media() -> None:
    """Delete files whose term is over."""
    actions.forget_due()


def forget_strays() -> None:
    """Forget the words that no case holds, by their term."""
    actions.forget_strays()


def poll_gaps() -> None:
    """Read from the networks what webhooks have not brought."""
    actions.poll_due()


def check_keys() -> None:
    """Check the keys that stewards gave by their links."""
    actions.check_keys()


def watch() -> None:
    """Look after the rights and the webhook of connected pages."""
    actions.watch_due()


def note_heard() -> None:
    """Note when each page was last heard by webhook."""
    actions.note_heard()


def check_tokens() -> None:
    """Ask the networks what each token still allows."""
    actions.check_tokens_due()


def start_sweeps() -> None:
    """Begin the day's reading of cards and walls."""
    actions.start_daily()


def start_history() -> None:
    """Go on reading the past of walls that do not reach back far enough."""
    actions.start_history()


def tidy_quotas() -> None:
    """Throw away rows of quotas that say nothing any more."""
    actions.tidy_quotas()
