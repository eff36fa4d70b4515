"""What follows from facts of the gate: orders open under an admission, and end with it."""

from datetime import datetime
from uuid import UUID

from anlan.affairs.events import AdmissionEnded, ObjectionDecided, TaskAdmitted
from anlan.affairs.models import Admission, Objection
from anlan.organisation.models import Post
from anlan.organisation.queries import area_names, posts_with_role
from anlan.workorders.actions import close_for_ended_admission, note_objection, open_order
from anlan.workorders.models import WorkOrder

COMMUNITY_TASK = "community_task"
ANSWERS_FOR_COMMUNITY = ("community_secretary", "subdistrict_officer")  # the second where there is no first


class NobodyAnswers(LookupError):
    """No post answers for a community that an admission addresses."""


def open_admitted_orders(event: TaskAdmitted, *, now: datetime) -> None:
    """A request was admitted: each community it addresses gets its order, with the secretary to answer."""
    admission = Admission.objects.get(pk=event.admission_id)
    addressed = list(admission.addressed.order_by("area_code"))
    names = area_names([area.area_code for area in addressed], now=now)
    for area in addressed:
        if not WorkOrder.objects.filter(admission=admission, area_code=area.area_code).exists():
            open_order(
                kind=COMMUNITY_TASK,
                area_code=area.area_code,
                accountable=_answers_for(area.area_code, now, admission.pk),
                task=admission.title,
                place_name=names.get(area.area_code, ""),
                asked_by_id=admission.asked_by_id,
                admission_id=admission.pk,
                now=now,
            )


def _answers_for(area_code: str, now: datetime, admission_id: UUID) -> Post:
    for role in ANSWERS_FOR_COMMUNITY:
        post = posts_with_role(role, covering=area_code, now=now).first()
        if post is not None:
            return post
    raise NobodyAnswers(str(admission_id))


def end_orders_of_admission(event: AdmissionEnded, *, now: datetime) -> None:
    """An admission ended: so do the open orders under it."""
    close_for_ended_admission(admission_id=event.admission_id, now=now)


def settle_objected_order(event: ObjectionDecided, *, now: datetime) -> None:
    """The subdistrict decided: the order is withdrawn, or goes on."""
    reason = Objection.objects.values_list("decision", flat=True).get(pk=event.objection_id)
    note_objection(order_id=event.order_id, is_upheld=event.is_upheld, reason=reason, now=now)
