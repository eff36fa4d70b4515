"""What one sees of a field is decided in one place, by purpose, and shown only on request."""

from datetime import date

import pytest

from anlan.foundation.crypto import encrypt
from anlan.foundation.masks import DOTS, can_reveal, visible, visible_count, visible_fields
from anlan.foundation.register import entry_of, read_register
from tests.world import GRID_A, World

pytestmark = pytest.mark.django_db
RESIDENT = "people.Resident"


@pytest.mark.parametrize(
    ("field", "value", "masked"),
    [
        ("name", "陈大明", "陈**"),
        ("name", "欧阳建国", "欧阳**"),
        ("name", "单玉", "单**"),
        ("name", "阿不都·热西提", "阿**"),
        ("name", "𬀪", "𬀪**"),
        ("birth_on", date(1994, 3, 12), "1994"),
        ("id_number_hash", b"\x01\x02", DOTS),
    ],
)
def test_masked_forms(world: World, field: str, value: object, masked: str) -> None:
    assert visible(world.actor("wang"), RESIDENT, field, value) == masked


def test_encrypted_numbers_are_masked_two_and_two_three_and_two(world: World) -> None:
    resident = world.resident("陈大明", GRID_A)

    assert visible_fields(world.actor("wang"), resident, "id_number", "phone") == {
        "id_number": "33**************10",
        "phone": "154******01",
    }


def test_the_length_of_a_masked_value_tells_nothing(world: World) -> None:
    short, long = (
        encrypt("110", context="people.Resident.phone"),
        encrypt("057187012345", context="people.Resident.phone"),
    )

    assert visible(world.actor("wang"), RESIDENT, "phone", short) == DOTS
    assert len(visible(world.actor("wang"), RESIDENT, "phone", long)) == len("154******01")


def test_revealed_is_plain_for_those_whose_purpose_it_serves_and_masked_for_others(world: World) -> None:
    resident = world.resident("陈大明", GRID_A)

    def seen(handle: str) -> str:
        return str(visible(world.actor(handle), RESIDENT, "phone", resident.phone, revealed=True))

    assert {handle: seen(handle) for handle in ("wang", "zhou", "you")} == dict.fromkeys(
        ("wang", "zhou", "you"), "15400000001"
    )
    assert {seen(handle) for handle in ("zhao", "han", "he", "lu", "xu", "chu")} == {"154******01"}


def test_nobody_is_shown_what_serves_no_purpose(world: World) -> None:
    for handle in world.accounts:
        if handle != "guo":
            assert not can_reveal(world.actor(handle), RESIDENT, "id_number_hash")


def test_a_field_without_a_mask_is_hidden_from_posts_it_does_not_serve(world: World) -> None:
    assert visible(world.actor("wang"), RESIDENT, "sex", "female") == "female"
    assert visible(world.actor("han"), RESIDENT, "sex", "female") == DOTS
    assert visible(None, RESIDENT, "sex", "female") == DOTS


def test_nothing_stays_nothing(world: World) -> None:
    assert visible(world.actor("wang"), RESIDENT, "phone", None) is None
    assert visible(world.actor("wang"), RESIDENT, "relation", "") == ""


def test_an_unregistered_field_is_an_error_not_a_guess(world: World) -> None:
    with pytest.raises(KeyError):
        visible(world.actor("wang"), RESIDENT, "religion", "…")


def test_small_counts_are_for_health_posts_alone(world: World) -> None:
    assert [visible_count(world.actor("zhao"), count) for count in (0, 1, 4, 5)] == [0, None, None, 5]
    assert [visible_count(world.actor("zhou"), count) for count in (0, 1, 4, 5)] == [0, 1, 4, 5]


def test_every_sensitive_field_is_masked_or_seen_by_health_posts_or_told_with_consent() -> None:
    """What a person agreed to tell those who look in on them is told to these alone (PIPL 29)."""
    serving = {"grid_work", "health"}
    unmasked = {
        f"{label}.{name}": entry
        for label, entries in read_register().fields.items()
        for name, entry in entries.items()
        if entry.level == "sensitive" and entry.mask == "none" and entry.who != ("health",)
    }

    assert {name for name, entry in unmasked.items() if not set(entry.who) <= serving} == set()
    assert {name for name, entry in unmasked.items() if entry.basis != "consent"} == set()
    assert set(unmasked) == {f"people.KeyPerson.{field}" for field in ("kind", "need", "service")}
    assert entry_of("health.CaseReport", "symptoms").level == "sensitive"
