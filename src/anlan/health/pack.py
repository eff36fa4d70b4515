"""Pack sections of health: diseases, symptoms, syndromes, the event gauge, forms of daily counts, terms."""

from datetime import date, time
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from anlan.foundation.packs import PackLine, PackModel, Ref, Text, register_section
from anlan.organisation.pack import FacilityKindKey, PostKey

DiseaseKey = Annotated[str, Ref("diseases")]
SyndromeKey = Annotated[str, Ref("syndromes")]
SymptomKey = Annotated[str, Ref("symptoms")]
ConditionKey = Annotated[str, Ref("diseases", "syndromes")]
Route = Literal[
    "respiratory",
    "contact",
    "faecal_oral",
    "food_or_water",
    "vector",
    "animal",
    "blood",
    "sexual",
    "mother_to_child",
    "soil_or_wound",
    "unknown",
]


class Incubation(PackModel):
    """Days from infection to onset; the usual range where it is narrower than the extremes."""

    min_days: float = Field(ge=0)
    max_days: float = Field(gt=0)
    usual_days: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min_days > self.max_days:
            raise ValueError("min_days 大于 max_days / min_days is above max_days")
        return self


class SerialInterval(PackModel):
    """Days between the onsets of a case and of whom it infects: what Rt is estimated with."""

    mean_days: float = Field(gt=1)
    sd_days: float = Field(gt=0)
    paper: str  # where it was estimated


class Exclusion(PackModel):
    """How long a patient stays away from school, kindergarten or work with food and children."""

    words: Text
    days: int | None = Field(default=None, ge=0)
    counted_from: Literal["onset", "rash", "swelling", "treatment", "symptoms_end"] | None = None
    clearance_needed: bool = False  # a test or a doctor's word ends it, not the days

    @model_validator(mode="after")
    def _days_have_a_start(self) -> Self:
        if (self.days is None) != (self.counted_from is None):
            raise ValueError("days 和 counted_from 须同时填写 / days and counted_from go together")
        return self


class Disease(PackLine):
    """A disease, or a form of one (`part_of`) that has its own clock or visibility."""

    title: Text
    called: list[str] = []  # what people also call it, in either language
    legal_class: Literal["A", "B", "C", "none"]
    managed_as: Literal["A", "B", "C", "local"]
    part_of: DiseaseKey | None = None
    clock_hours: int | None = Field(default=None, ge=1, le=72)  # none: not to be reported as a single case
    two_hour_forms: Text | None = None
    visibility: Literal["A", "B", "C"]
    routes: list[Route] = Field(min_length=1)
    incubation: Incubation | None = None
    serial_interval: SerialInterval | None = None  # none: no Rt is shown
    exclusion: Exclusion | None = None
    season_months: list[Annotated[int, Field(ge=1, le=12)]] = []  # empty: all the year
    syndromes: list[SyndromeKey] = []

    @property
    def is_statutory(self) -> bool:
        """Tell whether the disease is one of those the law lists by name."""
        return self.legal_class != "none" and self.part_of is None


class Symptom(PackLine):
    """A sign or complaint that anybody at a door can tick."""

    title: Text
    plain_words: Text
    ten_symptom_list: bool = False
    urgent: bool = False  # call 120 first, report afterwards
    group: Literal["general", "respiratory", "digestive", "skin", "nervous", "eye", "bleeding", "other"]


class Syndrome(PackLine):
    """A pattern of symptoms; every group must be met, one symptom of a group is enough."""

    title: Text
    definition: Text
    groups: list[list[SymptomKey]] = []
    declared_only: bool = False  # never derived from symptoms: a health post declares it
    two_hour: bool = False
    visibility: Literal["A", "B", "C"] = "C"

    @model_validator(mode="after")
    def _derived_or_declared(self) -> Self:
        if bool(self.groups) == self.declared_only:
            raise ValueError(
                "要么列出症状组，要么 declared_only / list groups of symptoms or set declared_only"
            )
        return self

    def is_met_by(self, symptoms: frozenset[str] | set[str]) -> bool:
        """Say whether these symptoms make the syndrome; one that is declared only is never met."""
        return bool(self.groups) and all(symptoms.intersection(group) for group in self.groups)


class EventGauge(PackLine):
    """From how many on a happening in one place must be reported as a public health event."""

    title: Text
    conditions: list[ConditionKey] = []
    hazard: Literal[
        "infection",
        "food_poisoning",
        "occupational_poisoning",
        "other_poisoning",
        "environment",
        "vaccination",
    ]
    counts: Literal["cases", "admitted", "deaths"]
    at_least: int = Field(ge=1)
    within_days: int | None = Field(default=None, ge=1)  # none: at one happening, whatever the time
    place: Literal["unit", "village_or_community", "subdistrict", "district"]
    report_hours: int = Field(ge=1)
    words: Text


class OwnItem(PackModel):
    """Something a form counts that is no symptom: a class of medicine, a topic of calls, persons absent."""

    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: Text
    points_to: list[SyndromeKey] = []  # what a rise in it may mean


class CountForm(PackLine):
    """What a unit counts on a day, who sends it, and until when; it takes `minutes` to fill in."""

    title: Text
    senders: list[PostKey] = Field(min_length=1)  # for the unit they work at, or the area of their post
    relays: list[PostKey] = []  # may hand over, with a file, the counts of all units in their ranges
    facility_kinds: list[FacilityKindKey] = []  # none: counts of an area, not of a unit
    by_group: bool = False  # by class, floor or dormitory
    group_word: Text | None = None
    of: Text | None = None  # what the numbers are a part of: pupils enrolled, visits, tests
    own_items: list[OwnItem] = []
    symptoms: list[SymptomKey] = []
    deadline: time  # of the counted day, Asia/Shanghai
    days: Literal["every", "working", "term"] = "every"
    sources: list[Literal["page", "counts", "csv"]] = ["page", "counts", "csv"]
    minutes: int = Field(default=1, ge=1, le=30)

    @property
    def items(self) -> list[str]:
        """Return the keys of what is counted, in the form's order."""
        return [*(item.key for item in self.own_items), *self.symptoms]

    @model_validator(mode="after")
    def _counts_something_once(self) -> Self:
        if not self.items or len(self.items) != len(set(self.items)):
            raise ValueError("至少计数一项且不得重复 / count at least one item, and each once")
        if self.by_group and not (self.facility_kinds and self.group_word):
            raise ValueError(
                "按班级计数须有单位类型和组的叫法 / by_group needs facility_kinds and group_word"
            )
        return self


class SchoolTerm(PackLine):
    """A stretch of days on which schools and kindergartens are in session; both ends counted."""

    title: Text
    starts_on: date
    ends_on: date

    @model_validator(mode="after")
    def _begins_first(self) -> Self:
        if self.ends_on <= self.starts_on:
            raise ValueError("学期结束早于开始 / a term ends before it begins")
        return self


register_section("diseases", Disease)
register_section("symptoms", Symptom)
register_section("syndromes", Syndrome)
register_section("event_gauge", EventGauge)
register_section("count_forms", CountForm)
register_section("school_terms", SchoolTerm)
