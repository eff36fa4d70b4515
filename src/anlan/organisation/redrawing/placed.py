"""All that lies in an area and moves with it: the registry of models, and the few open to all staff."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from django.db.models import F, Field, Model, UniqueConstraint
from django.db.models.fields import BigAutoField, BigIntegerField

from anlan.foundation.scoped_models import follows, scoped_models
from anlan.organisation.models import Member, Patch, Post, PostRange, Setting


@dataclass(frozen=True, slots=True)
class Placed:
    """A model whose rows a redraw moves: the column of their area, and the row they lie with."""

    model: type[Model]
    column: str = "area_code"
    with_fields: tuple[str, ...] = ()  # foreign keys; such a row moves along with the one it points to
    clash: str = "stays"
    among: str = "true"  # SQL: which rows move at all

    @property
    def label(self) -> str:
        """Return the model's label, by which moves are kept."""
        return self.model._meta.label

    @property
    def table(self) -> str:
        """Return the model's table, quoted."""
        return f'"{self.model._meta.db_table}"'

    @property
    def key(self) -> str:
        """Return the SQL of a row's id as a UUID; numbers are written as one."""
        if isinstance(self.model._meta.pk, BigAutoField | BigIntegerField):
            return "lpad(to_hex(t.id), 32, '0')::uuid"
        return "t.id"

    @property
    def is_leaf(self) -> bool:
        """Say whether its rows have no id of their own and only ever move along: search tokens."""
        return self.model._meta.pk is not None and len(self.model._meta.pk_fields) > 1

    @property
    def parents(self) -> list[tuple[str, str]]:
        """Return the label of each model whose rows its own lie with, and the column that points there."""
        fields = [self.model._meta.get_field(name) for name in self.with_fields]
        return [(_label_of(field.related_model), f'"{getattr(field, "column")}"') for field in fields]  # noqa: B009

    def unique_keys(self) -> Iterator[tuple[str, ...]]:
        """Yield, for each unique key that the area is part of, its other columns."""
        for constraint in self.model._meta.constraints:
            if isinstance(constraint, UniqueConstraint):
                named = (str(vars(one)["name"]) for one in constraint.expressions if isinstance(one, F))
                names = constraint.fields or tuple(named)
                if self.column in names:
                    fields = (self.model._meta.get_field(name) for name in names if name != self.column)
                    yield tuple(field.column for field in fields if isinstance(field, Field) and field.column)


UNSCOPED = (
    Placed(Post, with_fields=("facility",)),
    Placed(PostRange, column="code", with_fields=("post",)),
    Placed(Member),
    Placed(Setting, among="{t}.ends_at IS NULL"),  # what is no longer in force is history
    Placed(Patch, among="{t}.ends_at IS NULL"),  # its grids: patched.py
)


@cache
def placed_models() -> tuple[Placed, ...]:
    """Return all that moves, each after what it moves along with."""
    known = [*UNSCOPED, *(_scoped(model) for model in scoped_models() if follows(model))]
    ordered: list[Placed] = []
    while known:
        there = {had.label for had in ordered}
        ready = [one for one in known if all(label in there for label, _column in one.parents)]
        if not ready:
            raise RuntimeError(f"rows that lie with one another in a circle: {[one.label for one in known]}")
        ordered += ready
        known = [one for one in known if one not in ready]
    return tuple(ordered)


def _scoped(model: type[Model]) -> Placed:
    along, clash = getattr(model, "redraw_with", ()), getattr(model, "on_redraw_clash", "stays")
    return Placed(model, with_fields=along, clash=clash)


def _label_of(model: object) -> str:
    assert isinstance(model, type) and issubclass(model, Model)
    return model._meta.label
