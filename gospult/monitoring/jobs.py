"""Work of monitoring by the clock; every job may be killed anywhere and run twice."""

from gospult.exchange import actions as exchange

from . import actions


def sweep() -> None:
    """Go on with the sweeps over pages; the posts of every wall are kept."""
    exchange.sweep_due(take=actions.take_posts, take_older=actions.take_older_posts)


def take_events() -> None:
    """Keep the posts that networks have told of."""
    actions.take_events()


def take_own() -> None:
    """Keep the posts that went out through Госпульт."""
    actions.take_own()


def forget() -> None:
    """Let posts go that no figure asks for any more."""
    actions.forget_old()


def take_cards() -> None:
    """Make the day's snapshots of the cards that were read."""
    actions.take_cards()


def take_imports() -> None:
    """Make snapshots of what exports of the registry say of pages."""
    actions.take_imports()


def notice() -> None:
    """Notice what a person should look at."""
    actions.notice()
