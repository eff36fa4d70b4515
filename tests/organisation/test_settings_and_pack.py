"""Settings in force and the pack: the closest wins, changes stay on record, doubtful entries are listed."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from anlan.foundation.clock import utc_now
from anlan.foundation.errors import Conflict, NotAllowed, NotFound
from anlan.foundation.ids import new_id
from anlan.foundation.models import AuditEntry, PackEntry
from anlan.foundation.packs import registered_sections
from anlan.foundation.scope import scope
from anlan.organisation.actions import SettingInvalid, end_setting, set_setting
from anlan.organisation.models import Setting
from anlan.organisation.queries import setting
from anlan.organisation.words import SECTIONS
from anlan.people.actions import LookUpLimitExceeded
from anlan.people.actions.look import count_look_ups
from anlan.people.rules import LookUpKind
from tests.world import DISTRICT, FIELD, GRID_A, GRID_D, NORTH, SPRING, World


def put(world: World, handle: str, area_code: str, value: object, before: Setting | None = None) -> Setting:
    actor = world.actor(handle)
    with scope(actor):
        return set_setting(
            actor=actor,
            key="look_ups.opened",
            area_code=area_code,
            value=value,
            now=utc_now(),
            expected_id=before.pk if before else None,
        )


def test_the_closest_area_says_what_is_in_force(world: World) -> None:
    put(world, "qian", NORTH, 140)
    put(world, "qian", SPRING, 160)

    def limit(code: str) -> object:
        return setting("look_ups.opened", code, now=utc_now(), default=120)

    assert [limit(code) for code in (GRID_A, NORTH, GRID_D, DISTRICT)] == [160, 140, 120, 120]


def test_a_change_leaves_what_was_before(world: World) -> None:
    first = put(world, "qian", NORTH, 140)
    second = put(world, "qian", NORTH, 150, before=first)

    first.refresh_from_db()
    assert first.ends_at == second.starts_at
    before = second.starts_at - timedelta(microseconds=1)
    assert setting("look_ups.opened", NORTH, now=before) == 140
    assert setting("look_ups.opened", NORTH, now=second.starts_at) == 150
    auditor = world.actor("xu")
    with scope(auditor):
        details = list(
            AuditEntry.objects.filter(verb="set_setting").order_by("pk").values_list("detail", flat=True)
        )
    assert sorted((row["before"] or 0, row["after"]) for row in details) == [(0, 140), (140, 150)]


def test_setting_what_is_in_force_already_changes_nothing(world: World) -> None:
    assert put(world, "qian", NORTH, 140).pk == put(world, "qian", NORTH, 140).pk


def test_two_officers_do_not_overwrite_each_other(world: World) -> None:
    put(world, "qian", NORTH, 140)

    with pytest.raises(Conflict):
        put(world, "qian", NORTH, 150)


def test_settings_are_for_officers_within_their_range(world: World) -> None:
    for handle, code, refusal in (
        ("kong", SPRING, NotAllowed),
        ("qian", FIELD, NotAllowed),
        ("qian", "990101", NotFound),
    ):
        with pytest.raises(refusal):
            put(world, handle, code, 100)
    with scope(world.actor("qian")), pytest.raises(SettingInvalid):
        set_setting(actor=world.actor("qian"), key="not.declared", area_code=NORTH, value=100, now=utc_now())


@pytest.mark.parametrize("value", [59, 301, "100", True, 60.5, None])
def test_a_value_outside_its_bounds_is_refused(world: World, value: object) -> None:
    with pytest.raises(SettingInvalid) as refused:
        put(world, "qian", NORTH, value)

    assert "60" in str(refused.value.fields["value"])
    assert not Setting.objects.exists()


def test_a_value_taken_back_lets_the_level_above_decide(world: World) -> None:
    put(world, "qian", NORTH, 140)
    own, qian = put(world, "qian", SPRING, 160), world.actor("qian")

    with scope(qian):
        end_setting(actor=qian, key=own.key, area_code=SPRING, expected_id=own.pk, now=utc_now())
        with pytest.raises(Conflict):
            end_setting(actor=qian, key=own.key, area_code=SPRING, expected_id=own.pk, now=utc_now())

    assert setting("look_ups.opened", GRID_A, now=utc_now()) == 140


def test_the_limit_set_for_a_subdistrict_stops_its_people_and_no_others(world: World) -> None:
    put(world, "qian", NORTH, 60)

    def opened(handle: str) -> int:
        actor, count = world.actor(handle), 0
        with scope(actor), suppress(LookUpLimitExceeded):
            for _person in range(100):
                count_look_ups(actor, LookUpKind.OPENED, [new_id()], now=utc_now())
                count += 1
        return count

    assert (opened("wang"), opened("du")) == (60, 100)


def test_the_page_shows_value_source_and_history_and_lets_it_be_set(world: World, client: Client) -> None:
    qian, path = world.sign_in(client, "qian"), reverse("setting", args=["look_ups.opened"])
    put(world, "qian", NORTH, 140)

    def sent(value: object, before: object) -> dict[str, object]:
        return {"area": SPRING, "value": value, "before": before or ""}

    assert "街道 · 望山街道" in qian.get("/settings/").content.decode()
    assert qian.post(f"{path}set/", sent(500, "")).status_code == 422
    assert qian.post(f"{path}set/", sent(160, "")).status_code == 302
    own = Setting.objects.get(area_code=SPRING, ends_at=None)
    page = qian.get(path, {"area": SPRING}).content.decode()
    assert "社区 · 春泉社区：160" in page
    assert "街道 · 望山街道：140" in page
    assert qian.post(f"{path}set/", sent(170, "")).status_code == 409  # somebody set 160 meanwhile
    assert qian.post(f"{path}end/", {"area": SPRING, "before": own.pk}).status_code == 302
    assert setting("look_ups.opened", SPRING, now=utc_now()) == 140
    assert "社区 · 春泉社区：160" in qian.get(path, {"area": SPRING}).content.decode()


def test_who_may_read_a_setting_may_not_set_it(world: World, client: Client) -> None:
    path = reverse("setting", args=["look_ups.opened"])
    for handle in ("kong", "xu", "he"):
        signed_in = world.sign_in(client, handle)
        assert "新的取值" not in signed_in.get(path).content.decode()
        assert signed_in.post(f"{path}set/", {"area": SPRING, "value": 160}).status_code == 403
    assert world.sign_in(client, "qian").get(reverse("setting", args=["none"])).status_code == 404
    assert not Setting.objects.exists()


def test_the_page_lists_what_is_set_by_whom_here_and_above(world: World, client: Client) -> None:
    put(world, "qian", NORTH, 141)
    Setting.objects.create(key="other", area_code=FIELD, value=42, starts_at=world.now)
    Setting.objects.create(key="whole", area_code=DISTRICT, value=43, starts_at=world.now)

    page = world.sign_in(client, "qian").get("/settings/").content.decode()

    assert page.count("二十分钟内可打开的人数") == 2  # among the limits, and among what places changed
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


def test_every_section_of_a_pack_has_a_name() -> None:
    assert [name for name in registered_sections() if name not in SECTIONS] == []
