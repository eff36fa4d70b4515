"""Settings in force and the pack: the closest wins, changes stay on record, doubtful entries are listed."""

from datetime import timedelta

import pytest
from django.test import Client

from anlan.foundation.clock import utc_now
from anlan.foundation.errors import Conflict, NotAllowed, NotFound
from anlan.foundation.models import AuditEntry, PackEntry
from anlan.foundation.scope import scope
from anlan.organisation.actions import SettingInvalid, set_setting
from anlan.organisation.models import Setting
from anlan.organisation.queries import setting
from tests.world import DISTRICT, FIELD, GRID_A, GRID_D, NORTH, SPRING, World


def put(world: World, handle: str, area_code: str, value: object, before: Setting | None = None) -> Setting:
    actor = world.actor(handle)
    with scope(actor):
        return set_setting(
            actor=actor,
            key="lookups.per_day",
            area_code=area_code,
            value=value,
            now=utc_now(),
            expected_id=before.pk if before else None,
        )


def test_the_closest_area_says_what_is_in_force(world: World) -> None:
    put(world, "qian", NORTH, 40)
    put(world, "qian", SPRING, 60)

    def limit(code: str) -> object:
        return setting("lookups.per_day", code, now=utc_now(), default=20)

    assert [limit(code) for code in (GRID_A, NORTH, GRID_D, DISTRICT)] == [60, 40, 20, 20]


def test_a_change_leaves_what_was_before(world: World) -> None:
    first = put(world, "qian", NORTH, 40)
    second = put(world, "qian", NORTH, 50, before=first)

    first.refresh_from_db()
    assert first.ends_at == second.starts_at
    before = second.starts_at - timedelta(microseconds=1)
    assert setting("lookups.per_day", NORTH, now=before) == 40
    assert setting("lookups.per_day", NORTH, now=second.starts_at) == 50
    auditor = world.actor("xu")
    with scope(auditor):
        details = list(
            AuditEntry.objects.filter(verb="set_setting").order_by("pk").values_list("detail", flat=True)
        )
    assert sorted((row["before"] or 0, row["after"]) for row in details) == [(0, 40), (40, 50)]


def test_setting_what_is_in_force_already_changes_nothing(world: World) -> None:
    assert put(world, "qian", NORTH, 40).pk == put(world, "qian", NORTH, 40).pk


def test_two_officers_do_not_overwrite_each_other(world: World) -> None:
    put(world, "qian", NORTH, 40)

    with pytest.raises(Conflict):
        put(world, "qian", NORTH, 50)


def test_settings_are_for_officers_within_their_range(world: World) -> None:
    for handle, code, refusal in (
        ("kong", SPRING, NotAllowed),
        ("qian", FIELD, NotAllowed),
        ("qian", "990101", NotFound),
    ):
        with pytest.raises(refusal):
            put(world, handle, code, 1)
    with scope(world.actor("qian")), pytest.raises(SettingInvalid):
        set_setting(actor=world.actor("qian"), key="Not a key", area_code=NORTH, value=1, now=utc_now())


def test_the_page_lists_what_is_set_by_whom_here_and_above(world: World, client: Client) -> None:
    put(world, "qian", NORTH, 41)
    Setting.objects.create(key="other", area_code=FIELD, value=42, starts_at=world.now)
    Setting.objects.create(key="whole", area_code=DISTRICT, value=43, starts_at=world.now)

    page = world.sign_in(client, "qian").get("/settings/").content.decode()

    assert "lookups.per_day" in page
    assert "街道干部" in page
    assert "whole" in page
    assert "other" not in page
    assert 'data-live-topics="settings"' in page


def test_the_pack_page_names_version_sections_and_what_to_check(world: World, client: Client) -> None:
    doubtful = PackEntry.objects.filter(body__check_before_use=True)

    page = world.sign_in(client, "xu").get("/pack/").content.decode()
    section = world.sign_in(client, "xu").get("/pack/?section=sources").content.decode()

    assert "standard" in page
    assert f">{doubtful.count()}<" in page or f"{doubtful.count()}" in page
    assert "sources.yaml" in section
    assert "diseases.yaml" not in section


@pytest.mark.parametrize(("path", "handle"), [("/settings/", "wang"), ("/pack/", "wang"), ("/pack/", "zhao")])
def test_others_are_refused(world: World, client: Client, path: str, handle: str) -> None:
    assert world.sign_in(client, handle).get(path).status_code == 403


@pytest.mark.parametrize("path", ["/settings/", "/pack/"])
def test_a_stranger_is_asked_to_sign_in(world: World, client: Client, path: str) -> None:
    assert client.get(path).headers["Location"].startswith("/accounts/login/")
