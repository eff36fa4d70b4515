"""Pack sections of response: plans, the orders they send, layers of scope, measures with their law."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from anlan.foundation.packs import PackLine, PackModel, Ref, Text, register_section

PostKey = Annotated[str, Ref("posts")]
Layer = Literal["household", "class_or_floor", "building_or_unit", "estate_or_school", "community"]
TWO_PAGES = 1800  # Chinese characters that fit on two pages of A4 in this layout


class ScopeLayer(PackLine):
    """One of the five layers of scope: who decides it, on which law, and what it roughly takes."""

    title: Text
    rank: int = Field(ge=1)  # the smallest first
    decided_by: PostKey  # the post that may approve a plan in this layer
    law: Text
    staff_minutes_fixed: int = Field(ge=0)
    staff_minutes_per_household: int = Field(ge=0)
    yuan_per_person: int = Field(ge=0)  # supplies, samples
    care_hours_per_family: int = Field(ge=0)  # a day, if pupils of this layer stay at home


class PlanOrder(PackLine):
    """An order a plan sends: to which post, about what, by when."""

    kind: Annotated[str, Ref("order_kinds")]
    to: PostKey
    where: Literal["place", "concerned"] = "place"  # once for the place, or in each area that is told
    task: Text  # without a diagnosis
    due_minutes: int = Field(ge=1)
    phase: Literal["first_hour", "first_day"]
    layers: list[Layer] = []  # sent only when the scope is one of these; empty: always
    facility_groups: list[str] = []  # sent only where the unit is of these groups; empty: always
    health_posts_only: bool = False  # seen by posts with the purpose health alone


class Trigger(PackModel):
    """When a plan is proposed for an assessed signal."""

    conditions: list[Annotated[str, Ref("diseases", "syndromes")]] = []  # none: taken by hand
    min_grade: Annotated[str, Ref("risk_grades")] = "low"
    words: Text


class LiftCondition(PackModel):
    """What must hold before a plan is lifted: counted by the system, or confirmed by a person."""

    key: str
    text: Text
    quiet_days: int | None = Field(default=None, ge=1)  # so many days since the last case of the signal


class Plan(PackLine):
    """What to do about a kind of matter, on at most two pages."""

    title: Text
    infectious: bool = True
    trigger: Trigger
    owner: PostKey
    first_hour: list[Text] = Field(min_length=1)
    first_day: list[Text] = Field(min_length=1)
    lift: list[LiftCondition] = Field(min_length=1)
    layers: list[Layer] = Field(min_length=1)  # the layers this plan knows
    orders: list[Annotated[str, Ref("plan_orders")]] = Field(min_length=1)
    measures: list[Annotated[str, Ref("measures")]] = []
    lasts_days: int = Field(ge=1)  # after it the orders to grids end by themselves unless renewed
    leaflet: Text

    @model_validator(mode="after")
    def _fits_two_pages(self) -> Self:
        words = [self.trigger.words, self.leaflet, *self.first_hour, *self.first_day]
        length = sum(len(text.zh) for text in [*words, *(one.text for one in self.lift)])
        if length > TWO_PAGES:
            raise ValueError(f"超过两页（{length} 字） / longer than two pages ({length} characters)")
        return self


Body = Literal[
    "hospital", "cdc", "disease_control", "school", "education", "market_supervision",
    "county_government", "higher_government", "community",
]  # fmt: skip


class Measure(PackLine):
    """A measure: for which classes of disease, decided by whom, how long, lifted when, with which remedy."""

    title: Text
    limits_person: bool
    disease_classes: list[Literal["A", "B", "C", "none"]] = Field(min_length=1)
    decided_by: list[Body] = Field(min_length=1)
    law: Text
    longest: Text
    longest_days: int | None = Field(default=None, ge=1)  # empty: until the condition to lift holds
    lift: Text
    remedy: Text

    @model_validator(mode="after")
    def _no_community_limits_a_person(self) -> Self:
        if self.limits_person and "community" in self.decided_by:
            raise ValueError(
                "社区不得决定限制个人的措施 / a community never decides a measure that limits a person"
            )
        return self


register_section("scope_layers", ScopeLayer)
register_section("plan_orders", PlanOrder)
register_section("measures", Measure)
register_section("plans", Plan)
