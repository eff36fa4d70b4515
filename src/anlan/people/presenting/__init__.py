"""How residents and households are put before people: every personal field passes the masks here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from anlan.foundation.actor import Actor
from anlan.foundation.crypto import CannotDecrypt
from anlan.foundation.masks import DOTS, can_reveal, visible, visible_many
from anlan.foundation.models import FieldChange
from anlan.foundation.scope import within
from anlan.organisation.queries import area_names
from anlan.people.models import Erasure, Household, LookUpAlarm, Resident

RESIDENT, HOUSEHOLD = "people.Resident", "people.Household"
REVEALABLE = ("name", "phone", "id_number", "birth_on")
LIMIT_WORDS: dict[str, str | Promise] = {
    "opened": _("二十分钟内可打开的人数"),
    "searched": _("二十分钟内可检索的次数"),
    "listed": _("二十分钟内名单可列出的人数"),
}
FIELD_WORDS: dict[str, str | Promise] = {
    "name": _("姓名"),
    "sex": _("性别"),
    "birth_on": _("出生日期"),
    "relation": _("与户主关系"),
    "id_number": _("身份证号"),
    "phone": _("电话"),
    "building": _("楼栋"),
    "unit": _("单元"),
    "room": _("房号"),
    "household_id": _("门牌"),
}
ENCRYPTED = ("id_number", "phone")
HOME = "household_id"  # in history: the household somebody moved from or to


@dataclass(frozen=True, slots=True)
class ResidentLine:
    """One resident as a row of a list or as the facts of a page."""

    resident: Resident
    name: str
    sex: str
    born: str
    phone: str
    id_number: str
    area: str
    home: "DoorShown"

    @property
    def door(self) -> str:
        """Return the door as one text."""
        return str(self.home)


@dataclass(frozen=True, slots=True)
class DoorShown:
    """A door as a reader sees it, part by part; as a text it is how pages write it."""

    building: str = ""
    unit: str = ""
    room: str = ""

    def __str__(self) -> str:
        if not (self.building or self.unit or self.room):
            return ""
        words = {"building": self.building, "unit": self.unit, "room": self.room}
        return gettext("%(building)s %(unit)s 单元 %(room)s") % words


@dataclass(frozen=True, slots=True)
class HouseholdLine:
    """One household as a row of a list."""

    household: Household
    door: str
    area: str
    people: int


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One line of field history."""

    field: str | Promise
    old: str
    new: str
    who: str
    at: datetime


def resident_lines(
    actor: Actor, residents: Iterable[Resident], *, now: datetime, revealed: Sequence[str] = ()
) -> list[ResidentLine]:
    """Return residents as rows; fields named in `revealed` are plain where the post may see them."""
    rows = list(residents)
    names = area_names({row.area_code for row in rows}, now=now)
    shown = {
        field: visible_many(
            actor, RESIDENT, field, [getattr(row, field) for row in rows], revealed=field in revealed
        )
        for field in REVEALABLE
    }
    sexes = {value: str(label) for value, label in Resident.Sex.choices}
    doors = doors_of(actor, [row.household for row in rows], revealed="room" in revealed)
    return [
        ResidentLine(
            resident=row,
            name=_text(shown["name"][at]),
            sex=sexes.get(row.sex, row.sex),
            born=_text(shown["birth_on"][at]),
            phone=_text(shown["phone"][at]),
            id_number=_text(shown["id_number"][at]),
            area=names.get(row.area_code, row.area_code),
            home=doors[at],
        )
        for at, row in enumerate(rows)
    ]


def _text(value: Any) -> str:
    return str(value) if value else ""


def household_lines(actor: Actor, households: Iterable[Any], *, now: datetime) -> list[HouseholdLine]:
    """Return households, annotated with `people`, as rows."""
    rows = list(households)
    names = area_names({row.area_code for row in rows}, now=now)
    return [
        HouseholdLine(row, door_of(actor, row), names.get(row.area_code, row.area_code), row.people)
        for row in rows
    ]


def door_of(actor: Actor, household: Household | None, *, revealed: bool = False) -> str:
    """Return building, stairs and room, the room masked as the register says."""
    return str(doors_of(actor, [household], revealed=revealed)[0])


def doors_of(
    actor: Actor, households: Sequence[Household | None], *, revealed: bool = False
) -> list[DoorShown]:
    """Return the doors of households as the register lets them be seen; an empty one where there is none."""
    homes = [home for home in households if home is not None]
    buildings = visible_many(actor, HOUSEHOLD, "building", [str(home.building or "") for home in homes])
    units = visible_many(actor, HOUSEHOLD, "unit", [home.unit for home in homes])
    rooms = visible_many(actor, HOUSEHOLD, "room", [home.room for home in homes], revealed=revealed)
    shown = iter(zip(buildings, units, rooms, strict=True))
    return [
        DoorShown()
        if home is None
        else DoorShown(*("" if part is None else str(part) for part in next(shown)))
        for home in households
    ]


@dataclass(frozen=True, slots=True)
class AlarmLine:
    """One alarm about looking people up as a row; one's own is for others to look into."""

    row: LookUpAlarm
    place: str
    kind: str | Promise
    is_own: bool


def alarm_lines(actor: Actor, alarms: Iterable[LookUpAlarm], *, now: datetime) -> list[AlarmLine]:
    """Return alarms as rows, each with the name of the place of the post."""
    rows = list(alarms)
    names = area_names({row.area_code for row in rows}, now=now)
    return [
        AlarmLine(
            row,
            names.get(row.area_code, row.area_code),
            LIMIT_WORDS.get(row.kind, row.kind),
            row.member_id == actor.member_id,
        )
        for row in rows
    ]


def erasure_lines(erasures: Iterable[Erasure], *, now: datetime) -> list[tuple[Erasure, str]]:
    """Return erasures, each with the name of the place where the person was registered."""
    rows = list(erasures)
    names = area_names({row.area_code for row in rows}, now=now)
    return [(row, names.get(row.area_code, row.area_code)) for row in rows]


def history_lines(actor: Actor, changes: Iterable[FieldChange]) -> list[ChangeLine]:
    """Return field history as rows, old and new values masked as the fields are."""
    rows = list(changes)
    doors = _past_doors(actor, rows)
    return [
        ChangeLine(
            field=FIELD_WORDS.get(row.field, row.field),
            old=_past_value(actor, row, row.old, doors),
            new=_past_value(actor, row, row.new, doors),
            who=row.member_name,
            at=row.changed_at,
        )
        for row in rows
    ]


def _past_doors(actor: Actor, rows: Iterable[FieldChange]) -> dict[str, str]:
    """Return the doors of the households somebody moved between, as far as they lie in the actor's ranges."""
    ids = {text for row in rows if row.field == HOME for text in (row.old, row.new) if text}
    homes = (
        Household.objects.filter(within(actor.ranges), pk__in=ids).select_related("building") if ids else []
    )
    return {str(home.pk): door_of(actor, home) for home in homes}


def _past_value(actor: Actor, row: FieldChange, text: str, doors: Mapping[str, str]) -> str:
    if not text:
        return gettext("（空）")
    if row.field == HOME:
        return doors.get(text, gettext("本岗位范围以外"))
    try:
        value: Any = bytes.fromhex(text) if row.field in ENCRYPTED else text
        shown = str(visible(actor, row.model, row.field, value))
    except CannotDecrypt:
        return DOTS
    return str(Resident.Sex(shown).label) if row.field == "sex" and shown in Resident.Sex.values else shown


def revealable(actor: Actor, resident: Resident) -> list[tuple[str, str | Promise]]:
    """Return the masked fields of a resident that this post may ask to see, with their words."""
    fields = [name for name in REVEALABLE if getattr(resident, name) and can_reveal(actor, RESIDENT, name)]
    if resident.household is not None and can_reveal(actor, HOUSEHOLD, "room"):
        fields.append("room")
    return [(name, FIELD_WORDS[name]) for name in fields]


def placeholders(actor: Actor, resident: Resident) -> dict[str, str]:
    """Return the masked values that stand in the empty inputs of a correction."""
    shown = ("name", "birth_on", *ENCRYPTED)
    return {name: str(visible(actor, RESIDENT, name, getattr(resident, name)) or "") for name in shown}
