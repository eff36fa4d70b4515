"""Pages of possible twins: list, two entries side by side, merging after a look, undoing, telling apart."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import utc_now
from anlan.foundation.jobs import run_everywhere
from anlan.foundation.models import AuditEntry
from anlan.foundation.scope import duty, scope
from anlan.people.actions import correct_resident, find_twins, register_resident
from anlan.people.models import LookUp, Merge, PossibleTwin, Resident
from tests.pages import without_marks
from tests.world import DISTRICT, GRID_A, GRID_B, World

pytestmark = pytest.mark.django_db
WHOLE = AreaRanges.of([DISTRICT])
BORN = date(1994, 3, 12)


@pytest.fixture
def twin(world: World) -> PossibleTwin:
    """陈大明 of grid A entered in grid B too: the same phone, no number, another form of the name."""
    liu = world.actor("liu")
    with scope(liu):
        register_resident(
            actor=liu,
            household_id=world.households[GRID_B][1].pk,
            sent={
                "name": "陳大明",
                "birth_on": BORN,
                "phone": "15400000001",
                "relation": "租客",
            },
            now=utc_now(),
        )
    run_everywhere(find_twins, now=utc_now())
    with duty("find_twins", ranges=WHOLE, cause="test"):
        return PossibleTwin.objects.get()


@pytest.fixture
def kong(world: World, client: Client) -> Client:
    """The secretary of the community that holds grids A and B."""
    return world.sign_in(client, "kong")


def people() -> list[tuple[str, str, str]]:
    with duty("merge_people", ranges=WHOLE, cause="test"):
        rows = Resident.objects.filter(name__in=("陈大明", "陳大明"), birth_on=BORN)
        return sorted(rows.values_list("name", "area_code", "relation"))


def sent_to_merge(page: str, **chosen: str) -> dict[str, str]:
    """Return what the form of a pair's page holds: hidden versions, and the sides that were chosen."""
    hidden = dict(re.findall(r'type="hidden" name="(\w+_version)" value="(\d+)"', page))
    return {**hidden, "name": "one", "household_id": "one", "relation": "one", **chosen}


def test_the_list_shows_masked_pairs_with_grade_and_reasons(twin: PossibleTwin, kong: Client) -> None:
    page = kong.get(reverse("twins")).content.decode()

    assert page.count("陈**") + page.count("陳**") >= 2
    assert "很可能同一人" in page
    assert "电话相同" in page
    assert "共 1 对" in page
    assert "陈大明" not in page
    assert "15400000001" not in page


def test_the_list_is_filtered_by_grade_and_state_and_says_what_an_empty_one_means(
    twin: PossibleTwin, kong: Client
) -> None:
    def listed(query: str) -> bool:
        return str(twin.pk) in kong.get(f"{reverse('twins')}?{query}").content.decode()

    assert listed("grade=likely")
    assert not listed("grade=certain")
    assert not listed("state=different")
    assert listed("grade=nonsense")
    assert "没有这样的记录" in kong.get(f"{reverse('twins')}?state=merged").content.decode()


def test_a_search_finds_the_pair_of_a_person_and_its_words_stay_out_of_the_address(
    twin: PossibleTwin, kong: Client
) -> None:
    found = kong.post(reverse("twins_search"), {"q": "chendaming"})

    assert str(twin.pk) in found.content.decode()
    assert "没有找到疑似重复" in kong.post(reverse("twins_search"), {"q": "赵秀兰"}).content.decode()
    assert kong.post(reverse("twins_search"), {"q": "c"}).status_code == 422
    assert kong.post(reverse("twins_search"), {"q": " "}).status_code == 302


def test_two_entries_stand_side_by_side_masked_with_the_reasons(twin: PossibleTwin, kong: Client) -> None:
    page = kong.get(reverse("twin", args=[twin.pk])).content.decode()

    for word in ("姓名只差繁体或异体字", "出生日期相同", "电话相同", "同一社区", "证据合计"):
        assert word in page
    for secret in ("陈大明", "陳大明", "15400000001", "330199199403120010", "1994-03-12"):
        assert secret not in page


def test_a_pair_opens_two_people_on_record(world: World, twin: PossibleTwin, kong: Client) -> None:
    kong.get(reverse("twin", args=[twin.pk]))

    member = world.actor("kong").member_id
    opened = LookUp.objects.filter(member_id=member, kind="opened").values_list("subject_id", flat=True)
    assert set(opened) == {twin.one_id, twin.other_id}
    with duty("answer_audit", ranges=WHOLE, cause="test"):
        entry = AuditEntry.objects.get(verb="open", member_id=member)
    assert set(entry.subject_ids) == {twin.one_id, twin.other_id}


def test_nothing_is_merged_before_it_was_looked_at(twin: PossibleTwin, kong: Client) -> None:
    page = kong.get(reverse("twin", args=[twin.pk])).content.decode()

    preview = kong.post(reverse("twin_merge", args=[twin.pk]), sent_to_merge(page)).content.decode()

    assert "请核对合并后的登记" in preview
    assert len(people()) == 2


def test_it_is_merged_as_chosen_and_the_list_offers_to_undo(
    world: World, twin: PossibleTwin, kong: Client
) -> None:
    page = kong.get(reverse("twin", args=[twin.pk])).content.decode()
    chen = world.resident("陈大明", GRID_A)
    its_side = "one" if twin.one_id == chen.pk else "other"
    other_side = "other" if its_side == "one" else "one"
    sent = sent_to_merge(page, name=its_side, relation=its_side, household_id=other_side)

    done = kong.post(reverse("twin_merge", args=[twin.pk]), {**sent, "confirmed": "1"}, follow=True)

    assert "已合并成一条" in done.content.decode()
    assert people() == [("陈大明", GRID_B, "户主")]
    assert str(twin.pk) not in done.content.decode()
    merged = kong.get(f"{reverse('twins')}?state=merged").content.decode()
    undo = re.search(r'href="(/merges/[^"]+)"', merged)
    assert undo is not None
    seen = kong.get(undo[1]).content.decode()
    assert "将原样恢复成两条" in seen
    back = kong.post(undo[1], {"version": "2"}, follow=True).content.decode()
    assert "已撤销合并" in back
    assert people() == [("陈大明", GRID_A, "户主"), ("陳大明", GRID_B, "租客")]


def test_the_old_address_leads_on_and_the_page_of_the_kept_offers_to_undo(
    world: World, twin: PossibleTwin, kong: Client
) -> None:
    page = kong.get(reverse("twin", args=[twin.pk])).content.decode()
    kong.post(reverse("twin_merge", args=[twin.pk]), {**sent_to_merge(page), "confirmed": "1"})
    with duty("merge_people", ranges=WHOLE, cause="test"):
        done = Merge.objects.get()

    assert kong.get(reverse("person", args=[done.gone_id])).headers["Location"] == reverse(
        "person", args=[done.kept_id]
    )
    assert (
        reverse("merge_undo", args=[done.pk])
        in kong.get(reverse("person", args=[done.kept_id])).content.decode()
    )
    gone, nobody = (world.sign_in(Client(), "du").get(reverse("person", args=[one])) for one in (
        done.gone_id, twin.pk,
    ))  # fmt: skip
    assert (gone.status_code, without_marks(gone.content)) == (404, without_marks(nobody.content))


def test_what_changed_since_is_said_before_undoing(world: World, twin: PossibleTwin, kong: Client) -> None:
    page = kong.get(reverse("twin", args=[twin.pk])).content.decode()
    kong.post(reverse("twin_merge", args=[twin.pk]), {**sent_to_merge(page), "confirmed": "1"})
    actor = world.actor("kong")
    with scope(actor):
        done = Merge.objects.get()
        correct_resident(
            actor=actor, resident_id=done.kept_id, expected_version=2, changes={"phone": "15400009999"},
            now=utc_now(),
        )  # fmt: skip
    address = reverse("merge_undo", args=[done.pk])

    seen = kong.get(address).content.decode()

    assert "合并后改过，保留现值" in seen
    assert kong.post(address, {"version": "2"}).status_code == 409
    assert kong.post(address, {"version": "3"}).status_code == 302
    assert kong.get(address).status_code == 409


def test_somebody_changed_one_of_the_two_first(world: World, twin: PossibleTwin, kong: Client) -> None:
    page = kong.get(reverse("twin", args=[twin.pk])).content.decode()
    actor = world.actor("kong")
    with scope(actor):
        correct_resident(
            actor=actor,
            resident_id=twin.one_id,
            expected_version=1,
            changes={"relation": "亲属"},
            now=utc_now(),
        )

    late = kong.post(reverse("twin_merge", args=[twin.pk]), {**sent_to_merge(page), "confirmed": "1"})

    assert late.status_code == 409
    assert "刚被别人改过" in late.content.decode()
    assert len(people()) == 2


def test_a_choice_that_contradicts_itself_is_refused(world: World, twin: PossibleTwin, kong: Client) -> None:
    chen, actor = world.resident("陈大明", GRID_A), world.actor("kong")
    second = twin.other_id if twin.one_id == chen.pk else twin.one_id
    with scope(actor):
        correct_resident(
            actor=actor, resident_id=second, expected_version=1, changes={"birth_on": date(1994, 12, 3)},
            now=utc_now(),
        )  # fmt: skip
    page = kong.get(reverse("twin", args=[twin.pk])).content.decode()
    wrong_side = "one" if twin.one_id == second else "other"

    refused = kong.post(
        reverse("twin_merge", args=[twin.pk]), {**sent_to_merge(page, birth_on=wrong_side), "confirmed": "1"}
    )

    assert refused.status_code == 422
    assert "出生日期与身份证号不一致" in refused.content.decode()


def test_different_people_are_told_apart_with_a_ground(twin: PossibleTwin, kong: Client) -> None:
    address = reverse("twin_apart", args=[twin.pk])

    assert kong.post(address, {"why": ""}).status_code == 422
    assert kong.post(address, {"why": "asked"}).status_code == 302
    assert kong.post(address, {"why": "asked"}).status_code == 409
    told = kong.get(f"{reverse('twins')}?state=different").content.decode()
    assert "问过本人或家人" in told
    assert str(twin.pk) not in kong.get(reverse("twins")).content.decode()


@pytest.mark.parametrize("handle", ["wang", "liu", "du"])
def test_the_neighbour_sees_no_pair(world: World, client: Client, twin: PossibleTwin, handle: str) -> None:
    asker = world.sign_in(client, handle)

    assert str(twin.pk) not in asker.get(reverse("twins")).content.decode()
    for name in ("twin", "twin_merge", "twin_apart"):
        answer = asker.get if name == "twin" else asker.post
        assert answer(reverse(name, args=[twin.pk])).status_code == 404


def test_a_post_that_does_not_serve_residents_is_refused_and_a_stranger_signs_in(
    world: World, twin: PossibleTwin
) -> None:
    zhou = world.sign_in(Client(), "zhou")
    stranger = Client()

    for path in (reverse("twins"), reverse("twin", args=[twin.pk])):
        assert zhou.get(path).status_code == 403
        assert stranger.get(path).status_code == 302


def test_the_privacy_officer_decides_across_the_district(world: World, twin: PossibleTwin) -> None:
    you = world.sign_in(Client(), "you")

    page: Any = you.get(reverse("twin", args=[twin.pk]))

    assert page.status_code == 200
    assert reverse("person", args=[twin.one_id]) not in page.content.decode()  # a page of grid work
