"""Pack section `grants`: what is applied for, checked, decided and revoked, and by which posts."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from anlan.affairs.pack import PostKey
from anlan.foundation.packs import PackLine, PackModel, Ref, Text, register_section

FacilityKindKey = Annotated[str, Ref("facility_kinds")]


class GrantCategory(PackModel):
    """A class of holders; with kinds of facility only for those."""

    key: str
    title: Text
    facility_kinds: list[FacilityKindKey] = []


class GrantCondition(PackModel):
    """A condition that whoever decides may attach."""

    key: str
    text: Text


class GrantPermit(PackModel):
    """Something the holder may do by this grant."""

    key: str
    title: Text


class GrantPoint(PackModel):
    """A point that is checked before the decision; one that is required stands in the way while unmet."""

    key: str
    text: Text
    required: bool = True


class GrantKind(PackLine):
    """A kind of grant to a facility: who applies, checks, decides, and how long it holds at most."""

    title: Text
    facility_kinds: list[FacilityKindKey] = Field(min_length=1)  # whose own posts apply
    categories: list[GrantCategory] = Field(min_length=1)
    relayed_by: list[PostKey] = []  # who applies on behalf of a facility of the own area
    checked_by: list[PostKey] = Field(min_length=1)
    decided_by: list[PostKey] = Field(min_length=1)
    published: bool = True  # approved it waits for its publication; else it holds at once
    published_by: list[PostKey] = []  # empty: who decides
    longest_days: int = Field(ge=1)
    renewal_days: int = Field(ge=1)  # so many days before its end it counts as expiring and may be renewed
    points: list[GrantPoint] = Field(min_length=1)
    conditions: list[GrantCondition] = []
    permits: list[GrantPermit] = []

    @model_validator(mode="after")
    def _keys_differ(self) -> Self:
        for name in ("categories", "points", "conditions", "permits"):
            keys = [row.key for row in getattr(self, name)]
            if len(keys) != len(set(keys)):
                raise ValueError(f"{name} 里有重复的 key / two of {name} share a key")
        return self

    @model_validator(mode="after")
    def _categories_fit(self) -> Self:
        for category in self.categories:
            strange = sorted(set(category.facility_kinds) - set(self.facility_kinds))
            if strange:
                raise ValueError(
                    f"类别 {category.key} 的单位类型不在 facility_kinds 里 / "
                    f"category {category.key} names kinds that may not apply: {', '.join(strange)}"
                )
        return self

    @model_validator(mode="after")
    def _renewal_is_within(self) -> Self:
        if self.renewal_days > self.longest_days:
            raise ValueError("renewal_days 不能超过 longest_days / renewal_days is more than longest_days")
        return self

    @model_validator(mode="after")
    def _unpublished_has_no_publisher(self) -> Self:
        if self.published_by and not self.published:
            raise ValueError("published_by 只用于要公布的 / published_by belongs to what is published")
        return self

    def category(self, key: str) -> GrantCategory | None:
        """Return one of its categories."""
        return next((row for row in self.categories if row.key == key), None)

    def categories_for(self, facility_kind: str) -> list[GrantCategory]:
        """Return the categories a facility of this kind may apply for."""
        return [
            row
            for row in self.categories
            if facility_kind in self.facility_kinds
            and (not row.facility_kinds or facility_kind in row.facility_kinds)
        ]


register_section("grants", GrantKind)
