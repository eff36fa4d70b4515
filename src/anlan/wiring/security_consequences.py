"""What follows where somebody looks people up beyond what work explains."""

from datetime import datetime

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import day_of, start_of
from anlan.foundation.scope import duty
from anlan.organisation.models import Post
from anlan.organisation.queries import posts_with_role
from anlan.people.actions import keep_look_up_alarm
from anlan.people.events import LookUpLimitReached
from anlan.workorders.actions import open_order
from anlan.workorders.models import WorkOrder

KIND, SECURITY, ROLE = "unusual_look_ups", "security", "security_administrator"
DISTRICT_DIGITS = 6


class NobodyMindsSecurity(LookupError):
    """No security administrator is in post."""


def keep_alarm(event: LookUpLimitReached, *, now: datetime) -> None:
    """Somebody met the limit: those who mind security and data protection find it on their first screen."""
    keep_look_up_alarm(event)


def tell_security_officer(event: LookUpLimitReached, *, now: datetime) -> None:
    """Somebody met the limit: the security administrator gets one order for that person and day."""
    code = event.area_code[:DISTRICT_DIGITS]
    officer = posts_with_role(ROLE, covering=code, now=now).first()
    if officer is None:
        raise NobodyMindsSecurity(code)
    with duty("tell_security", ranges=AreaRanges.of([code]), cause=str(event.member_id)):
        told = WorkOrder.objects.filter(
            kind=KIND, subject_id=event.member_id, opened_at__gte=start_of(day_of(event.occurred_at))
        )
        if not told.exists():
            open_order(
                kind=KIND,
                area_code=code,
                accountable=officer,
                task=f"{Post.objects.get(pk=event.post_id).title}：查看或检索人数超出限额，已暂停",
                purpose=SECURITY,
                subject_kind="organisation.Member",
                subject_id=event.member_id,
                now=event.occurred_at,
            )
