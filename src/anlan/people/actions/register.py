"""Enter a person into the register, with the tokens by which they are found."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.clock import day_of
from anlan.foundation.crypto import encrypt, lookup_hash
from anlan.foundation.errors import Conflict, Invalid, Text
from anlan.foundation.identity_numbers import (
    EARLIEST_BIRTH_YEAR,
    birth_date_in,
    is_male_number,
    normalise_id_number,
    normalise_phone,
)
from anlan.foundation.ids import new_id
from anlan.foundation.live import announce_change
from anlan.foundation.outbox import publish
from anlan.foundation.scope import duty, within
from anlan.people.events import ResidentRegistered
from anlan.people.models import Erasure, Resident, SearchToken
from anlan.people.queries import access_household, access_resident, kept_instead_of
from anlan.people.rules import plain_name
from anlan.people.tokens import door_token, tokens_of

SUBJECT = "people.Resident"
PEOPLE = "people"  # live topic
MALE, FEMALE, UNKNOWN = (str(sex) for sex in (Resident.Sex.MALE, Resident.Sex.FEMALE, Resident.Sex.UNKNOWN))
SEXES = frozenset({MALE, FEMALE, UNKNOWN})
LONGEST_NAME = 60
DISTRICT_DIGITS = 6


class ResidentInvalid(Invalid):
    """Say which field of a resident cannot be accepted."""

    code = "resident_invalid"


class IdNotUsable(ResidentInvalid):
    """The id made by the client is somebody else's: answered as a malformed one, so that it tells nothing."""

    def __init__(self) -> None:
        super().__init__(code="invalid", fields={"id": self.sentence})


class RegisteredAlready(Conflict):
    """The number stands in the register of this grid."""

    code = "registered_already"
    sentence = _("本网格已登记过这个身份证号，请先查找。")


class FormUsedUp(Conflict):
    """The form made a person who has been erased since: sent again, it makes nobody."""

    code = "form_used_up"
    sentence = _("这份表单已失效，请重新打开登记页面再填。")


@dataclass(frozen=True, slots=True)
class Identity:
    """The fields of a resident, checked and in the form that is stored."""

    name: str
    sex: str
    birth_on: date | None
    relation: str
    id_number: str
    phone: str


def register_resident(
    *,
    actor: Actor,
    household_id: UUID,
    sent: Mapping[str, Any],
    now: datetime,
    resident_id: UUID | None = None,
) -> Resident:
    """Enter a person into a household of one's ranges and return the row.

    `sent` holds name, sex, birth_on, relation, id_number, phone. A second call with the same `resident_id` is
    the same act. Raises NotFound, ResidentInvalid, RegisteredAlready, FormUsedUp, IdNotUsable.
    """
    household = access_household(actor, household_id)
    identity = checked_identity(sent, today=day_of(now))
    with transaction.atomic():
        earlier = Resident.objects.filter(pk=resident_id).first() if resident_id else None
        if earlier is None and resident_id and (kept := kept_instead_of(actor, resident_id)):
            earlier = access_resident(actor, kept)
        if earlier is not None:
            return earlier
        if resident_id and _was_erased(resident_id, household.area_code):
            raise FormUsedUp
        resident = Resident(
            id=resident_id or new_id(),
            area_code=household.area_code,
            household=household,
            verified_on=day_of(now),
            **stored_fields(identity),
        )
        try:
            save_once(resident, new=True)
        except IdNotUsable:
            return _sent_at_once(actor, resident.pk)
        rebuild_tokens(resident, identity)
        audit.record("register", SUBJECT, [resident.pk], area_code=resident.area_code)
        publish(
            ResidentRegistered(
                area_code=resident.area_code,
                occurred_at=now,
                resident_id=resident.pk,
                household_id=household.pk,
            )
        )
        announce_change(PEOPLE, resident.area_code)
    return resident


def _sent_at_once(actor: Actor, resident_id: UUID) -> Resident:
    """Return who was entered under the id by the same act just now; raise IdNotUsable for a foreign one."""
    earlier = Resident.objects.filter(within(actor.ranges), pk=resident_id).first()
    if earlier is None:
        raise IdNotUsable
    return earlier


def _was_erased(resident_id: UUID, area_code: str) -> bool:
    district = AreaRanges.of([area_code[:DISTRICT_DIGITS]])
    with duty("keep_erased", ranges=district, cause=str(resident_id)):
        return Erasure.objects.filter(resident_id=resident_id).exists()


def checked_identity(sent: Mapping[str, Any], *, today: date) -> Identity:
    """Return what was sent in the form that is stored; raise ResidentInvalid with a sentence a wrong field.

    Sex and birth day come from the identity number where they were left out, and may not contradict it.
    """
    wrong: dict[str, Text] = {}
    name = " ".join(str(sent.get("name") or "").split())
    if not plain_name(name) or len(name) > LONGEST_NAME:
        wrong["name"] = _("请填写姓名，最多 60 个字。")
    id_number = _normalised(normalise_id_number, str(sent.get("id_number") or ""), "id_number", wrong)
    phone = _normalised(normalise_phone, str(sent.get("phone") or ""), "phone", wrong)
    born = birth_date_in(id_number) if id_number else None
    born_as = (MALE if is_male_number(id_number) else FEMALE) if id_number else UNKNOWN
    birth_on = sent.get("birth_on") or born
    sex = str(sent.get("sex") or UNKNOWN)
    if sex == UNKNOWN:
        sex = born_as
    if sex not in SEXES:
        wrong["sex"] = _("请选择性别。")
    if birth_on and (birth_on > today or birth_on.year < EARLIEST_BIRTH_YEAR):
        wrong["birth_on"] = _("出生日期不能晚于今天。")
    if id_number and birth_on != born:
        wrong["birth_on"] = _("出生日期与身份证号不一致，请核对。")
    if id_number and sex != born_as:
        wrong["sex"] = _("性别与身份证号不一致，请核对。")
    if wrong:
        raise ResidentInvalid(fields=wrong)
    return Identity(name, sex, birth_on, str(sent.get("relation") or "").strip(), id_number, phone)


def _normalised(normalise: Any, text: str, field: str, wrong: dict[str, Text]) -> str:
    if not text.strip():
        return ""
    try:
        return str(normalise(text))
    except Invalid as refusal:
        wrong[field] = refusal.message
        return ""


def stored_fields(identity: Identity) -> dict[str, Any]:
    """Return the columns of a resident, numbers encrypted and hashed."""
    number, phone = identity.id_number, identity.phone
    return {
        "name": identity.name,
        "sex": identity.sex,
        "birth_on": identity.birth_on,
        "relation": identity.relation,
        "id_number": encrypt(number, context="people.Resident.id_number") if number else None,
        "id_number_hash": lookup_hash("id", number) if number else None,
        "phone": encrypt(phone, context="people.Resident.phone") if phone else None,
        "phone_hash": lookup_hash("phone", phone) if phone else None,
    }


def save_once(resident: Resident, *, new: bool) -> None:
    """Save a resident; raise RegisteredAlready for a number of the grid's, IdNotUsable for a taken id."""
    try:
        with transaction.atomic():
            resident.save(force_insert=new)
    except IntegrityError as error:
        if "resident_once_per_grid" in str(error):
            raise RegisteredAlready from error
        if "people_resident_pkey" in str(error):
            raise IdNotUsable from error
        raise


def rebuild_tokens(resident: Resident, identity: Identity) -> None:
    """Make the tokens of a resident anew."""
    household = resident.household
    door = ""
    if household is not None and household.building is not None:
        door = door_token(household.building.number, household.unit, household.room)
    SearchToken.objects.filter(resident_id=resident.pk).delete()
    found = tokens_of(
        name=identity.name,
        id_number=identity.id_number,
        phone=identity.phone,
        door=door,
        birth_on=identity.birth_on,
    )
    SearchToken.objects.bulk_create(
        SearchToken(area_code=resident.area_code, kind=kind, token=token, resident=resident)
        for kind, token in dict.fromkeys(found)
    )
