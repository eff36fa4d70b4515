"""Pack sections of the registers: what is asked of premises, vehicles and staff, and the kinds of vehicle."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from anlan.foundation.packs import Key, PackLine, PackModel, Ref, Text, register_section
from anlan.organisation.pack import FacilityKindKey

AttributeType = Literal["text", "number", "integer", "yes_no", "date", "choice", "several"]
AttributeOf = Literal["facility", "vehicle", "member"]
COUNTED: tuple[AttributeType, ...] = ("number", "integer")
CHOSEN: tuple[AttributeType, ...] = ("choice", "several")
OWN_FIELDS = frozenset(  # of the rows themselves, or of their forms and tables: no attribute is called so
    {
        "id",
        "row_id",
        "kind",
        "name",
        "address",
        "area",
        "facility",
        "state",
        "version",
        "reason",
        "form_token",
    }
)


class AttributeChoice(PackModel):
    """One of the answers that may be chosen."""

    key: Key
    title: Text


class Attribute(PackLine):
    """One thing the register keeps of a facility, vehicle or member of staff, with its type."""

    of: AttributeOf
    kinds: list[Annotated[str, Ref("facility_kinds", "vehicle_kinds")]] = []  # none named: of every kind
    title: Text
    type: AttributeType
    unit: Text | None = None
    choices: list[AttributeChoice] = []
    at_least: float | None = None
    at_most: float | None = None  # of a text: how many characters
    required: bool = False  # without it the entry counts as incomplete
    renew_days: int | None = Field(default=None, ge=1)  # to be looked at again so often

    @model_validator(mode="after")
    def _fits_its_type(self) -> Self:
        if self.key in OWN_FIELDS:
            raise ValueError("这个 key 是登记本身的字段 / this key is a field of the register itself")
        if (self.type in CHOSEN) != bool(self.choices):
            raise ValueError("choice、several 须有 choices，别的没有 / only choice, several have choices")
        keys = [choice.key for choice in self.choices]
        if len(keys) != len(set(keys)):
            raise ValueError("choices 里有重复的 key / two choices share a key")
        if self.at_least is not None and self.type not in COUNTED:
            raise ValueError("at_least 只用于数 / at_least is for numbers")
        if self.at_most is not None and self.type not in (*COUNTED, "text"):
            raise ValueError("at_most 只用于数和文字 / at_most is for numbers and texts")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError("at_least 大于 at_most / at_least is above at_most")
        return self


class VehicleKind(PackLine):
    """A sort of vehicle in the register."""

    title: Text
    expected_at: list[FacilityKindKey] = []  # facilities of these kinds should have one


register_section("attributes", Attribute)
register_section("vehicle_kinds", VehicleKind)
