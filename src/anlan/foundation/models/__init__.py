"""Tables of the foundation, one module a subject."""

from anlan.foundation.models.accounts import Account, InboxCredential
from anlan.foundation.models.audit import AuditEntry, AuditSeal, AuditSubject
from anlan.foundation.models.files import StoredFile
from anlan.foundation.models.filters import SavedFilter
from anlan.foundation.models.history import FieldChange
from anlan.foundation.models.inbox import Envelope
from anlan.foundation.models.limits import DailyUse
from anlan.foundation.models.outbox import ConsequenceDone, Fact
from anlan.foundation.models.packs import PackEntry, PackVersion
from anlan.foundation.models.practice import PracticeClock
from anlan.foundation.models.scoped import AreaCodeField, Scoped

__all__ = [
    "Account",
    "AreaCodeField",
    "AuditEntry",
    "AuditSeal",
    "AuditSubject",
    "ConsequenceDone",
    "DailyUse",
    "Envelope",
    "Fact",
    "FieldChange",
    "InboxCredential",
    "PackEntry",
    "PackVersion",
    "PracticeClock",
    "SavedFilter",
    "Scoped",
    "StoredFile",
]
