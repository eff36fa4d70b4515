"""What the inbox set aside: its sender sees it, the reviewer decides, nobody reads its content there."""

from typing import Any

import pytest
from django.test import Client

from anlan.foundation.actor import AreaRanges
from anlan.foundation.models import AuditEntry, Envelope
from anlan.foundation.scope import duty
from tests.foundation.test_runner import accepted, again
from tests.world import DISTRICT, GRID_A, GRID_D, World

PAGE, DECIDE = "/set-aside/", "/set-aside/decide/"


@pytest.fixture
def aside(world: World) -> Envelope:
    return accepted(
        world, "wang", GRID_A, "私下的话", source="case-reports", state="review", problem="appointment_ended"
    )


def page(world: World, handle: str) -> str:
    return world.sign_in(Client(), handle).get(PAGE).content.decode()


def decide(world: World, handle: str, **given: Any) -> Any:
    return world.sign_in(Client(), handle).post(DECIDE, given)


def audited(verb: str) -> list[AuditEntry]:
    with duty("answer_audit", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        return list(AuditEntry.objects.filter(verb=verb))


def test_the_sender_sees_their_own_and_why_it_was_set_aside(world: World, aside: Envelope) -> None:
    shown = page(world, "wang")

    assert "春泉第一网格" in shown
    assert "发送时任职已结束" in shown
    assert "待复核" in shown
    assert "再试一次" not in shown


@pytest.mark.parametrize("handle", ["qian", "he"])
def test_those_who_keep_posts_and_the_system_see_what_lies_in_range(
    world: World, aside: Envelope, handle: str
) -> None:
    assert "发送时任职已结束" in page(world, handle)


@pytest.mark.parametrize("handle", ["wang", "qian", "he"])
def test_the_content_is_not_shown(world: World, aside: Envelope, handle: str) -> None:
    assert "私下的话" not in page(world, handle)


@pytest.mark.parametrize("handle", ["liu", "shi", "kong"])
def test_a_neighbour_and_another_post_of_the_place_see_nothing(
    world: World, aside: Envelope, handle: str
) -> None:
    assert "没有未能入账的来件" in page(world, handle)


def test_what_lies_beyond_the_range_is_hidden_from_the_reviewer(world: World) -> None:
    far = accepted(world, "du", GRID_D, state="review", problem="appointment_ended")

    assert "没有未能入账的来件" in page(world, "qian")
    assert decide(world, "qian", envelope=far.pk, act="retry").status_code == 404
    assert again(far).state == "review"


def test_what_was_applied_or_still_waits_is_not_listed(world: World) -> None:
    accepted(world, "wang", GRID_A, state="applied")
    accepted(world, "wang", GRID_A)

    assert "没有未能入账的来件" in page(world, "qian")


def test_a_broken_envelope_says_so_without_a_place_in_the_code(world: World) -> None:
    accepted(world, "wang", GRID_A, state="poisoned", problem="KeyError at anlan/health/intake.py:7")

    shown = page(world, "qian")

    assert "处理时出错" in shown
    assert "KeyError" in shown
    assert "intake.py" not in shown


def test_the_reviewer_has_it_tried_again(world: World) -> None:
    row = accepted(world, "wang", GRID_A, state="poisoned", tries=5, problem="KeyError")

    answer = decide(world, "qian", envelope=row.pk, act="retry")

    assert answer.status_code == 302
    assert (again(row).state, again(row).tries, again(row).due_at) == ("waiting", 0, None)
    assert [entry.subject_ids for entry in audited("retry_envelope")] == [[row.record_id]]


def test_the_reviewer_leaves_it_unused_and_the_reason_is_audited(world: World, aside: Envelope) -> None:
    answer = decide(world, "qian", envelope=aside.pk, act="dismiss", reason="已另行补报")

    assert answer.status_code == 302
    assert again(aside).state == "dismissed"
    assert [entry.why for entry in audited("dismiss_envelope")] == ["已另行补报"]
    assert "没有未能入账的来件" in page(world, "qian")


@pytest.mark.parametrize(
    "given",
    [
        {"act": "dismiss", "reason": "  "},
        {"act": "forget"},
        {"act": "retry", "envelope": "一"},
        {"act": "retry", "envelope": "9" * 40},
    ],
)
def test_wrong_input_is_refused_and_changes_nothing(
    world: World, aside: Envelope, given: dict[str, str]
) -> None:
    answer = decide(world, "qian", **{"envelope": aside.pk, **given})

    assert answer.status_code == 422
    assert again(aside).state == "review"


def test_a_second_decision_is_told_that_it_comes_late(world: World, aside: Envelope) -> None:
    decide(world, "qian", envelope=aside.pk, act="dismiss", reason="重复")

    assert decide(world, "qian", envelope=aside.pk, act="retry").status_code == 409
    assert again(aside).state == "dismissed"


@pytest.mark.parametrize("handle", ["wang", "he"])
def test_the_sender_and_the_system_do_not_decide(world: World, aside: Envelope, handle: str) -> None:
    assert decide(world, handle, envelope=aside.pk, act="retry").status_code == 403
    assert again(aside).state == "review"


def test_a_wrong_page_mark_is_refused(world: World) -> None:
    assert world.sign_in(Client(), "wang").get(PAGE, {"after": "!"}).status_code == 422


def test_a_long_list_goes_on_by_pages(world: World) -> None:
    for _number in range(51):
        accepted(world, "wang", GRID_A, state="review", problem="invalid onset_on")

    first = world.sign_in(Client(), "qian").get(PAGE)
    second = world.sign_in(Client(), "qian").get(PAGE, {"after": first.context["page"].after})

    assert (len(first.context["lines"]), len(second.context["lines"])) == (50, 1)


def test_the_stranger_is_asked_to_sign_in(client: Client, aside: Envelope) -> None:
    for answer in (client.get(PAGE), client.post(DECIDE, {"envelope": aside.pk, "act": "retry"})):
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/login/")
    assert again(aside).state == "review"
