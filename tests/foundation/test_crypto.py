"""Encryption of fields: round trips in both suites, tampering, contexts, rotation, destruction."""

import stat
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import Settings

from anlan.foundation import crypto
from anlan.foundation.crypto import CannotDecrypt
from anlan.foundation.keyring import add_key, destroy_key, keyring_path

NUMBER = "330102199003077715"


@pytest.fixture(autouse=True)
def own_keys(tmp_path: Path, settings: Settings) -> Iterator[None]:
    settings.KEYS_DIR = tmp_path / "keys"
    crypto.forget_cached_keys()
    yield
    crypto.forget_cached_keys()


@pytest.fixture(params=["aes", "sm"])
def suite(request: pytest.FixtureRequest, settings: Settings) -> str:
    settings.CRYPTO_SUITE = request.param
    return str(request.param)


@pytest.mark.usefixtures("suite")
@given(text=st.text(), context=st.text(max_size=40))
@hypothesis_settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50
)
def test_what_was_encrypted_is_read_again(text: str, context: str) -> None:
    assert crypto.decrypt(crypto.encrypt(text, context=context), context=context) == text


def test_the_first_byte_names_the_suite_and_old_values_open_after_a_change(settings: Settings) -> None:
    settings.CRYPTO_SUITE = "aes"
    old = crypto.encrypt(NUMBER)
    settings.CRYPTO_SUITE = "sm"
    new = crypto.encrypt(NUMBER)

    assert (old[0], new[0]) == (1, 2)
    assert crypto.decrypt(old) == crypto.decrypt(new) == NUMBER


@pytest.mark.usefixtures("suite")
def test_every_altered_byte_is_noticed() -> None:
    blob = crypto.encrypt(NUMBER, context="people.Resident.id_number")

    for position in range(len(blob)):
        altered = bytearray(blob)
        altered[position] ^= 1
        with pytest.raises(CannotDecrypt):
            crypto.decrypt(bytes(altered), context="people.Resident.id_number")


@pytest.mark.usefixtures("suite")
def test_a_value_moved_into_another_field_does_not_open() -> None:
    blob = crypto.encrypt(NUMBER, context="people.Resident.id_number")

    with pytest.raises(CannotDecrypt):
        crypto.decrypt(blob, context="people.Resident.phone")


@pytest.mark.parametrize("rubbish", [b"", b"\x01", b"\x07" * 60, NUMBER.encode()])
def test_what_is_no_encrypted_value_is_refused(rubbish: bytes) -> None:
    with pytest.raises(CannotDecrypt):
        crypto.decrypt(rubbish)


@pytest.mark.usefixtures("suite")
def test_the_text_does_not_appear_in_the_value_and_no_two_values_are_equal() -> None:
    first, second = crypto.encrypt(NUMBER), crypto.encrypt(NUMBER)

    assert NUMBER.encode() not in first
    assert first != second


@pytest.mark.usefixtures("suite")
def test_lookup_hashes_are_stable_and_kinds_are_kept_apart() -> None:
    once = crypto.lookup_hash("id", NUMBER)
    crypto.forget_cached_keys()

    assert crypto.lookup_hash("id", NUMBER) == once
    assert crypto.lookup_hash("phone", NUMBER) != once
    assert crypto.lookup_hash("id", NUMBER[:-1] + "X") != once


def test_lookup_hashes_stay_findable_when_the_suite_changes(settings: Settings) -> None:
    settings.CRYPTO_SUITE = "aes"
    before = crypto.lookup_hash("id", NUMBER)
    settings.CRYPTO_SUITE = "sm"

    assert crypto.lookup_hash("id", NUMBER) == before


def test_another_installation_makes_other_hashes(tmp_path: Path, settings: Settings) -> None:
    here = crypto.lookup_hash("id", NUMBER)
    settings.KEYS_DIR = tmp_path / "elsewhere"

    assert crypto.lookup_hash("id", NUMBER) != here


@pytest.mark.usefixtures("suite")
def test_many_at_once_equals_one_by_one() -> None:
    texts = [NUMBER, None, "", "13800138000"]

    sealed = crypto.encrypt_many(texts, context="c")

    assert [crypto.decrypt(blob, context="c") if blob else None for blob in sealed] == [
        NUMBER,
        None,
        None,
        "13800138000",
    ]
    assert crypto.lookup_many("phone", texts) == [
        crypto.lookup_hash("phone", NUMBER),
        None,
        None,
        crypto.lookup_hash("phone", "13800138000"),
    ]


def test_after_a_rotation_old_values_still_open_and_new_ones_use_the_new_key() -> None:
    old = crypto.encrypt(NUMBER)
    found = crypto.lookup_hash("id", NUMBER)
    number = add_key()
    crypto.forget_cached_keys()
    new = crypto.encrypt(NUMBER)

    assert crypto.key_id_of(old) == number - 1
    assert crypto.key_id_of(new) == number
    assert crypto.decrypt(old) == crypto.decrypt(new) == NUMBER
    assert crypto.lookup_hash("id", NUMBER) == found


def rotate_and_encrypt(text: str) -> bytes:
    add_key()
    crypto.forget_cached_keys()
    return crypto.encrypt(text)


def test_a_process_that_has_not_heard_of_a_rotation_reads_new_values() -> None:
    assert crypto.key_id_of(crypto.encrypt("the keyring is cached here")) == 1
    with get_context("fork").Pool(1) as other_process:
        new = other_process.apply(rotate_and_encrypt, (NUMBER,))
    assert crypto.key_id_of(new) == 2

    assert crypto.decrypt(new) == NUMBER


def test_a_destroyed_key_takes_its_values_with_it() -> None:
    old = crypto.encrypt(NUMBER)
    add_key()
    destroy_key(1)
    crypto.forget_cached_keys()

    with pytest.raises(CannotDecrypt):
        crypto.decrypt(old)


def test_the_key_in_use_cannot_be_destroyed() -> None:
    crypto.encrypt(NUMBER)

    with pytest.raises(ValueError, match="in use"):
        destroy_key(1)


def test_the_keyring_is_readable_by_its_owner_alone() -> None:
    crypto.encrypt(NUMBER)

    assert stat.S_IMODE(keyring_path().stat().st_mode) == 0o600
    assert stat.S_IMODE(keyring_path().parent.stat().st_mode) == 0o700


@pytest.mark.usefixtures("suite")
def test_a_data_key_opens_its_own_values_and_no_others() -> None:
    one, other = crypto.new_data_key(), crypto.new_data_key()
    blob = crypto.encrypt_with(one, "发热三天", context="health")

    assert crypto.decrypt_with(one, blob, context="health") == "发热三天"
    with pytest.raises(CannotDecrypt):
        crypto.decrypt_with(other, blob, context="health")
    with pytest.raises(CannotDecrypt):
        crypto.decrypt(blob)


def test_a_wrapped_data_key_survives_a_rotation() -> None:
    wrapped = crypto.new_data_key()
    blob = crypto.encrypt_with(wrapped, "发热")
    add_key()
    crypto.forget_cached_keys()

    assert crypto.decrypt_with(wrapped, blob) == "发热"
