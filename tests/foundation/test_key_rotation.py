"""Rotation: everything is read as before, nothing uses the old key any more, and the old key is gone."""

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.core.management import call_command
from django.db import transaction
from pytest_django import Settings

from anlan.foundation.actor import AreaRanges
from anlan.foundation.crypto import CannotDecrypt, decrypt, encrypt, forget_cached_keys, key_id_of
from anlan.foundation.files import open_file, store_file
from anlan.foundation.keyring import read_keyring
from anlan.foundation.models import FieldChange
from anlan.foundation.scope import duty, scope
from anlan.people.models import Resident
from tests.world import DISTRICT, GRID_A, World, build_world

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

SECRET = "ABCDEFGHIJKLMNOP"


@pytest.fixture
def town(tmp_path: Path, settings: Settings) -> Iterator[World]:
    settings.KEYS_DIR, settings.FILES_DIR = tmp_path / "keys", tmp_path / "files"
    forget_cached_keys()
    with transaction.atomic():
        world = build_world()
    TOTP.activate(world.accounts["wang"], SECRET)
    yield world
    forget_cached_keys()


def residents() -> list[Resident]:
    with transaction.atomic(), duty("detect", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        return list(Resident.objects.order_by("pk"))


def phones() -> list[str]:
    return [decrypt(bytes(r.phone), context="people.Resident.phone") for r in residents() if r.phone]


def test_after_a_rotation_all_is_read_as_before_without_the_old_key(town: World) -> None:
    wang = town.actor("wang")
    phone = encrypt("15400000099", context="people.Resident.phone")
    with transaction.atomic(), scope(wang):
        file = store_file(
            actor=wang, area_code=GRID_A, name="a.txt", content=b"spring", purpose="grid_work",
            expires_at=town.now + timedelta(days=1), now=town.now,
        )  # fmt: skip
        FieldChange.objects.create(
            area_code=GRID_A, model="people.Resident", row_id=town.residents[0].pk, field="phone",
            old=phone.hex(), version=1, changed_at=town.now,
        )  # fmt: skip
    before = phones()
    assert len(before) > 5

    call_command("rotate_keys", "--destroy-old", stdout=StringIO())

    forget_cached_keys()
    assert set(read_keyring().secrets) == {2}
    assert phones() == before
    assert {key_id_of(bytes(r.id_number)) for r in residents() if r.id_number} == {2}
    with transaction.atomic(), scope(wang):
        assert open_file(wang, file.pk, now=town.now)[1] == b"spring"
        kept = FieldChange.objects.get().old
    assert decrypt(bytes.fromhex(kept), context="people.Resident.phone") == "15400000099"
    data = Authenticator.objects.get(user=town.accounts["wang"]).data
    assert get_adapter().decrypt(data["secret"]) == SECRET
    with pytest.raises(CannotDecrypt):
        decrypt(phone, context="people.Resident.phone")


def test_a_plain_rotation_leaves_old_values_readable_beside_new_ones(town: World) -> None:
    before = phones()

    call_command("rotate_keys", stdout=StringIO())

    assert key_id_of(encrypt("x")) == 2
    assert phones() == before
    assert {key_id_of(bytes(r.phone)) for r in residents() if r.phone} == {1}


def test_a_value_that_does_not_open_stops_the_destruction_and_is_named(town: World) -> None:
    broken = town.residents[0]
    with transaction.atomic(), duty("detect", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        Resident.objects.filter(pk=broken.pk).update(phone=bytes(broken.phone or b"")[:-1] + b"x")

    with pytest.raises(CannotDecrypt, match=str(broken.pk)):
        call_command("rotate_keys", "--destroy-old", stdout=StringIO())

    assert set(read_keyring().secrets) == {1, 2}
