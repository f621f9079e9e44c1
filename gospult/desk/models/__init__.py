"""Tables of the desk, cut by noun."""

from .alarms import Alarm
from .answers import Answer, PhotoReport, Review, private_storage
from .approvals import Approval, ApprovalPolicy
from .bans import Appeal, Ban
from .bounces import DISPUTE, BodyLimit, Bounce
from .bulk import BulkAction
from .cases import OPEN, READS, Case, CaseEvent, CaseQuerySet
from .deadlines import BodyCalendar, DaySet, DeadlineVersion, Recount, RecountChange, WorkCalendar
from .foreign import Foreign, ForeignImport
from .handovers import Handover
from .hidings import Hiding
from .kinds import WITHOUT_CLOCK, Kind, Topic
from .marks import Mark
from .messages import Message
from .notes import Note
from .quality import BY_LOT, SCORED, Draw, Inspection
from .rules import DeadlineRule, RoutingRule, Template, TemplateVersion
from .tasks import Task
from .views import CENTRE, Lease, Presence, SavedView
from .words import CaseWords, Vocabulary, Word

__all__ = [
    "BY_LOT", "CENTRE", "DISPUTE", "OPEN", "READS", "SCORED", "WITHOUT_CLOCK", "Alarm", "Answer", "Appeal", "Approval", "ApprovalPolicy", "Ban",
    "BodyCalendar", "BodyLimit", "Bounce", "BulkAction", "Case", "CaseEvent", "CaseQuerySet", "CaseWords", "DaySet", "DeadlineRule",
    "DeadlineVersion", "Draw", "Foreign", "ForeignImport", "Handover", "Hiding", "Inspection", "Kind", "Lease", "Mark", "Message", "Note",
    "PhotoReport", "Presence", "Recount", "RecountChange", "Review", "RoutingRule", "SavedView", "Task", "Template", "TemplateVersion", "Topic",
    "Vocabulary", "Word", "WorkCalendar", "private_storage",
]  # fmt: skip
