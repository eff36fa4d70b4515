"""Pack sections of people: kinds of key people, what help they want, lines of liaison, privacy notices."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from anlan.foundation.packs import PackLine, Ref, Text, register_section


class KeyPeopleKind(PackLine):
    """A reason, agreed to by the person, to be looked in on."""

    title: Text
    who: Text
    basis: Literal["consent", "statutory_duty"]
    visit_every_days: int = Field(ge=1)
    brought_forward_by: list[Literal["heat", "cold", "influenza", "power_cut", "water_cut", "flood"]] = []
    consent_valid_days: int = Field(ge=1)
    health_posts_only: bool = False
    min_age_years: int | None = None
    max_age_years: int | None = None


class PrivacyNotice(PackLine):
    """What a person is told before data are asked for, by purpose."""

    title: Text
    purpose: Annotated[str, Ref("purposes")]
    basis: Literal["consent", "statutory_duty", "emergency", "public_service"]
    collected: Text
    text: Text
    read_aloud: Text
    kept_days: int = Field(ge=0)
    kept_from: Literal["collected", "closed", "event_ended", "duty_ended"]
    may_refuse: bool


class ServiceNeed(PackLine):
    """What help somebody who is looked in on may want, in words fit for the door."""

    title: Text


class LiaisonLine(PackLine):
    """A line by which somebody answers for each household: a tier of a contract, a liaison, a doctor."""

    title: Text
    group: Text  # what the line is part of
    tier: Annotated[str, Ref("levels")]  # the level the holder answers at
    duties: Text
    held_by: list[Annotated[str, Ref("posts")]] = []  # empty means any member the assigning post names
    expects: Literal["every_household", "consenting", "key_people"]  # which households should be covered
    most_per_holder: int = Field(ge=1)  # beyond it the holder counts as overloaded
    team: Annotated[str, Ref("bodies")] | None = None  # covered only when each seat of it is taken
    template_not_in_source: bool = False  # the source names the line without defining it

    @model_validator(mode="after")
    def _team_takes_its_own_posts(self) -> Self:
        if self.team and self.held_by:
            raise ValueError("有 team 时岗位由席位决定，不写 held_by / the team's seats say who may hold it")
        return self


register_section("key_people", KeyPeopleKind)
register_section("service_needs", ServiceNeed)
register_section("liaison_lines", LiaisonLine)
register_section("notices", PrivacyNotice)
