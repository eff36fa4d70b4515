"""Pack section `mechanisms`: what the source of a pack names, and where in the product each of it lives."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from anlan.foundation.packs import Line, PackLine, PackModel, Ref, Text, register_section
from anlan.organisation.pack import FacilityKindKey

CatalogueRow = Annotated[str, StringConstraints(pattern=r"^M\d{3}$")]
PageName = Annotated[str, StringConstraints(pattern=r"^[a-z_]+$")]
OWN_AREA = "{district}"  # as an argument of a page: the code of the district that is looked at


class LiveObject(PackModel):
    """Where a mechanism lives: exactly one of these."""

    page: PageName | None = None  # the name of an address of the product
    body: Annotated[str, Ref("bodies")] | None = None
    checklist: Annotated[str, Ref("checklists")] | None = None
    facility_kinds: list[FacilityKindKey] = []
    vehicle_kind: Annotated[str, Ref("vehicle_kinds")] | None = None
    attribute: Annotated[str, Ref("attributes")] | None = None
    count_form: Annotated[str, Ref("count_forms")] | None = None
    indicator: Annotated[str, Ref("indicators")] | None = None
    order_kind: Annotated[str, Ref("order_kinds")] | None = None
    plan: Annotated[str, Ref("plans")] | None = None
    arguments: list[Line] = []  # of the page, in their order

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        named = [name for name in type(self).model_fields if name != "arguments" and getattr(self, name)]
        if len(named) != 1:
            raise ValueError(
                f"须写一项且只写一项 / exactly one is named, not {len(named)}: {', '.join(named)}"
            )
        if self.arguments and self.page is None:
            raise ValueError("arguments 只用于 page / arguments belong to a page")
        return self


class Mechanism(PackLine):
    """One arrangement the source names, in its words, with the rows of the catalogue that ask for it.

    `object` says where it lives; without one nothing is built of it yet, and the page of mechanisms says so.
    """

    title: Text
    quote: Line
    rows: list[CatalogueRow] = Field(min_length=1)
    object: LiveObject | None = None


register_section("mechanisms", Mechanism, is_whole=True)  # each pack has its own sources
