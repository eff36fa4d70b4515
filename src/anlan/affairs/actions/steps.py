"""What every change to an admission leaves behind: a step, an audit line, word to open pages."""

from datetime import datetime

from anlan.affairs.models import Admission, AdmissionStep
from anlan.foundation import audit
from anlan.foundation.live import announce_change
from anlan.foundation.scope import require_scope

SUBJECT = "affairs.Admission"


def note_step(admission: Admission, act: str, now: datetime, note: str = "") -> None:
    """Write a step and tell everybody concerned; runs under a scope that covers the admission."""
    actor = require_scope().actor
    AdmissionStep.objects.create(
        area_code=admission.area_code,
        admission=admission,
        act=act,
        at=now,
        post_id=actor.post_id if actor else None,
        post_title=actor.post_title if actor else "",
        member_name=actor.member_name if actor else "",
        note=note,
    )
    audit.record(f"{act}_admission", SUBJECT, [admission.pk], area_code=admission.area_code)
    announce_change("gate", admission.area_code)
    for area in admission.addressed.all():
        announce_change("gate", area.area_code)
