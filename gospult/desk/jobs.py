"""Work of the desk by the clock; every job may be killed anywhere and run twice."""

from . import actions


def take_incoming() -> None:
    """Take what the exchange has received."""
    actions.take_waiting()


def escalate() -> None:
    """Whom the ladder of terms has reached is told."""
    actions.escalate()


def take_replies() -> None:
    """Answers written as replies to alerts go their way."""
    actions.take_replies()


def take_foreign() -> None:
    """Files of other systems are taken, and rows without a message tried again."""
    actions.work_foreign()
    actions.match_again()


def forget_messages() -> None:
    """Forget residents' words and names by their term, and what the staff wrote beside them."""
    actions.forget_due()
    actions.forget_notes()
    actions.forget_tasks()
    actions.forget_bulks()
    actions.forget_foreign()


def end_bans() -> None:
    """Open the access of those whose term is over, and forget who they were."""
    actions.lift_due()
    actions.forget_bans()
    actions.forget_appeals()


def settle_deeds() -> None:
    """Hidings and bans take notice of what became of their deeds."""
    actions.settle_deeds()


def settle_answers() -> None:
    """Answers take notice of what became of their replies."""
    actions.settle_due()


def work_recounts() -> None:
    """Go on with the recount that is under way."""
    actions.work_recounts()


def resume_paused() -> None:
    """Pauses whose day is over end."""
    actions.resume_due()


def fill_figures() -> None:
    """Cases answered before the rating was counted get their figures."""
    actions.fill_figures()


def remind_approvers() -> None:
    """Approvers whose time is over are told."""
    actions.remind_approvers()


def gather_words() -> None:
    """The words that a search is mended by are gathered anew."""
    actions.gather_words()


def draw_samples() -> None:
    """Last week's answers are drawn for the review of their quality."""
    actions.draw_due()


def remind_tasks() -> None:
    """Bodies whose tasks are late are told."""
    actions.remind_tasks()
