"""Every stored field has a purpose, a basis, an end and an audience on record."""

from pathlib import Path

import pytest
import yaml
from django.apps import apps
from django.core import checks
from django.db import models

from anlan.foundation import register
from anlan.foundation.checks import every_field_is_registered, every_placed_model_says_what_a_redraw_does
from anlan.foundation.register import (
    EVERYBODY,
    RegisterInvalid,
    _entries,
    fields_of_models,
    own_apps,
    read_register,
)
from tests.architecture.source import ANLAN

GROUPS = {
    "technical": {
        "purpose": {"zh": "甲", "en": "a"},
        "basis": "not_personal",
        "necessity": {"zh": "乙", "en": "b"},
        "level": "internal",
        "retention": "with_row",
        "who": "all",
    }
}


def found(app_models: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    pairs = [(label, name) for label, names in app_models.items() for name in names]
    monkeypatch.setattr("anlan.foundation.checks.fields_of_models", lambda: iter(pairs))
    return [message.id for message in every_field_is_registered(None)]


def test_every_field_of_every_model_is_registered_and_every_registered_field_exists() -> None:
    assert every_field_is_registered(None) == []
    assert every_placed_model_says_what_a_redraw_does(None) == []


def test_the_checks_are_part_of_the_build() -> None:
    assert {every_field_is_registered, every_placed_model_says_what_a_redraw_does} <= set(
        checks.registry.registry.get_checks()
    )


def test_a_field_without_an_entry_fails_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    real: dict[str, list[str]] = {}
    for label, name in fields_of_models():
        real.setdefault(label, []).append(name)
    real["people.Resident"].append("religion")

    assert found(real, monkeypatch) == ["foundation.E001"]


def test_an_entry_without_a_field_fails_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    real: dict[str, list[str]] = {}
    for label, name in fields_of_models():
        real.setdefault(label, []).append(name)
    real["people.Resident"].remove("phone")

    assert found(real, monkeypatch) == ["foundation.E002"]


def test_a_placed_model_must_say_what_a_redraw_does_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    class Undecided(models.Model):
        area_code = models.TextField()

        class Meta:
            app_label = "people"
            managed = False

    try:
        assert [m.id for m in every_placed_model_says_what_a_redraw_does(None)] == ["foundation.E004"]
    finally:
        del apps.all_models["people"]["undecided"]
        apps.clear_cache()


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ({"name": "no_such_group"}, "no group"),
        ({"name": {"level": "internal"}}, "purpose"),
        ({"name": {**GROUPS["technical"], "level": "secret"}}, "level"),
        ({"name": {**GROUPS["technical"], "mask": "stars"}}, "mask"),
        ({"name": "technical", "id name": "technical"}, "twice"),
    ],
)
def test_a_faulty_entry_is_named(rows: dict[str, object], why: str) -> None:
    with pytest.raises(RegisterInvalid, match=why):
        _entries("people/field_register.yaml: people.Resident", rows, GROUPS)


def test_every_register_belongs_to_an_installed_app() -> None:
    installed = {Path(config.path) for config in own_apps()}

    assert {path.parent for path in ANLAN.glob(f"*/{register.FILE}")} <= installed


def test_what_is_encrypted_is_masked_or_shown_to_named_purposes_only() -> None:
    loose = [
        f"{label}.{name}"
        for label, entries in read_register().fields.items()
        for name, entry in entries.items()
        if entry.encrypted is not False and entry.mask == "none" and EVERYBODY in entry.who
    ]

    assert loose == []


def test_no_binary_field_with_content_is_left_unencrypted() -> None:
    plain = {
        f"{model._meta.label}.{field.name}"
        for config in own_apps()
        for model in config.get_models()
        for field in model._meta.local_concrete_fields
        if isinstance(field, models.BinaryField)
        and read_register().fields[model._meta.label][field.name].encrypted is False
    }

    # hashes and signatures, and what an event file's own key encrypts
    harmless = ("_hash", ".root", ".leaves", ".previous", ".head", ".signature")
    content = {name for name in plain if not name.endswith(harmless)}
    assert content <= {"health.CaseReport.note", "health.EventCase.note"}


def test_the_purposes_named_are_purposes_of_the_standard_pack() -> None:
    path = ANLAN / "packs" / "standard" / "purposes.yaml"
    known = {entry["key"] for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["entries"]} | {
        EVERYBODY
    }

    named = {
        purpose
        for entries in read_register().fields.values()
        for entry in entries.values()
        for purpose in entry.who
    }
    assert named <= known
