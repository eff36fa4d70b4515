"""Pack sections of workorders: stages, kinds of order with minutes a stage, call-and-respond."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from anlan.foundation.packs import PackLine, PackModel, Ref, Text, register_section

PostKey = Annotated[str, Ref("posts")]
Template = Literal["seven_stages", "hotline"]


StageKey = Literal[
    "collected", "filed", "dispatched", "handled", "fed_back", "checked", "closed", "evaluated"
]  # rules.Stage


class OrderStage(PackLine):
    """One stage of a template of orders: which states it names, and in which its time runs."""

    title: Text
    template: Template
    rank: int = Field(ge=1)
    names: list[StageKey] = Field(min_length=1)
    runs_while: list[StageKey] = Field(min_length=1)
    acts: list[Text] = Field(min_length=1)  # two where one stage has two acts (checked, closed)


class StageMinutes(PackModel):
    """How long a kind of order may stay in one stage."""

    stage: Annotated[str, Ref("order_stages")]
    minutes: int = Field(ge=1)
    counted: Literal["elapsed", "worktime"] = "elapsed"


class OrderKind(PackLine):
    """A kind of work order."""

    title: Text
    template: Template
    accountable: PostKey
    assists: list[PostKey] = []
    asked_by: list[PostKey] = []
    checked_by: list[PostKey] = Field(min_length=1)
    urgent: bool = False  # rings outside duty hours
    needs_admission: bool  # addressed to a community or grid: passes the gate unless an activation asks
    list_item: Annotated[str, Ref("lists")] | None = None  # what it rests on at the gate without an admission
    estimated_minutes: int = Field(ge=1)  # of the person who does it
    extensions: int = Field(default=0, ge=0)
    dispatched_by: list[PostKey] = []  # who files and dispatches what was raised; else checked_by
    decided_by: list[PostKey] = []  # who decides a refusal to come
    escalates_to: list[PostKey] = []  # who is told of what is overdue; else checked_by
    stages: list[StageMinutes] = Field(min_length=1)
    checklist: Annotated[str, Ref("checklists")] | None = None
    done_when: Text

    @model_validator(mode="after")
    def _stages_differ(self) -> Self:
        names = [stage.stage for stage in self.stages]
        if len(names) != len(set(names)):
            raise ValueError("同一阶段写了两次 / a stage is written twice")
        return self


class CallAndRespond(PackLine):
    """A situation a community calls departments for: who leads, who assists, how soon they arrive."""

    title: Text
    situation: Text
    leads: PostKey
    assists: list[PostKey] = []
    joined_by: list[Annotated[str, Ref("bodies")]] = []  # bodies of the community whose posts come too
    arrival_minutes: int = Field(ge=1)
    first_steps: Text
    call_first: Literal["110", "119", "120", "none"] = "none"


class ProblemCategory(PackLine):
    """What a problem raised from a grid is about."""

    title: Text
    hint: Text
    icon: str = "message"
    at_home: bool = False  # somebody waits at home to be helped


register_section("order_stages", OrderStage)
register_section("order_kinds", OrderKind)
register_section("call_and_respond", CallAndRespond)
register_section("problem_categories", ProblemCategory)
