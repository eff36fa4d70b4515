"""The pages of grants: apply, check, decide, publish, read, print; the public door; a facility's page."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from anlan.affairs.grant_rules import GrantAct, GrantState, code_as_written, new_code
from anlan.affairs.models import Grant
from anlan.affairs.queries.grants import grant_kinds
from anlan.foundation.clock import day_of
from anlan.foundation.scope import duty
from anlan.organisation.models import Facility
from tests.affairs.granting import (
    CONTACT,
    KIND,
    NEIGHBOUR,
    OFFICER,
    WHOLE,
    applied,
    checked,
    factory,
    in_force,
    industry,
    moved,
)
from tests.world import GRID_A, World

pytestmark = pytest.mark.django_db
ROW = "0190a0a0-0000-7000-8000-000000000077"
FORM = {"row_id": ROW, "category": "specialised_small", "statement": "生产口罩，员工 120 人"}


@pytest.fixture(autouse=True)
def _no_rates_used() -> None:
    cache.clear()


@pytest.fixture
def plant(world: World) -> Facility:
    return industry(world)


def kept() -> Grant:
    with duty("react", ranges=WHOLE, cause="test"):
        return Grant.objects.latest("applied_at")


def answers(version: int, met: str = "yes") -> dict[str, str]:
    said = {f"met_{point.key}": met for point in grant_kinds()[KIND].points}
    return {"version": str(version), "note": "", **said}


def test_a_contact_applies_and_the_grant_comes_into_force_page_by_page(
    world: World, plant: Facility, client: Client
) -> None:
    world.sign_in(client, CONTACT)
    first = client.post(reverse("grant_new"), FORM)
    again = client.post(reverse("grant_new"), FORM)
    assert (first.status_code, first["Location"]) == (302, again["Location"])
    address = first["Location"]
    assert "等社区或街道核查" in client.get(address).content.decode()

    world.sign_in(client, "kong")
    assert str(kept().pk) in client.get(reverse("my_work")).content.decode()
    assert client.post(f"{address}check/", answers(1)).status_code == 302

    world.sign_in(client, OFFICER)
    assert str(kept().pk) in client.get(reverse("department_desk")).content.decode()
    today = day_of(world.now)
    terms = {
        "version": "2", "starts_on": today.isoformat(), "ends_on": (today + timedelta(days=20)).isoformat(),
        "conditions": ["health_watch"], "further_condition": "夜班另行备案", "permits": ["transport"],
        "reason": "条件具备",
    }  # fmt: skip
    assert client.post(f"{address}approve/", terms).status_code == 302
    assert client.post(f"{address}act/", {"act": "publish", "version": "3"}).status_code == 302

    page = client.get(address).content.decode()
    assert (kept().state, kept().category) == (GrantState.VALID, "specialised_small")
    assert "点对点运输" in page and "夜班另行备案" in page and "还有 20 天" in page
    assert code_as_written(kept().code) in page


def test_a_wrong_form_is_answered_with_its_words_and_nothing_changes(
    world: World, plant: Facility, client: Client
) -> None:
    grant = applied(world, plant)
    address = reverse("grant", args=[grant.pk])

    world.sign_in(client, CONTACT)
    assert client.post(reverse("grant_new"), {**FORM, "category": "key_park"}).status_code == 422
    assert client.post(reverse("grant_new"), FORM).status_code == 409  # one in hand
    world.sign_in(client, "kong")
    assert client.post(f"{address}check/", {"version": "1"}).status_code == 422
    assert client.post(f"{address}check/", answers(1)).status_code == 302
    world.sign_in(client, OFFICER)
    empty = client.post(f"{address}approve/", {"version": "2"})
    late = {"version": "2", "starts_on": "2020-01-01", "ends_on": "2020-02-01", "reason": "可以"}
    past = client.post(f"{address}approve/", late)
    refusal = client.post(f"{address}act/", {"act": "refuse", "version": "2", "reason": " "})

    assert (empty.status_code, past.status_code, refusal.status_code) == (422, 422, 422)
    assert "生效日期不能早于今天" in past.content.decode()
    assert "请写明理由" in refusal.content.decode()
    assert client.post(f"{address}act/", {"act": "check", "version": "2"}).status_code == 403
    assert client.post(f"{address}act/", {"act": "refuse", "version": "9", "reason": "否"}).status_code == 409
    assert kept().state == GrantState.CHECKED


def test_unmet_points_take_the_approval_away_and_say_so(
    world: World, plant: Facility, client: Client
) -> None:
    grant = checked(world, applied(world, plant), unmet=["supplies"])

    page = world.sign_in(client, OFFICER).get(reverse("grant", args=[grant.pk])).content.decode()

    assert "还没有达到" in page
    assert "grant_approve" not in page and f"{grant.pk}/approve/" not in page


def test_the_list_is_narrowed_and_counts_holders_by_category(
    world: World, plant: Facility, client: Client
) -> None:
    in_force(world, plant)
    waiting = factory(world, GRID_A, "ning")
    applied(world, waiting, "ning", category="specialised_small")
    world.sign_in(client, OFFICER)

    def names(**asked: str) -> list[str]:
        page = client.get(reverse("grants"), asked).content.decode()
        return re.findall(r'class="row-link" href="[^"]+">([^<]+)<', page)

    assert names() == names(category="leading_enterprise") == [plant.name]
    assert names(category="specialised_small") == names(view="suspended") == names(q="不存在") == []
    assert names(view="waiting") == [waiting.name]
    assert len(names(view="all")) == 2
    assert names(area=GRID_A) == [plant.name] and names(area="330199002") == []
    figures = re.findall(r'figure-value">(\d+)', client.get(reverse("grants")).content.decode())
    assert figures == ["0", "1", "0", "1", "0"]


def test_what_ends_soon_stands_in_its_view_the_next_to_end_first(
    world: World, plant: Facility, client: Client
) -> None:
    later, sooner = (factory(world, GRID_A, handle) for handle in ("ning", "rong"))
    today = day_of(world.now)
    in_force(world, later, "ning", ends_on=today + timedelta(days=15))
    in_force(world, sooner, "rong", ends_on=today)
    in_force(world, plant, ends_on=today + timedelta(days=16))
    with duty("react", ranges=WHOLE, cause="test"):
        Facility.objects.filter(pk=sooner.pk).update(name="先到期厂")

    page = world.sign_in(client, "kong").get(reverse("grants"), {"view": "soon"}).content.decode()

    assert re.findall(r'class="row-link" href="[^"]+">([^<]+)<', page) == ["先到期厂", later.name]
    assert "还有 0 天" in page


def test_the_list_asks_the_database_the_same_however_long_it_is(
    world: World, plant: Facility, client: Client
) -> None:
    world.sign_in(client, OFFICER)
    in_force(world, plant)
    client.get(reverse("grants"))
    asked = []
    for handle in ("ning", "rong"):
        with CaptureQueriesContext(connection) as questions:
            client.get(reverse("grants"))
        asked.append(len(questions))
        in_force(world, factory(world, GRID_A, handle), handle)

    assert asked[0] == asked[1]


@pytest.mark.parametrize("view", ["valid", "waiting", "soon", "suspended", "ended", "all", "nonsense"])
def test_an_empty_list_says_what_to_do(world: World, client: Client, view: str) -> None:
    page = world.sign_in(client, "kong").get(reverse("grants"), {"view": view})

    assert page.status_code == 200
    assert "empty-title" in page.content.decode()


def test_who_applies_for_others_is_led_to_the_register_and_who_does_not_is_told(
    world: World, plant: Facility, client: Client
) -> None:
    assert "先选单位" in world.sign_in(client, "tao").get(reverse("grant_new")).content.decode()
    assert "不提出申请" in world.sign_in(client, "zhao").get(reverse("grant_new")).content.decode()
    address = reverse("grant_new") + f"?facility={plant.pk}"
    assert plant.name in world.sign_in(client, "tao").get(address).content.decode()
    assert world.sign_in(client, "zhao").get(address).status_code == 403
    assert world.sign_in(client, "li").get(address).status_code == 404
    assert client.get(reverse("grant_new") + "?facility=nonsense").status_code == 404


def test_a_facilitys_page_fetches_its_grants_and_its_neighbour_none(
    world: World, plant: Facility, client: Client
) -> None:
    part = reverse("facility_grants", args=[plant.pk])
    assert part in world.sign_in(client, "wang").get(reverse("facility", args=[plant.pk])).content.decode()
    before = client.get(part).content.decode()
    assert "没有申请过" in before and "代为申请" in before

    grant = in_force(world, plant)
    after = client.get(part).content.decode()
    assert reverse("grant", args=[grant.pk]) in after and "闭环生产" in after
    assert world.sign_in(client, NEIGHBOUR).get(part).status_code == 404
    school = reverse("facility_grants", args=[world.school.pk])
    assert world.sign_in(client, "kong").get(school).content.decode().strip() == ""


def test_the_certificate_is_printed_with_a_code_that_leads_to_the_public_door(
    world: World, plant: Facility, client: Client
) -> None:
    grant = applied(world, plant)
    world.sign_in(client, CONTACT)
    assert client.get(reverse("grant_certificate", args=[grant.pk])).status_code == 404
    approved = in_force(world, factory(world, GRID_A, "ning"), "ning")

    page = (
        world.sign_in(client, "ning").get(reverse("grant_certificate", args=[approved.pk])).content.decode()
    )

    assert "data:image/svg+xml;base64," in page and code_as_written(approved.code) in page
    assert "data-prints" in page


def verified(client: Client, code: str) -> tuple[int, str]:
    answer = client.get(reverse("verify", args=[code]))
    return answer.status_code, answer.content.decode()


def test_anybody_verifies_a_certificate_and_reads_nothing_of_any_person(
    world: World, plant: Facility
) -> None:
    grant, stranger = in_force(world, plant, further_condition="夜班另行备案"), Client()

    status, page = verified(stranger, grant.code)

    assert status == 200
    for said in (plant.name, "重点龙头企业", "有效", "每日员工健康监测", "夜班另行备案"):
        assert said in page
    for unsaid in ("岗位", "保障民生物资生产", "条件具备", GRID_A, str(grant.pk), CONTACT, "闭环生产"):
        assert unsaid not in page
    assert stranger.get(reverse("verify", args=[grant.code]))["Cache-Control"] == "private, no-store"


def test_a_number_is_read_however_it_is_written(world: World, plant: Facility, client: Client) -> None:
    grant = in_force(world, plant)
    written = f" {code_as_written(grant.code).lower()} "

    led = client.get(reverse("verify_home"), {"code": written})

    assert led["Location"] == reverse("verify", args=[grant.code])
    assert verified(client, written)[0] == 200


@pytest.mark.parametrize("code", ["", "x", "0" * 20, "I" * 20, "一" * 20, "A" * 21, "%00", "../../etc"])
def test_a_number_that_cannot_be_one_is_not_found(client: Client, world: World, code: str) -> None:
    answer = client.get("/verify/", {"code": code}) if code else client.get(f"/verify/{new_code()}/")

    assert answer.status_code == 404
    assert "没有这个编号" in answer.content.decode() or "没有找到" in answer.content.decode()


@pytest.mark.parametrize(("act", "words"), [(GrantAct.SUSPEND, "已暂停"), (GrantAct.REVOKE, "已撤销")])
def test_what_was_suspended_or_revoked_says_so_at_once(
    world: World, plant: Facility, client: Client, act: GrantAct, words: str
) -> None:
    grant = moved(world, in_force(world, plant), act)

    status, page = verified(client, grant.code)

    assert status == 200
    assert words in page and "现在不能作为凭证使用" in page


def test_an_expired_one_says_so(world: World, plant: Facility, client: Client) -> None:
    grant = in_force(world, plant)
    yesterday = day_of(world.now) - timedelta(days=1)
    with duty("react", ranges=WHOLE, cause="test"):
        Grant.objects.filter(pk=grant.pk).update(starts_on=yesterday, ends_on=yesterday)

    assert "已到期" in verified(client, grant.code)[1]


def test_before_it_is_published_there_is_nothing_to_verify(world: World, plant: Facility) -> None:
    grant = checked(world, applied(world, plant))

    assert grant.code == ""
    assert Client().get("/verify//").status_code == 404


def test_who_tries_numbers_is_slowed_down_and_other_addresses_are_not(
    world: World, plant: Facility, client: Client
) -> None:
    grant = in_force(world, plant)

    tried = [verified(client, new_code())[0] for _time in range(32)]

    assert tried[:30] == [404] * 30 and tried[30:] == [429, 429]
    slowed = client.get(reverse("verify", args=[grant.code]))
    assert (slowed.status_code, slowed["Retry-After"]) == (429, "300")
    assert Client(REMOTE_ADDR="10.9.8.7").get(reverse("verify", args=[grant.code])).status_code == 200


def test_any_post_verifies_and_only_who_may_see_the_grant_is_led_to_it(
    world: World, plant: Facility, client: Client
) -> None:
    grant, address = in_force(world, plant), reverse("grant_verify")

    near = world.sign_in(client, "kong").get(address, {"code": grant.code}).content.decode()
    far = world.sign_in(client, "he").get(address, {"code": grant.code}).content.decode()
    wrong = client.get(address, {"code": new_code()}).content.decode()

    assert plant.name in near and str(grant.pk) in near
    assert plant.name in far and str(grant.pk) not in far
    assert "没有这个编号" in wrong
    assert Client().get(address)["Location"].startswith("/accounts/login/")


def test_the_public_door_speaks_english(world: World, plant: Facility, client: Client) -> None:
    grant = in_force(world, plant)
    client.cookies["language"] = "en"

    page = verified(client, grant.code)[1]

    assert "In force" in page and "Leading enterprise" in page and "Staff health is watched daily" in page


def test_renewal_is_offered_near_the_end(world: World, plant: Facility, client: Client) -> None:
    grant = in_force(world, plant, ends_on=day_of(world.now) + timedelta(days=15))
    world.sign_in(client, CONTACT)
    assert "renew=1" in client.get(reverse("grant", args=[grant.pk])).content.decode()

    made = client.post(f"{reverse('grant_new')}?facility={plant.pk}&kind={KIND}&renew=1", FORM)

    assert made.status_code == 302
    assert kept().renews_id == grant.pk
