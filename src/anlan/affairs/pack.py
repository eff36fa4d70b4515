"""Pack sections of affairs: the lists of what may be asked of a community, and who keeps the gate."""

from typing import Annotated, Literal

from pydantic import Field

from anlan.foundation.packs import PackLine, Ref, Text, register_section

PostKey = Annotated[str, Ref("posts")]
ListName = Literal[
    "own_duty",  # 依法履职
    "assist",  # 协助
    "certificate",  # 证明
    "seal",  # 印章
    "taken_back",  # 上级收回
    "grid_may",
    "grid_must_not",
]


class ListItem(PackLine):
    """One item of a list; its legal basis is source and article, or `basis` in words."""

    list: ListName
    title: Text
    basis: Text  # what it rests on, as a person would cite it
    lead: Text | None = None  # whose matter it is, where not the community's
    minutes: int | None = Field(default=None, ge=1)  # what it costs once


class Gate(PackLine):
    """Who decides at the gate, and by when."""

    title: Text
    decided_by: list[PostKey] = Field(min_length=1)
    reviewed_by: list[PostKey] = Field(min_length=1)  # emergencies that passed at once
    review_minutes: int = Field(ge=1)
    reviews_escalate_to: list[PostKey] = []  # who is told of a review past its time
    objections_decided_by: list[PostKey] = Field(min_length=1)
    objection_minutes: int = Field(ge=1)
    longest_days: int = Field(ge=1)  # an admission never runs longer


register_section("lists", ListItem)
register_section("gate", Gate)
