"""The register of fields: why each is held, on what basis, for how long, and who sees it (SAFETY.md rule 1).

Each app writes `field_register.yaml` beside its models:

    models:
      Household:
        _: {purpose: …, basis: …, necessity: …, level: …, retention: …, who: […]}   # for all fields below
        room: {mask: door}            # only what differs
        unit building: {}             # several fields at once
        id area_code version: technical   # a group of foundation/field_register.yaml

A field of a model that stands in no register, or the other way round, fails the system check.
"""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml
from django.apps import AppConfig, apps
from django.db.models import Model
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

FILE = "field_register.yaml"
EVERYBODY = "all"  # in `who`: every post whose scope reaches the row
DEFAULTS = "_"

Level = Literal["public", "internal", "personal", "sensitive"]
Mask = Literal["none", "name", "id_number", "phone", "door", "year", "text"]


class RegisterInvalid(ValueError):
    """A register cannot be read; the text names file, model and field."""


class _Words(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    zh: str
    en: str


class FieldEntry(BaseModel):
    """What the register says about one field."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    purpose: _Words
    basis: str  # a key of `bases`
    necessity: _Words
    level: Level
    retention: str  # a key of `retentions`
    who: tuple[str, ...]  # purposes of the posts that may see it plain
    mask: Mask = "none"  # how others see it, and everybody until it is shown on request
    encrypted: bool | str = False  # true, or the context the value is bound to

    @field_validator("who", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    def is_seen_by(self, purposes: frozenset[str]) -> bool:
        """Say whether a post with these purposes may see the field plain."""
        return EVERYBODY in self.who or not purposes.isdisjoint(self.who)


class Register(BaseModel):
    """All registers together."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bases: dict[str, _Words]
    retentions: dict[str, _Words]
    fields: dict[str, dict[str, FieldEntry]]  # model label → field → entry


def entry_of(model: str | type[Model], field: str) -> FieldEntry:
    """Return what the register says about a field; raise KeyError where it says nothing."""
    label = model if isinstance(model, str) else model._meta.label
    return read_register().fields[label][field]


def context_of(model: str | type[Model], field: str) -> str:
    """Return the context that an encrypted field's values are bound to (crypto.encrypt)."""
    label = model if isinstance(model, str) else model._meta.label
    encrypted = entry_of(label, field).encrypted
    return encrypted if isinstance(encrypted, str) else f"{label}.{field}"


def own_apps() -> list[AppConfig]:
    """Return the installed apps of this product."""
    return [config for config in apps.get_app_configs() if config.name.startswith("anlan.")]


def fields_of_models() -> Iterator[tuple[str, str]]:
    """Yield (model label, field) for every stored field of every model of this product."""
    for config in own_apps():
        for model in config.get_models():
            if not model._meta.proxy:
                for field in (*model._meta.local_concrete_fields, *model._meta.local_many_to_many):
                    yield model._meta.label, field.name


@lru_cache(maxsize=1)
def read_register() -> Register:
    """Return the registers of all installed apps; raise RegisterInvalid."""
    shared = _load(Path(apps.get_app_config("foundation").path) / FILE)
    groups: dict[str, Any] = shared.get("groups", {})
    fields: dict[str, dict[str, FieldEntry]] = {}
    for config in own_apps():
        path = Path(config.path) / FILE
        if path.exists():
            for model, rows in _load(path).get("models", {}).items():
                label = f"{config.label}.{model}"
                fields[label] = _entries(f"{path.parent.name}/{FILE}: {label}", rows or {}, groups)
    try:
        register = Register(bases=shared["bases"], retentions=shared["retentions"], fields=fields)
    except (ValidationError, KeyError) as error:
        raise RegisterInvalid(f"foundation/{FILE}: {error}") from error
    _check_terms(register)
    return register


def _load(path: Path) -> dict[str, Any]:
    try:
        loaded = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except (OSError, yaml.YAMLError) as error:
        raise RegisterInvalid(f"{path.parent.name}/{FILE}: {error}") from error
    return loaded or {}


def _entries(place: str, rows: dict[str, Any], groups: dict[str, Any]) -> dict[str, FieldEntry]:
    defaults = rows.get(DEFAULTS, {})
    entries: dict[str, FieldEntry] = {}
    for names, said in rows.items():
        if names == DEFAULTS:
            continue
        if isinstance(said, str) and said not in groups:
            raise RegisterInvalid(f"{place}.{names}: there is no group {said!r}")
        whole = groups[said] if isinstance(said, str) else {**defaults, **(said or {})}
        for name in names.split():
            if name in entries:
                raise RegisterInvalid(f"{place}.{name} stands twice")
            try:
                entries[name] = FieldEntry.model_validate(whole)
            except ValidationError as error:
                raise RegisterInvalid(f"{place}.{name}: {error}") from error
    return entries


def _check_terms(register: Register) -> None:
    for label, rows in register.fields.items():
        for name, entry in rows.items():
            if entry.basis not in register.bases:
                raise RegisterInvalid(f"{label}.{name}: there is no basis {entry.basis!r}")
            if entry.retention not in register.retentions:
                raise RegisterInvalid(f"{label}.{name}: there is no retention {entry.retention!r}")
            if entry.level == "sensitive" and (EVERYBODY in entry.who):
                raise RegisterInvalid(f"{label}.{name} is sensitive: name the purposes that may see it")
