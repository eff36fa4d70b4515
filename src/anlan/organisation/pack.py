"""Pack sections of organisation: levels, kinds of area, purposes, posts, facilities, bodies, checklists."""

from datetime import time
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from anlan.foundation.packs import PackLine, PackModel, Ref, Text, register_section

LevelKey = Annotated[str, Ref("levels")]
PostKey = Annotated[str, Ref("posts")]
FacilityKindKey = Annotated[str, Ref("facility_kinds")]
VisibilityClass = Literal["A", "B", "C"]
FirstScreen = Literal[
    "my_day",
    "community_desk",
    "subdistrict_desk",
    "cdc_desk",
    "disease_control_desk",
    "health_unit_desk",
    "command",
    "department_desk",
    "hotline_desk",
    "reporting_desk",
    "audit_desk",
    "security_desk",
    "system_desk",
    "privacy_desk",
]


class Level(PackLine):
    """One level of the tree of areas and what it is called here."""

    title: Text
    short_title: Text
    rank: int = Field(ge=1, le=9)
    code_digits: int = Field(ge=6, le=18)
    below: LevelKey | None = None  # the level that encloses this one
    optional: bool = False


class AreaKind(PackLine):
    """What sort of place an area is."""

    title: Text
    levels: list[LevelKey] = Field(min_length=1)
    special_grid: bool = False  # 专属网格: governed by the unit that runs the place
    reserved_code_block: bool = False  # takes a community code from the reserved block
    managed_as_community: bool = False


class Purpose(PackLine):
    """Why a post may read; rights are given by purpose, never by name."""

    title: Text
    allows: Text


class PostRole(PackLine):
    """A duty that a member is appointed to at an area of one level."""

    title: Text
    level: LevelKey
    purposes: list[Annotated[str, Ref("purposes")]] = Field(min_length=1)
    first_screen: FirstScreen
    sees_visibility: list[VisibilityClass] = []  # diseases whose name the post may see; none by default
    receives_raw_signals: bool = False
    outside_unit: bool = False  # staff of a unit that is not the district's own (school, hospital, pharmacy)
    unit_kinds: list[FacilityKindKey] = []
    duty_roster: bool = False  # somebody holds the duty at every hour
    expected_per_area: int | None = Field(default=None, ge=1)  # below it the post counts as vacant
    not_together_with: list[PostKey] = []
    longest_appointment_days: int | None = Field(default=None, ge=1)  # a delegation: it always has its end
    duties: Text


class FacilityKind(PackLine):
    """A sort of premises in the register."""

    title: Text
    group: Literal[
        "medical",
        "disease_control",
        "education",
        "pharmacy",
        "care",
        "public_place",
        "site",
        "depot",
        "enterprise",
        "governance",
        "organisation",
        "infrastructure",
    ]
    beds: bool = False
    rosters: bool = False  # classes, dormitories, wards: where contacts are found
    reports_counts: bool = False  # sends daily counts
    statutory_reporter: bool = False
    vulnerable_people: bool = False  # told first in a neighbouring joint response
    area_kind: Annotated[str, Ref("area_kinds")] | None = None
    renew_days: int = Field(default=365, ge=1)  # looked at again so often; an attribute may ask sooner


class Slot(PackModel):
    """A seat in a body."""

    key: str
    title: Text
    posts: list[PostKey] = []  # who may sit there; empty means anybody chosen by the lead
    at_least: int = Field(default=1, ge=0)


class BodyTemplate(PackLine):
    """A named team with slots to fill."""

    title: Text
    level: LevelKey
    kind: Literal["standing", "on_activation", "care_team", "pair"]
    task: Text
    area_kinds: list[Annotated[str, Ref("area_kinds")]] = []  # where it belongs; empty means every kind
    call_up_minutes: int = Field(default=30, ge=1, le=1440)  # to answer a call in, unless it says otherwise
    lead: PostKey | None = None
    slots: list[Slot] = Field(min_length=1)
    template_not_in_source: bool = False  # the source names the body without defining it

    @model_validator(mode="after")
    def _slots_differ(self) -> Self:
        keys = [slot.key for slot in self.slots]
        if len(keys) != len(set(keys)):
            raise ValueError("slots 里有重复的 key / two slots share a key")
        return self


class ChecklistItem(PackModel):
    """One line to be answered."""

    key: str
    text: Text
    evidence: Literal["none", "note", "number", "date", "document"] = "none"


class Checklist(PackLine):
    """A list that must be complete before the thing it guards counts as done."""

    title: Text
    used_for: Literal["grid", "community", "facility", "order", "reopening"]
    answered_by: list[PostKey] = []
    facility_kinds: list[FacilityKindKey] = []  # of one used for facilities; empty means every kind
    renew_days: int | None = Field(default=None, ge=1)
    estimated_minutes: int = Field(ge=1)
    items: list[ChecklistItem] = Field(min_length=1)
    template_not_in_source: bool = False

    @model_validator(mode="after")
    def _items_differ(self) -> Self:
        keys = [item.key for item in self.items]
        if len(keys) != len(set(keys)):
            raise ValueError("items 里有重复的 key / two items share a key")
        return self


class OfficeHours(PackLine):
    """One part of the working day; clocks that count worktime run in these only."""

    opens: time
    closes: time

    @model_validator(mode="after")
    def _opens_first(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError("opens 应早于 closes / it opens before it closes")
        return self


register_section("levels", Level)
register_section("area_kinds", AreaKind)
register_section("purposes", Purpose)
register_section("posts", PostRole)
register_section("facility_kinds", FacilityKind)
register_section("bodies", BodyTemplate)
register_section("checklists", Checklist)
register_section("office_hours", OfficeHours)
