"""A pasted text becomes a list: matched with the register, decided, added to, and it shows who is silent."""

from datetime import timedelta
from uuid import UUID

import pytest

from anlan.exchange.actions import (
    DecisionUnknown,
    GroupListClosed,
    GroupListInvalid,
    NewGroupList,
    close_group_list,
    confirm_answers,
    decide_answer,
    expire_group_lists,
    make_group_list,
    paste_again,
)
from anlan.exchange.groups.queries import (
    access_group_list,
    coverage_of,
    silent_households,
    state_of_lines,
    totals_of,
    visible_group_lists,
)
from anlan.exchange.groups.rules import AnswerState, Why
from anlan.exchange.models import GroupAnswer, GroupList
from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.errors import Conflict, NotAllowed, NotFound
from anlan.foundation.ids import new_id
from anlan.foundation.scope import duty, scope
from anlan.people.actions import ErasureGround, erase_resident
from anlan.people.models import Household, Resident
from tests.exchange.group_texts import HEADCOUNT, HOSTILE, NO_NUMBERS, TESTING
from tests.world import DISTRICT, GRID_A, GRID_B, GRID_D, World

pytestmark = pytest.mark.django_db


def made(world: World, text: str, handle: str = "wang", place: str = f"area:{GRID_A}") -> tuple[Actor, UUID]:
    actor = world.actor(handle)
    asked = NewGroupList("今晚核酸", "sign_up", place, 30)
    with scope(actor):
        return actor, make_group_list(actor=actor, list_id=new_id(), asked=asked, text=text, now=world.now).pk


def lines_of(actor: Actor, list_id: UUID) -> dict[str, tuple[str, str]]:
    """Return state and reason by the group's number (and part, where there are several)."""
    with scope(actor):
        rows = GroupAnswer.objects.filter(group_list=list_id).order_by("line", "part")
        return {
            f"{row.number or row.line}{'' if not row.part else 'b'}": (row.state, row.why) for row in rows
        }


def confirm(world: World, actor: Actor, list_id: UUID, state: str = "matched") -> int:
    with scope(actor):
        version = access_group_list(actor, list_id).version
        return confirm_answers(
            actor=actor, list_id=list_id, state=state, expected_version=version, now=world.now
        )


def row_of(actor: Actor, list_id: UUID, number: str) -> GroupAnswer:
    with scope(actor):
        return GroupAnswer.objects.get(group_list=list_id, number=number, part=0)


def decide(world: World, actor: Actor, list_id: UUID, number: str, decision: str) -> GroupAnswer:
    row = row_of(actor, list_id, number)
    with scope(actor):
        return decide_answer(actor=actor, list_id=list_id, answer_id=row.pk, decision=decision, now=world.now)


def test_each_line_meets_the_register_as_far_as_it_is_certain(world: World) -> None:
    actor, list_id = made(world, TESTING)

    found = lines_of(actor, list_id)
    assert found["4"] == ("matched", "door_name")
    assert (found["5"], found["5b"]) == (("matched", "door_name"), ("matched", "door_name"))
    assert found["6"] == ("likely", "title")
    assert (found["7"], found["8"]) == (("no_answer", "is_empty"), ("no_answer", "is_empty"))
    assert found["9"] == ("matched", "door")
    assert found["10"] == ("matched", "door")
    assert found["11"] == ("matched", "door_name")


def test_every_line_ends_in_exactly_one_state(world: World) -> None:
    for text in (TESTING, HEADCOUNT, NO_NUMBERS, HOSTILE):
        actor, list_id = made(world, text)
        with scope(actor):
            listed = access_group_list(actor, list_id)
            totals = totals_of(state_of_lines(listed))
        assert sum(totals.values()) == len([line for line in text.splitlines() if line.strip()])


def test_a_name_alone_is_never_certain_and_homophones_are_found(world: World) -> None:
    actor, list_id = made(world, NO_NUMBERS)

    assert lines_of(actor, list_id) == {
        "1": ("matched", "door_name"),
        "2": ("likely", "name"),  # 赵秀兰
        "3": ("likely", "name_sound"),  # 林小语 for 林小雨
        "4": ("matched", "door_kin"),
        "5": ("likely", "name_sound"),  # chendaming
        "6": ("matched", "phone"),
        "7": ("likely", "door_other"),  # nobody of that name at this door
    }


def test_a_list_of_one_building_reads_rooms_and_stairs(world: World) -> None:
    building = world.buildings[GRID_A][0]
    actor, list_id = made(
        world, "1. 101 陈大明\n2. 2-501\n3. 赵秀兰\n4. 2-201\n5. 单玉珍", place=f"building:{building.pk}"
    )

    assert lines_of(actor, list_id) == {
        "1": ("matched", "door_name"),
        "2": ("matched", "door"),
        "3": ("likely", "name"),
        "4": ("unmatched", "no_door"),
        "5": ("unmatched", "no_name"),  # she lives in another building
    }


def test_two_of_one_name_are_left_to_a_person(world: World) -> None:
    with duty("build_district", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        grid_c = Resident.objects.get(name="陈大明", area_code__startswith="330199001002")
        assert grid_c is not None
    actor, list_id = made(world, "1. 陈大明", handle="qian", place="area:330199001")

    assert lines_of(actor, list_id)["1"] == ("several", "name_several")
    with scope(actor):
        assert len(row_of(actor, list_id, "1").candidates) == 2


def test_nothing_counts_before_it_is_confirmed_and_twice_is_once(world: World) -> None:
    actor, list_id = made(world, TESTING)
    with scope(actor):
        listed = access_group_list(actor, list_id)
        assert coverage_of(actor, listed).answered == 0

    assert confirm(world, actor, list_id) == 9
    assert confirm(world, actor, list_id) == 0

    with scope(actor):
        covered = coverage_of(actor, listed)
    assert (covered.households, covered.answered, covered.silent) == (4, 4, 0)
    # Chen's three, Lin, Zhao, Ouyang once though named twice, Shan, two and one of the last door; one left
    assert (covered.people, covered.unclear) == (3 + 1 + 1 + 1 + 1 + 2 + 1, 1)


def test_the_later_line_of_one_person_counts_and_both_are_kept(world: World) -> None:
    actor, list_id = made(world, "1. 陈大明 1-1-101 2人\n2. 赵秀兰 1-2-501\n3. 陈大明 1-1-101 3人")
    confirm(world, actor, list_id)

    with scope(actor):
        rows = GroupAnswer.objects.filter(group_list=list_id).order_by("line")
        assert [row.is_last for row in rows] == [False, True, True]
        assert coverage_of(actor, access_group_list(actor, list_id)).people == 4


def test_who_withdraws_has_answered_and_is_not_counted(world: World) -> None:
    actor, list_id = made(world, "1. 陈大明 1-1-101 3人\n2. 赵秀兰 1-2-501\n3. 赵秀兰 1-2-501 取消")
    confirm(world, actor, list_id)

    with scope(actor):
        covered = coverage_of(actor, access_group_list(actor, list_id))
    assert (covered.answered, covered.withdrawn, covered.people) == (2, 1, 3)


def test_silent_households_stand_in_the_order_of_their_doors(world: World) -> None:
    actor, list_id = made(world, "1. 1-2-501 两人")
    confirm(world, actor, list_id)

    with scope(actor):
        silent = list(silent_households(actor, access_group_list(actor, list_id)))
    assert [(str(home.building.number), home.unit, home.room) for home in silent if home.building] == [
        ("1", 1, "101"), ("2", 1, "201"), ("2", 2, "602"),
    ]  # fmt: skip


def test_a_later_text_adds_what_is_new_and_marks_what_changed(world: World) -> None:
    first = "#接龙 买菜\n1. 陈大明 1-1-101 2人\n2. 赵阿姨 501\n3."
    actor, list_id = made(world, first)
    confirm(world, actor, list_id)
    decided = decide(world, actor, list_id, "2", f"household:{world.households[GRID_A][1].pk}")

    later = "#接龙 买菜\n1. 陈大明 1-1-101 3人\n2. 赵阿姨 501\n3. 单玉珍 2-1-201\n4. 龚𬀪"
    with scope(actor):
        done = paste_again(actor=actor, list_id=list_id, text=later, now=world.now)
        again = paste_again(actor=actor, list_id=list_id, text=later, now=world.now)
        rows = list(GroupAnswer.objects.filter(group_list=list_id).order_by("line"))

    assert (done.new, done.changed, done.same, done.missing) == (1, 2, 2, 0)
    assert (again.new, again.changed, again.same) == (0, 0, 5)
    assert [row.number for row in rows] == ["", "1", "2", "3", "4"]
    assert (rows[1].people, rows[1].confirmed_at is None, rows[1].changed_at) == (3, False, world.now)
    assert rows[2].pk == decided.pk
    assert rows[2].household_id == decided.household_id
    assert (rows[3].state, rows[3].confirmed_at) == ("matched", None)


def test_a_line_that_left_the_text_is_kept_and_marked(world: World) -> None:
    actor, list_id = made(world, "1. 陈大明 1-1-101\n2. 赵秀兰 1-2-501")

    with scope(actor):
        done = paste_again(
            actor=actor, list_id=list_id, text="1. 赵秀兰 1-2-501\n2. 龚𬀪 2-2-602", now=world.now
        )
        rows = list(GroupAnswer.objects.filter(group_list=list_id).order_by("line"))

    assert (done.new, done.changed, done.missing) == (1, 0, 1)
    assert [(row.number, row.is_missing) for row in rows] == [("1", True), ("1", False), ("2", False)]


def test_the_same_list_sent_twice_is_made_once(world: World) -> None:
    actor, list_id = world.actor("wang"), new_id()
    asked = NewGroupList("买菜", "errands", f"area:{GRID_A}", 7)

    with scope(actor):
        for _time in range(2):
            make_group_list(actor=actor, list_id=list_id, asked=asked, text=TESTING, now=world.now)
        assert GroupList.objects.count() == 1
        assert GroupAnswer.objects.values("line").distinct().count() == 14


def test_a_person_decides_leaves_and_takes_back(world: World) -> None:
    actor, list_id = made(world, "1. 开心果\n2. 赵秀兰")
    home = world.households[GRID_A][3]

    chosen = decide(world, actor, list_id, "1", f"household:{home.pk}")
    left = decide(world, actor, list_id, "2", "leave")
    assert (chosen.state, chosen.why, chosen.household_id, chosen.confirmed_name) == (
        AnswerState.MATCHED, Why.CHOSEN, home.pk, "王芳",
    )  # fmt: skip
    assert (left.state, left.confirmed_at) == (AnswerState.LEFT, None)

    back = decide(world, actor, list_id, "1", "reopen")
    assert (back.state, back.household_id, back.confirmed_at) == (AnswerState.UNMATCHED, None, None)
    with pytest.raises(DecisionUnknown):
        decide(world, actor, list_id, "1", "everybody")


def test_likely_lines_are_confirmed_at_once_when_asked(world: World) -> None:
    actor, list_id = made(world, "1. 赵秀兰\n2. 龚𬀪\n3. 陈大明 1-1-101")

    assert confirm(world, actor, list_id, "likely") == 2

    with scope(actor):
        assert coverage_of(actor, access_group_list(actor, list_id)).answered == 2
    with pytest.raises(DecisionUnknown):
        confirm(world, actor, list_id, "several")


def test_nobody_of_elsewhere_is_matched_chosen_or_seen(world: World) -> None:
    actor, list_id = made(world, "1. 王伟\n2. 孙丽 1-1-101")
    foreign = world.households[GRID_D][0].pk

    assert lines_of(actor, list_id)["1"] == ("unmatched", "no_name")
    with pytest.raises(NotFound):
        decide(world, actor, list_id, "1", f"household:{foreign}")
    with pytest.raises(NotFound):
        decide(world, actor, list_id, "1", f"resident:{new_id()}")
    neighbour = world.actor("liu")
    with scope(neighbour):
        assert not visible_group_lists(neighbour).exists()
        with pytest.raises(NotFound):
            access_group_list(neighbour, list_id)
        with pytest.raises(NotFound):
            paste_again(actor=neighbour, list_id=list_id, text="1. 王伟", now=world.now)


def test_a_place_outside_the_range_or_a_post_without_grid_work_is_refused(world: World) -> None:
    for place in (f"area:{GRID_B}", f"building:{world.buildings[GRID_B][0].pk}", "area:", "building:x", "x"):
        with pytest.raises(GroupListInvalid):
            made(world, TESTING, place=place)
    with pytest.raises(NotAllowed):
        made(world, TESTING, handle="zhou", place=f"area:{DISTRICT}")


def test_what_is_missing_is_said_at_its_field(world: World) -> None:
    actor = world.actor("wang")
    with scope(actor), pytest.raises(GroupListInvalid) as refused:
        asked = NewGroupList(" ", "gossip", f"area:{GRID_A}", 400)
        make_group_list(actor=actor, list_id=new_id(), asked=asked, text="1. 陈大明", now=world.now)
    assert set(refused.value.fields) == {"title", "purpose", "kept_days"}
    for text in ("", " \n ", "1\n" * 3001, "字" * 200_001):
        with pytest.raises(GroupListInvalid):
            made(world, text)


def test_a_later_text_makes_an_older_page_look_again(world: World) -> None:
    actor, list_id = made(world, "1. 陈大明 1-1-101")
    with scope(actor):
        paste_again(actor=actor, list_id=list_id, text="1. 陈大明 1-1-101\n2. 赵秀兰 1-2-501", now=world.now)
        with pytest.raises(Conflict):
            confirm_answers(actor=actor, list_id=list_id, state="matched", expected_version=1, now=world.now)


def test_a_closed_list_takes_nothing_more_and_an_old_one_goes(world: World) -> None:
    actor, list_id = made(world, TESTING)
    with scope(actor):
        close_group_list(actor=actor, list_id=list_id, now=world.now)
        with pytest.raises(GroupListClosed):
            paste_again(actor=actor, list_id=list_id, text="1. 陈大明", now=world.now)

    assert expire_group_lists(now=world.now + timedelta(days=29)) == 0
    assert expire_group_lists(now=world.now + timedelta(days=31)) == 1
    with scope(actor):
        assert not GroupAnswer.objects.exists()


def test_who_is_erased_leaves_no_line_behind(world: World) -> None:
    actor, list_id = made(world, "1. 陈大明 1-1-101\n2. 赵秀兰 1-2-501")
    officer = world.actor("you")
    with scope(officer):
        person = Resident.objects.get(name="赵秀兰")
        erase_resident(
            actor=officer, resident_id=person.pk, ground=ErasureGround("purpose_ended", "迁出"),
            expected_version=person.version, now=world.now,
        )  # fmt: skip

    with scope(actor):
        assert list(GroupAnswer.objects.filter(group_list=list_id).values_list("number", flat=True)) == ["1"]
        assert Household.objects.filter(pk=world.households[GRID_A][1].pk).exists()


def test_two_thousand_lines_are_matched_in_a_handful_of_questions(
    world: World, django_assert_max_num_queries: object
) -> None:
    text = "\n".join(f"{n}. 陈大明 {n % 9 + 1}-1-{100 + n % 40} {n % 4 + 1}人" for n in range(1, 2001))
    actor = world.actor("wang")
    asked = NewGroupList("两千行", "headcount", f"area:{GRID_A}", 7)
    with scope(actor), django_assert_max_num_queries(40):  # type: ignore[operator]
        listed = make_group_list(actor=actor, list_id=new_id(), asked=asked, text=text, now=world.now)
    with scope(actor):
        assert len(state_of_lines(listed)) == 2000


def test_the_words_of_the_group_are_not_readable_in_the_database(world: World) -> None:
    actor, list_id = made(world, "1. 陈大明 1-1-101 布洛芬")

    row = row_of(actor, list_id, "1")
    for column in (row.text, row.said):
        assert "陈大明".encode() not in bytes(column)
        assert "布洛芬".encode() not in bytes(column)
