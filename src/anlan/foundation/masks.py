"""Decide in one place what an actor sees of a field: for page, API, export, map, search, sync alike.

Whether the row is seen at all is the database's decision (row security); this one is about the field.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Model

from anlan.foundation.actor import Actor
from anlan.foundation.crypto import decrypt, decrypt_many
from anlan.foundation.register import FieldEntry, context_of, entry_of

DOTS = "**"
SMALL_COUNT = 5  # counts below it tell of single persons (SAFETY.md, privacy rule on small cells)
DOUBLE_SURNAMES = frozenset(
    "欧阳 上官 司马 司徒 诸葛 皇甫 尉迟 公孙 慕容 长孙 宇文 令狐 夏侯 东方 南宫 西门 端木 澹台 万俟 钟离 轩辕 闻人".split()  # noqa: E501, SIM905
)


def visible(
    actor: Actor | None, model: str | type[Model], field: str, value: Any, *, revealed: bool = False
) -> Any:
    """Return what this actor sees of a field's value: plain, masked, or nothing.

    `value` is as the row holds it; encrypted values are decrypted here. A field with a masked form is plain
    only where `revealed` says that the actor has asked for it and the asking is on record (reveal_fields).
    Raises KeyError for a field that stands in no register.
    """
    entry = entry_of(model, field)
    if value is None or value == "":
        return value
    entitled = entry.is_seen_by(actor.purposes if actor else frozenset())
    if entry.mask == "none":
        return _plain(model, field, entry, value) if entitled else DOTS
    if entitled and revealed:
        return _plain(model, field, entry, value)
    if entry.mask == "text":
        return DOTS
    return mask(entry.mask, _plain(model, field, entry, value))


def visible_many(
    actor: Actor | None,
    model: str | type[Model],
    field: str,
    values: Sequence[Any],
    *,
    revealed: bool = False,
) -> list[Any]:
    """Return what this actor sees of one field of many rows: as `visible` for each, decided once."""
    entry = entry_of(model, field)
    entitled = entry.is_seen_by(actor.purposes if actor else frozenset())
    if entry.mask == "text" or (entry.mask == "none" and not entitled):
        return [visible(actor, model, field, value, revealed=revealed) for value in values]
    plain = _plain_many(model, field, entry, values)
    if entry.mask == "none" or (entitled and revealed):
        return plain
    shown = MASKED[entry.mask]
    return [shown(value) if value is not None and value != "" else value for value in plain]


def visible_fields(actor: Actor | None, row: Model, *fields: str, revealed: bool = False) -> dict[str, Any]:
    """Return what this actor sees of several fields of a row."""
    label = row._meta.label
    return {name: visible(actor, label, name, getattr(row, name), revealed=revealed) for name in fields}


def can_reveal(actor: Actor, model: str | type[Model], field: str) -> bool:
    """Say whether the actor's post may ask to see a field that is masked by default."""
    entry = entry_of(model, field)
    return entry.mask != "none" and entry.is_seen_by(actor.purposes)


def visible_count(actor: Actor | None, count: int) -> int | None:
    """Return a count of persons, or None where it is so small that it tells who they are."""
    if actor is not None and actor.has_purpose("health"):
        return count
    return None if 0 < count < SMALL_COUNT else count


def mask(form: str, value: Any) -> str:
    """Return the masked form of a plain value; its length tells nothing."""
    return MASKED[form](value)


def _plain(model: str | type[Model], field: str, entry: FieldEntry, value: Any) -> Any:
    if entry.encrypted is False or not isinstance(value, bytes | memoryview):
        return value
    return decrypt(bytes(value), context=context_of(model, field))


def _plain_many(model: str | type[Model], field: str, entry: FieldEntry, values: Sequence[Any]) -> list[Any]:
    if entry.encrypted is False:
        return list(values)
    context = context_of(model, field)
    at = [place for place, value in enumerate(values) if value and isinstance(value, bytes | memoryview)]
    plain = list(values)
    for place, text in zip(at, decrypt_many((values[place] for place in at), context=context), strict=True):
        plain[place] = text
    return plain


def _name(name: str) -> str:
    """姓 + **; of a name in Latin letters the first letter."""
    surname = name[:2] if name[:2] in DOUBLE_SURNAMES and len(name) > 2 else name[:1]
    return surname + DOTS


def _id_number(number: str) -> str:
    """2 + 2: the province and the end; a number too short for that shows nothing."""
    return f"{number[:2]}**************{number[-2:]}" if len(number) > 8 else DOTS


def _phone(number: str) -> str:
    """3 + 2."""
    return f"{number[:3]}******{number[-2:]}" if len(number) > 7 else DOTS


def _year(day: date | str) -> str:
    """The year of a date alone."""
    return str(day)[:4]


def _nothing(value: object) -> str:
    return DOTS


MASKED: Mapping[str, Callable[[Any], str]] = {
    "name": _name,
    "id_number": _id_number,
    "phone": _phone,
    "door": _nothing,
    "year": _year,
    "text": _nothing,
}
