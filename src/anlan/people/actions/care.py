"""Put a person on the list of those looked in on, by consent; renew the consent; take them off again."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.clock import day_of
from anlan.foundation.errors import Conflict, Invalid, Text
from anlan.foundation.ids import new_id
from anlan.foundation.live import announce_change
from anlan.foundation.outbox import publish
from anlan.foundation.pack_store import pack_in_force
from anlan.people.events import ConsentWithdrawn, KeyPersonMarked
from anlan.people.models import KeyPerson, Resident
from anlan.people.pack import KeyPeopleKind
from anlan.people.queries import access_resident
from anlan.people.queries.care import access_key_person, kinds_open_to, service_needs
from anlan.people.rules.care import (
    LONGEST_NEED,
    ConsentBy,
    fits_age,
    is_below_guardian_age,
    names_illness,
    next_visit,
)

SUBJECT_CARE = "people.KeyPerson"
CARE = "care"  # live topic
NOTICE = "key_people_consent"  # what is read to the person, of the pack's notices
LONGEST_RHYTHM = 365


class CareInvalid(Invalid):
    """Say which part of an entry cannot be accepted."""

    code = "care_invalid"


class ConsentMissing(Invalid):
    """Nobody is put on the list without having agreed."""

    code = "consent_missing"
    sentence = _(
        "没有本人或监护人的同意，不能列入。请当面念告知书，对方同意后选择由谁同意；不同意的不列入，其他服务照常。"
    )


class MarkedAlready(Conflict):
    """The person stands on the list for this reason."""

    code = "marked_already"
    sentence = _("这个人已按这一类列入。同意到期的，请续期；情况变了的，请续期时修改。")


class EntryChangedSince(Conflict):
    """Somebody changed the entry first."""

    code = "entry_changed_since"
    sentence = _("这一项刚被别人改过，请看最新内容后再办。")


@dataclass(frozen=True, slots=True)
class Consent:
    """Who agreed, and on which day."""

    given_by: str = ""
    given_on: date | None = None


@dataclass(frozen=True, slots=True)
class NewCare:
    """Why somebody is looked in on, what help is wanted, how often instead of the kind's rhythm."""

    kind: str
    service: str = ""
    need: str = ""
    visit_every_days: int | None = None


def mark_key_person(
    *,
    actor: Actor,
    resident_id: UUID,
    care: NewCare,
    consent: Consent,
    now: datetime,
    entry_id: UUID | None = None,
) -> KeyPerson:
    """Put a person of one's ranges on the list and return the entry; the same `entry_id` is the same act.

    Raises NotFound, CareInvalid, ConsentMissing, MarkedAlready, EntryChangedSince.
    """
    resident = access_resident(actor, resident_id)
    with transaction.atomic():
        if earlier := _of_same_form(entry_id, resident):
            return earlier
        kind = _checked(actor, resident, care, today=day_of(now))
        entry = KeyPerson(
            id=entry_id or new_id(),
            area_code=resident.area_code,
            resident=resident,
            kind=kind.key,
            basis=kind.basis,
            verified_on=day_of(now),
            **_agreed(resident, kind, care, consent, now),
        )
        try:
            with transaction.atomic():
                entry.save(force_insert=True)
        except IntegrityError as error:
            if earlier := _of_same_form(entry_id, resident):  # sent twice at one moment
                return earlier
            if "keyperson_once" in str(error):
                raise MarkedAlready from error
            raise CareInvalid(code="invalid") from error  # an id that is somebody else's
        audit.record("mark_key_person", SUBJECT_CARE, [entry.pk, resident.pk], area_code=entry.area_code)
        publish(
            KeyPersonMarked(
                area_code=entry.area_code, occurred_at=now, entry_id=entry.pk, resident_id=resident.pk
            )
        )
        announce_change(CARE, entry.area_code)
    return entry


def _of_same_form(entry_id: UUID | None, resident: Resident) -> KeyPerson | None:
    """Return the entry that the same form made; an id that is another's is answered as a malformed one."""
    earlier = KeyPerson.objects.filter(pk=entry_id).first() if entry_id else None
    if earlier is not None and earlier.resident_id != resident.pk:
        raise CareInvalid(code="invalid")
    if earlier is not None and earlier.withdrawn_on is not None:
        raise EntryChangedSince  # a form from before the person withdrew puts nobody on the list again
    return earlier


def renew_consent(
    *,
    actor: Actor,
    entry_id: UUID,
    care: NewCare,
    consent: Consent,
    expected_version: int,
    now: datetime,
) -> KeyPerson:
    """Write down that a person agreed again, with what is wanted now; the kind stays.

    Raises NotFound, EntryChangedSince, CareInvalid, ConsentMissing.
    """
    with transaction.atomic():
        entry = _locked(actor, entry_id)
        kind = _checked(actor, entry.resident, care, today=day_of(now), is_new=False)
        agreed = _agreed(entry.resident, kind, care, consent, now)
        if entry.last_visited_on is not None:
            agreed["due_on"] = next_visit(entry.last_visited_on, _rhythm(care, kind))
        if entry.version == expected_version + 1 and all(
            getattr(entry, name) == value for name, value in agreed.items()
        ):
            return entry  # the same form came again
        if entry.version != expected_version or entry.withdrawn_on is not None:
            raise EntryChangedSince
        changed = sorted(name for name, value in agreed.items() if getattr(entry, name) != value)
        for name, value in agreed.items():
            setattr(entry, name, value)
        entry.verified_on = day_of(now)
        entry.version += 1
        entry.save()
        audit.record(
            "renew_consent",
            SUBJECT_CARE,
            [entry.pk, entry.resident_id],
            area_code=entry.area_code,
            detail={"changed": changed},  # which fields, never what stood there
        )
        announce_change(CARE, entry.area_code)
    return entry


def withdraw_consent(*, actor: Actor, entry_id: UUID, expected_version: int, now: datetime) -> KeyPerson:
    """Take a person off the list at once; what was written of their need goes with it.

    What else is kept of the entry goes 30 days later. Raises NotFound, EntryChangedSince.
    """
    with transaction.atomic():
        entry = _locked(actor, entry_id)
        if entry.withdrawn_on is not None:
            return entry
        if entry.version != expected_version:
            raise EntryChangedSince
        entry.withdrawn_on, entry.need, entry.service = day_of(now), "", ""
        entry.version += 1
        entry.save()
        audit.record(
            "withdraw_consent", SUBJECT_CARE, [entry.pk, entry.resident_id], area_code=entry.area_code
        )
        publish(
            ConsentWithdrawn(
                area_code=entry.area_code, occurred_at=now, entry_id=entry.pk, resident_id=entry.resident_id
            )
        )
        announce_change(CARE, entry.area_code)
    return entry


def _locked(actor: Actor, entry_id: UUID) -> KeyPerson:
    access_key_person(actor, entry_id)
    return KeyPerson.objects.select_for_update(of=("self",)).select_related("resident").get(pk=entry_id)


def _checked(
    actor: Actor, resident: Resident, care: NewCare, *, today: date, is_new: bool = True
) -> KeyPeopleKind:
    """Return the kind; raise CareInvalid with a sentence a wrong field."""
    kind = kinds_open_to(actor).get(care.kind)
    wrong: dict[str, Text] = {}
    if kind is None:
        raise CareInvalid(fields={"kind": _("请选择类别。")})
    if is_new and not fits_age(resident.birth_on, kind.min_age_years, kind.max_age_years, today):
        wrong["kind"] = _("登记的出生日期不在这一类的年龄范围内，请核对。")
    if care.service and care.service not in service_needs():
        wrong["service"] = _("请选择需要的服务。")
    if len(care.need) > LONGEST_NEED or names_illness(care.need):
        wrong["need"] = _("只写需要什么帮助，最多 60 个字，不写病名和检查结果。")
    if care.visit_every_days is not None and not 1 <= care.visit_every_days <= LONGEST_RHYTHM:
        wrong["visit_every_days"] = _("走访间隔为 1 至 365 天。")
    if wrong:
        raise CareInvalid(fields=wrong)
    return kind


def _agreed(
    resident: Resident, kind: KeyPeopleKind, care: NewCare, consent: Consent, now: datetime
) -> dict[str, object]:
    """Return the fields of a fresh consent; raise ConsentMissing where nobody who may has agreed."""
    today = day_of(now)
    given_on = consent.given_on or today
    refused = CareInvalid(fields={"given_on": _("同意日期不能晚于今天，也不能早到同意已经过期。")})
    if given_on > today:
        raise refused
    by, until = "", None
    if kind.basis == "consent":
        if consent.given_by not in ConsentBy.values:
            raise ConsentMissing(fields={"given_by": ConsentMissing.sentence})
        if is_below_guardian_age(resident.birth_on, today) and consent.given_by != ConsentBy.GUARDIAN:
            raise ConsentMissing(fields={"given_by": _("不满十四周岁的，须由监护人同意。")})
        by, until = consent.given_by, given_on + timedelta(days=kind.consent_valid_days)
        if until <= today:
            raise refused
    return {
        "given_by": by,
        "given_on": given_on,
        "consent_until": until,
        "notice": f"{NOTICE} {pack_in_force().version}",
        "service": care.service,
        "need": " ".join(care.need.split()),
        "visit_every_days": care.visit_every_days,
        "due_on": next_visit(given_on, _rhythm(care, kind)),
    }


def _rhythm(care: NewCare, kind: KeyPeopleKind) -> int:
    return care.visit_every_days or kind.visit_every_days
