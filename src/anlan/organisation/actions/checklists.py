"""Answer items of a checklist for an area or facility; what stood before is kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.errors import Conflict, Invalid, NotAllowed
from anlan.foundation.live import announce_change
from anlan.foundation.pack_store import pack_in_force
from anlan.organisation.models import ChecklistAnswer
from anlan.organisation.pack import Checklist, ChecklistItem
from anlan.organisation.queries.checklists import Subject, access_subject, checklist_of, may_answer
from anlan.organisation.rules.checklists import is_evidence

SUBJECT = "organisation.ChecklistAnswer"
CHECKLISTS = "checklists"  # live topic
NOTE_LIMIT = 200


class AnswerInvalid(Invalid):
    """Say which item cannot be answered so."""

    code = "answer_invalid"


class AnsweredMeanwhile(Conflict):
    """Somebody else answered the same items at the same moment."""

    code = "answered_meanwhile"
    sentence = _("别人刚填过同一张清单，请刷新后再看。")


@dataclass(frozen=True, slots=True)
class ItemSaid:
    """What is said of one item."""

    is_met: bool
    evidence: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAnswers:
    """Items of one checklist answered with one form; `sending` is the form's id."""

    checklist: str
    area_code: str
    answers: Mapping[str, ItemSaid]
    sending: UUID
    facility_id: UUID | None = None


def answer_checklist(*, actor: Actor, said: NewAnswers, now: datetime) -> list[ChecklistAnswer]:
    """Put answers in the place of those before; a second sending of a form is the same act.

    Raises NotFound, NotAllowed, AnswerInvalid, AnsweredMeanwhile.
    """
    listed = checklist_of(said.checklist)
    subject = access_subject(actor, listed, said.area_code, said.facility_id, now=now)
    if not may_answer(actor, listed, subject):
        raise NotAllowed
    with transaction.atomic():
        earlier = list(ChecklistAnswer.objects.filter(sending=said.sending))
        if earlier:
            return _same_act(earlier, said)
        items = _checked(listed, said)
        made = [_answer(actor, items[key], said, subject, now) for key in said.answers]
        _replace(made, subject, now)
        ids = [subject.facility.pk] if subject.facility else []
        detail = {"checklist": listed.key, "met": sum(row.is_met for row in made), "items": len(made)}
        audit.record("answer_checklist", SUBJECT, ids, area_code=subject.area.code, detail=detail)
        announce_change(CHECKLISTS, subject.area.code)
    return made


def _same_act(earlier: list[ChecklistAnswer], said: NewAnswers) -> list[ChecklistAnswer]:
    if {(row.checklist, row.area_code) for row in earlier} != {(said.checklist, said.area_code)}:
        raise AnsweredMeanwhile
    return earlier


def _checked(listed: Checklist, said: NewAnswers) -> dict[str, ChecklistItem]:
    """Return the items of the list, where everything said is of one and has the evidence it needs."""
    items = {item.key: item for item in listed.items}
    if not said.answers or not said.answers.keys() <= items.keys():
        raise AnswerInvalid(_("请至少填写一项。"))
    wrong = {
        f"evidence_{key}": _("请按要求填写依据（数字、日期、文件名称或说明）。")
        for key, one in said.answers.items()
        if one.is_met and not is_evidence(items[key].evidence, one.evidence)
    }
    if wrong:
        raise AnswerInvalid(fields=wrong)
    return items


def _answer(
    actor: Actor, item: ChecklistItem, said: NewAnswers, subject: Subject, now: datetime
) -> ChecklistAnswer:
    one = said.answers[item.key]
    is_read = item.evidence != "none" and is_evidence(item.evidence, one.evidence)
    return ChecklistAnswer(
        area_code=subject.area.code,
        checklist=said.checklist,
        pack_version=pack_in_force().version,
        facility=subject.facility,
        item=item.key,
        is_met=one.is_met,
        evidence=one.evidence.strip() if is_read else "",
        evidence_kind=item.evidence,
        note=one.note.strip()[:NOTE_LIMIT],
        answered_at=now,
        post_title=actor.post_title,
        member_name=actor.member_name,
        sending=said.sending,
    )


def _replace(made: list[ChecklistAnswer], subject: Subject, now: datetime) -> None:
    before = ChecklistAnswer.objects.filter(
        checklist=made[0].checklist,
        area_code=subject.area.code,
        facility=subject.facility,
        item__in=[row.item for row in made],
        replaced_at=None,
    )
    try:
        with transaction.atomic():
            before.update(replaced_at=now)
            ChecklistAnswer.objects.bulk_create(made)
    except IntegrityError as error:
        raise AnsweredMeanwhile from error
