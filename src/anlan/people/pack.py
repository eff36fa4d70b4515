"""Pack sections of people: kinds of key people and the privacy notices shown before data are asked for."""

from typing import Annotated, Literal

from pydantic import Field

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


register_section("key_people", KeyPeopleKind)
register_section("notices", PrivacyNotice)
