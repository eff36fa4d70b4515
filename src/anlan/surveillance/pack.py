"""Pack sections of surveillance: indicators, rules, clocks, budget, risk, products, rehearsed delays."""

import string
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from anlan.foundation.clock import SHANGHAI
from anlan.foundation.packs import PackLine, PackModel, Ref, Text, register_section

ConditionKey = Annotated[str, Ref("diseases", "syndromes")]
PostKey = Annotated[str, Ref("posts")]
PlaceKind = Literal[
    "class", "dormitory", "household", "building", "unit", "grid", "community", "subdistrict", "district"
]
PLACEHOLDERS = frozenset({"condition", "count", "days", "place", "limit", "first_on", "last_on"})
SCORED_PLACEHOLDERS = frozenset({"condition", "days", "place", "parts", "chance"})
FIXED_KINDS = frozenset({"single_case", "k_in_days"})  # statutory: never held back by the alert budget
Detector = Literal["shrunken_exact", "ears_c1", "ears_c2", "ears_c3", "moving_percentile", "daily_regression"]


def placeholders(sentence: str) -> set[str]:
    """Name the {…} of a sentence; raise ValueError where a brace is not closed."""
    return {
        name for _text, name, _spec, _conversion in string.Formatter().parse(sentence) if name is not None
    }


class Indicator(PackLine):
    """One daily count a grid: case reports of some conditions, or items of a count form."""

    title: Text
    source_name: Text  # what a sentence calls the source: 学校, 药店, 诊所
    condition: ConditionKey  # what a signal over it is about
    reports: list[ConditionKey] = []  # counts case reports of these …
    form: str = ""  # … or what this count form says …
    items: list[str] = []  # … of these items (empty: all)
    present: bool = False  # the same people are counted again each day, so days are not added up
    persons: bool = True  # counts people who are ill; sales and calls are not people

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if bool(self.reports) == bool(self.form):
            raise ValueError("reports 与 form 填一个且只填一个 / fill in exactly one of reports and form")
        return self


IndicatorKey = Annotated[str, Ref("indicators")]


class Rule(PackLine):
    """When counts in one place make a signal, and the sentence that says why.

    `single_case` and `k_in_days` count case reports of `conditions`, or the counts of `indicators`. `excess`
    lets a detector of early_warning judge each indicator alone, `fused` all of them together.
    """

    title: Text
    kind: Literal["single_case", "k_in_days", "excess", "fused"]
    conditions: list[ConditionKey] = []
    indicators: list[IndicatorKey] = []
    per: list[PlaceKind] = Field(min_length=1)
    facility_kinds: list[Annotated[str, Ref("facility_kinds")]] = []  # for unit, class, dormitory; empty: any
    at_least: int = Field(ge=1)
    within_days: int = Field(ge=1)
    local_cases_only: bool = False  # imported cases do not count
    detector: Detector | None = None
    chance_below: float | None = Field(default=None, gt=0, lt=0.5)  # how rarely chance alone may do this
    urgency: Literal["two_hour", "same_day", "routine"]
    receives: list[PostKey] = Field(min_length=1)
    words: Text

    @property
    def is_fixed(self) -> bool:
        """Say whether the rule is a fixed number, which no budget holds back."""
        return self.kind in FIXED_KINDS

    @model_validator(mode="after")
    def _kind_fits_numbers(self) -> Self:
        if self.is_fixed and (self.kind == "single_case") != (self.at_least == 1):
            raise ValueError(
                "single_case 的 at_least 是 1，k_in_days 至少 2 / single_case has at_least 1, others 2"
            )
        return self

    @model_validator(mode="after")
    def _kind_fits_what_it_counts(self) -> Self:
        if bool(self.conditions) == bool(self.indicators) or (self.conditions and not self.is_fixed):
            raise ValueError(
                "conditions 与 indicators 填一个且只填一个，统计规则填 indicators / "
                "exactly one of conditions and indicators; statistical rules take indicators"
            )
        judged = self.detector is not None and self.chance_below is not None
        if judged == self.is_fixed:
            raise ValueError(
                "excess 和 fused 须写 detector 与 chance_below，其他不写 / "
                "excess and fused need detector and chance_below, others have none"
            )
        if not self.is_fixed and set(self.per) - {"grid", "community", "subdistrict", "district"}:
            raise ValueError("统计规则按网格及以上 / statistical rules are per grid or larger area")
        return self

    @model_validator(mode="after")
    def _words_can_be_filled(self) -> Self:
        chinese, english = placeholders(self.words.zh), placeholders(self.words.en)
        allowed = PLACEHOLDERS if self.is_fixed else SCORED_PLACEHOLDERS
        if chinese != english:
            raise ValueError("中英文的占位符不同 / the two languages use different placeholders")
        if chinese - allowed:
            known = ", ".join(sorted(allowed))
            raise ValueError(f"占位符只能是 {known} / placeholders are {known}")
        return self


class Clock(PackLine):
    """A time limit of a signal, of a public health event or of a warning product."""

    title: Text
    of: Literal["signal", "event", "product"]
    step: str
    minutes: int = Field(ge=1)
    night_minutes: int | None = Field(default=None, ge=1)
    two_hour_minutes: int | None = Field(default=None, ge=1)  # for conditions on the two-hour list
    night_from_hour: int = Field(default=22, ge=0, le=23)
    night_until_hour: int = Field(default=6, ge=0, le=23)
    counted_from: Text
    owner: PostKey
    then: PostKey | None = None  # who is told when it has run out

    def is_night(self, moment: datetime) -> bool:
        """Say whether a moment lies in the night hours of the district."""
        hour = moment.astimezone(SHANGHAI).hour
        if self.night_from_hour < self.night_until_hour:
            return self.night_from_hour <= hour < self.night_until_hour
        return hour >= self.night_from_hour or hour < self.night_until_hour

    def limit_minutes(self, *, is_night: bool = False, is_two_hour: bool = False) -> int:
        """Return the limit that applies; a two-hour condition has the same clock by day and by night."""
        if is_two_hour and self.two_hour_minutes is not None:
            return self.two_hour_minutes
        return self.night_minutes if is_night and self.night_minutes is not None else self.minutes


class AlertBudget(PackLine):
    """How many new signals a desk may be given before rules must be thought over."""

    title: Text
    desk: Literal["cdc", "community", "grid"]
    at_most: int = Field(ge=0)
    per_days: int = Field(ge=1)


class RiskGrade(PackLine):
    """A grade of the risk assessment and what follows from it."""

    title: Text
    rank: int = Field(ge=1)
    meaning: Text
    products: list[
        Annotated[str, Ref("warning_products")]
    ] = []  # at least one; none means routine monitoring


class RiskQuestion(PackLine):
    """One question of the risk assessment form."""

    title: Text
    part: Literal["likelihood", "impact", "vulnerability", "uncertainty"]
    choices: list[Text] = Field(min_length=2)  # from the lightest to the gravest


class RiskRow(PackLine):
    """One row of the risk matrix: the grade for impact 1 to 5 at this likelihood."""

    likelihood: int = Field(ge=1, le=5)
    grades: list[Annotated[str, Ref("risk_grades")]] = Field(min_length=5, max_length=5)
    vulnerable_grades: list[Annotated[str, Ref("risk_grades")]] = Field(min_length=5, max_length=5)
    vulnerable_from: int = Field(default=4, ge=1, le=5)  # from this vulnerability on the second list holds


class ProductTemplate(PackModel):
    """The words of a product for three ways of reaching people."""

    plain: Text
    large_type: Text
    broadcast: Text


class WarningProduct(PackLine):
    """One of the three products of a warning: formed, passed on, answered, fed back."""

    title: Text
    audience: Text
    formed_by: list[PostKey] = Field(min_length=1)
    signed_by: list[PostKey] = Field(min_length=1)
    sent_to: list[PostKey] = []  # posts whose areas or units are concerned; empty: the public
    told_only_for: dict[
        str, list[str]
    ] = {}  # post: groups of facilities; told where the place is one of them
    answer_minutes: int | None = Field(default=None, ge=1)
    must_say: list[Text] = Field(min_length=1)
    must_not_say: list[Text] = []
    template: ProductTemplate


class ResponseDelay(PackLine):
    """How long the scripted staff of a replay take over one step."""

    title: Text
    step: str
    post: PostKey
    minutes: int = Field(ge=0)
    two_hour_minutes: int | None = Field(default=None, ge=0)


register_section("indicators", Indicator)
register_section("rules", Rule)
register_section("clocks", Clock)
register_section("alert_budget", AlertBudget)
register_section("risk_grades", RiskGrade)
register_section("risk_questions", RiskQuestion)
register_section("risk_matrix", RiskRow)
register_section("warning_products", WarningProduct)
register_section("response_delays", ResponseDelay)
