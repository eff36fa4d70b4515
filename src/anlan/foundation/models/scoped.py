"""The base of every table whose rows belong to a place."""

from typing import Any, ClassVar, Literal

from django.db import models

from anlan.foundation.ids import new_id


class AreaCodeField(models.TextField):  # type: ignore[type-arg]
    """Where the matter lies: digits, compared byte by byte so that an area and all below is one range."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["db_collation"] = "C"
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """Leave the collation out: it is this field's own."""
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("db_collation", None)
        return name, path, args, kwargs


class Scoped(models.Model):
    """A row of a place. Each concrete model says what a redraw does with it and needs a policy.

    `on_redraw`: "moves" for people, premises and open work, "stays" for facts.
    `redraw_with`: of one that moves, the foreign keys to the row it lies with and moves along; () for one
    that lies by itself. `on_redraw_clash`: what becomes of a row whose unique key another has there already.
    `read_purposes`: purposes one of which the policy demands, () for none.
    """

    on_redraw: ClassVar[Literal["moves", "stays"]]
    redraw_with: ClassVar[tuple[str, ...]] = ()
    on_redraw_clash: ClassVar[Literal["stays", "refuses"]] = "stays"
    read_purposes: ClassVar[tuple[str, ...]] = ()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    area_code = AreaCodeField()

    class Meta:
        abstract = True
