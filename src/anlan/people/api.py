"""The API's operations on residents: masked and counted as on the pages, entered and corrected as there."""

from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext_noop as _
from ninja import Query, Router, Schema
from ninja.responses import Status
from pydantic import Field, StrictInt

from anlan.foundation.actor import Actor
from anlan.foundation.api_doors import (
    AnyArea,
    Day,
    Listed,
    Marks,
    Sent,
    actor_of,
    answers,
    cut,
    keeping,
    through_post,
)
from anlan.foundation.clock import day_of
from anlan.organisation.queries import now_for
from anlan.people import actions, presenting, queries
from anlan.people.actions import LookUpLimitExceeded
from anlan.people.models import Resident
from anlan.people.queries import ResidentFilter

router = Router(tags=["residents"])
PURPOSES = ("grid_work", "health")
ORDER = ("area_code", "id")
SOURCE = "api"
Name = Annotated[str, Field(max_length=60)]
Numeral = Annotated[str, Field(max_length=30)]
Sex = Literal["female", "male", "unknown"]
MASKED = _("姓名、证件号、电话、门牌和出生日期按岗位遮盖；查看明文是另一道有理由、留痕的手续，只在页面上办。")


class ResidentShown(Schema):
    """One resident, masked."""

    id: UUID
    area_code: str
    household_id: UUID | None
    name: str
    sex: str
    born: str
    phone: str
    id_number: str
    door: str
    version: int


class ResidentPage(Listed):
    """A page of residents."""

    rows: list[ResidentShown]


class Found(Schema):
    """What a search found, at most 50; `more` says that there were others."""

    rows: list[ResidentShown]
    more: bool


class HouseholdShown(Schema):
    """One household and how many people it has."""

    id: UUID
    area_code: str
    door: str
    people: int


class HouseholdPage(Listed):
    """A page of households."""

    rows: list[HouseholdShown]


class Wanted(Sent):
    """Names, pinyin, initials, whole numbers, the last four of a phone, or doors; each word must fit."""

    q: Annotated[str, Field(min_length=1, max_length=60)]


class Entered(Sent):
    """A person to be entered; the client makes `id`, which makes a second sending the same act."""

    id: UUID
    name: Name
    sex: Sex = "unknown"
    birth_on: Day | None = None
    relation: Annotated[str, Field(max_length=20)] = ""
    id_number: Numeral = ""
    phone: Numeral = ""


class Corrected(Sent):
    """Fields to be changed; those left out stay as they are. `phone` empty removes it."""

    expected_version: Annotated[StrictInt, Field(ge=1, le=2_147_483_647)]
    name: Name = ""
    sex: Sex = "unknown"
    birth_on: Day | None = None
    relation: Annotated[str, Field(max_length=20)] = ""
    id_number: Numeral = ""
    phone: Numeral = ""


def _shown(actor: Actor, residents: list[Resident]) -> list[ResidentShown]:
    return [
        ResidentShown(
            id=line.resident.pk,
            area_code=line.resident.area_code,
            household_id=line.resident.household_id,
            version=line.resident.version,
            **{name: getattr(line, name) for name in ("name", "sex", "born", "phone", "id_number", "door")},
        )
        for line in presenting.resident_lines(actor, residents, now=now_for(actor))
    ]


@router.get(
    "/residents",
    auth=through_post(*PURPOSES),
    response=answers(ResidentPage),
    operation_id="list_residents",
    summary=_("列出范围内的居民"),
    description=MASKED,
)
@keeping(LookUpLimitExceeded)
def list_residents(
    request: HttpRequest,
    marks: Query[Marks],
    area_code: AnyArea = "",
    age: Literal["", "child", "grown", "old", "very_old"] = "",
) -> ResidentPage:
    """List the residents in range, masked."""
    actor, now = actor_of(request), now_for(actor_of(request))
    rows = queries.visible_residents(actor, ResidentFilter(area_code, age), today=day_of(now))
    page = cut(rows, marks, order=ORDER, ranges=actor.ranges)
    actions.note_listed(actor=actor, subject="people.Resident", ids=[row.pk for row in page.rows], now=now)
    return ResidentPage(rows=_shown(actor, list(page.rows)), after=page.after, before=page.before)


@router.post(
    "/residents/search",
    auth=through_post(*PURPOSES),
    response=answers(Found),
    operation_id="search_residents",
    summary=_("检索居民"),
    description=MASKED,
)
@keeping(LookUpLimitExceeded)
def search_residents(request: HttpRequest, wanted: Wanted) -> Found:
    """Search; the words travel in the body, never in an address."""
    actor = actor_of(request)
    hits = actions.search_residents(actor=actor, text=wanted.q.strip(), now=now_for(actor))
    return Found(rows=_shown(actor, hits.residents), more=hits.more)


@router.get(
    "/residents/{uuid:resident_id}",
    auth=through_post(*PURPOSES),
    response=answers(ResidentShown),
    operation_id="show_resident",
    summary=_("一位居民"),
    description=MASKED,
)
@keeping(LookUpLimitExceeded)
def show_resident(request: HttpRequest, resident_id: UUID) -> ResidentShown:
    """Show one resident, masked."""
    actor = actor_of(request)
    resident = actions.open_resident(actor=actor, resident_id=resident_id, now=now_for(actor))
    return _shown(actor, [resident])[0]


@router.patch(
    "/residents/{uuid:resident_id}",
    auth=through_post("grid_work"),
    response=answers(ResidentShown, acts=True),
    operation_id="correct_resident",
    summary=_("更正一位居民"),
)
@keeping(LookUpLimitExceeded)
def correct_resident(request: HttpRequest, resident_id: UUID, sent: Corrected) -> ResidentShown:
    """Correct a resident; a version that is behind is answered 409."""
    actor, now = actor_of(request), now_for(actor_of(request))
    actions.open_resident(actor=actor, resident_id=resident_id, now=now)
    row = actions.correct_resident(
        actor=actor,
        resident_id=resident_id,
        expected_version=sent.expected_version,
        changes=sent.model_dump(exclude_unset=True, exclude={"expected_version"}),
        now=now,
        source=SOURCE,
    )
    return _shown(actor, [row])[0]


@router.get(
    "/households",
    auth=through_post(*PURPOSES),
    response=answers(HouseholdPage),
    operation_id="list_households",
    summary=_("列出范围内的住户"),
)
@keeping(LookUpLimitExceeded)
def list_households(request: HttpRequest, marks: Query[Marks], area_code: AnyArea = "") -> HouseholdPage:
    """List the households in range: where a person can be entered."""
    actor, now = actor_of(request), now_for(actor_of(request))
    page = cut(
        queries.visible_households(actor, area_code=area_code), marks, order=ORDER, ranges=actor.ranges
    )
    actions.note_listed(actor=actor, subject="people.Household", ids=[row.pk for row in page.rows], now=now)
    shown = [
        HouseholdShown(
            id=line.household.pk, area_code=line.household.area_code, door=line.door, people=line.people
        )
        for line in presenting.household_lines(actor, page.rows, now=now)
    ]
    return HouseholdPage(rows=shown, after=page.after, before=page.before)


@router.post(
    "/households/{uuid:household_id}/residents",
    auth=through_post("grid_work"),
    response=answers(ResidentShown, again=201, acts=True),
    operation_id="enter_resident",
    summary=_("在一户中登记一人"),
)
@keeping(LookUpLimitExceeded)
def enter_resident(request: HttpRequest, household_id: UUID, sent: Entered) -> Any:
    """Enter a person: 201, and 200 for the same again."""
    actor, now = actor_of(request), now_for(actor_of(request))
    actions.open_household(actor=actor, household_id=household_id, now=now)
    is_there = queries.is_registered(actor, sent.id)
    row = actions.register_resident(
        actor=actor,
        household_id=household_id,
        sent=sent.model_dump(exclude={"id"}),
        now=now,
        resident_id=sent.id,
    )
    return Status(200 if is_there else 201, _shown(actor, [row])[0])
