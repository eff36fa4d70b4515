"""Hang on one person all that hangs on another, in whatever app, and take it back."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Model, QuerySet

from anlan.foundation.scoped_models import follows, references_to
from anlan.people.models import Merge, Resident, SearchToken

# By "app.Model.field": ids of rows that were hung on the one kept (moved), that hung there before (own), and
# rows the one kept had already, which a unique key let stand once (dropped, written out).
Hung = dict[str, dict[str, Any]]


def hang_on(kept: Resident, gone: Resident) -> Hung:
    """Hang every row that points to `gone` on `kept`; return what was done, for `take_back`.

    A row that the one kept has already, by a unique key, is dropped and remembered.
    """
    hung: Hung = {}
    for model, name in _references():
        own = [str(pk) for pk in _rows(model, name, kept.pk).values_list("pk", flat=True)]
        moved, dropped = _move(model, name, gone, kept)
        if own or moved or dropped:
            hung[f"{model._meta.label}.{name}"] = {"own": own, "moved": moved, "dropped": dropped}
    return hung


def take_back(hung: Hung, kept: Resident, gone: Resident) -> None:
    """Hang on `gone` again what was taken from it and still hangs on `kept`."""
    for model, name in _references():
        done = hung.get(f"{model._meta.label}.{name}")
        if done:
            _rows(model, name, kept.pk).filter(pk__in=done["moved"]).update(**_hung_on(model, name, gone))
            for columns in done["dropped"]:
                model(**read(model, columns)).save(force_insert=True)


def since(hung: Hung, kept: Resident) -> tuple[int, int]:
    """Return how many rows were hung on `kept` since, and how many of those moved are no longer there.

    Merges are not counted: a later one has to be undone first.
    """
    new = lost = 0
    for model, name in _references():
        if model is Merge:
            continue
        done = hung.get(f"{model._meta.label}.{name}", {"own": [], "moved": []})
        now = {str(pk) for pk in _rows(model, name, kept.pk).values_list("pk", flat=True)}
        new += len(now - set(done["own"]) - set(done["moved"]))
        lost += len(set(done["moved"]) - now)
    return new, lost


def written(row: Model) -> dict[str, str | None]:
    """Return every column of a row as text, so that the row can be made again as it was."""
    return {
        field.attname: None if getattr(row, field.attname) is None else field.value_to_string(row)
        for field in row._meta.concrete_fields
    }


def read(model: type[Model], columns: Mapping[str, str | None]) -> dict[str, Any]:
    """Return the values of columns that `written` wrote."""
    fields = {field.attname: field for field in model._meta.concrete_fields}
    return {name: None if text is None else fields[name].to_python(text) for name, text in columns.items()}


def _references() -> list[tuple[type[Model], str]]:
    return [(model, name) for model, name in references_to(Resident) if model is not SearchToken]


def _rows(model: type[Model], name: str, person: UUID) -> QuerySet[Model]:
    return model._base_manager.filter(**{name: person})


def _hung_on(model: type[Model], name: str, person: Resident) -> dict[str, Any]:
    place = {"area_code": person.area_code} if follows(model) else {}
    return {name: person.pk, **place}


def _move(
    model: type[Model], name: str, gone: Resident, kept: Resident
) -> tuple[list[str], list[dict[str, str | None]]]:
    moved, twice = [], []
    for row in _rows(model, name, gone.pk):
        try:
            with transaction.atomic():
                model._base_manager.filter(pk=row.pk).update(**_hung_on(model, name, kept))
            moved.append(str(row.pk))
        except IntegrityError:
            twice.append(row)
    dropped = [written(row) for row in twice]
    for row in twice:
        row.delete()
    return moved, dropped
