"""The three products: written from their templates, checked, signed, handed on, answered and fed back."""

from uuid import UUID

import pytest

from anlan.foundation.actor import AreaRanges
from anlan.foundation.errors import Conflict, NotAllowed, NotFound
from anlan.foundation.scope import duty, scope
from anlan.surveillance import actions
from anlan.surveillance.models import WarningProduct, WarningReceipt
from anlan.surveillance.queries import product_kinds, visible_receipts
from anlan.surveillance.rules import ProductState, open_places
from anlan.surveillance.wording import must_not_be_said, places_of
from tests.surveillance.test_loop import (
    answer,
    as_zhou,
    assessed,
    product_of,
    run_reactions,
    sign,
    signed,
    verified,
)
from tests.world import DISTRICT, World

WHOLE = AreaRanges.of([DISTRICT])
ALL_KINDS = ("health_risk_notice", "warning_notification", "decision_advice")


def formed(world: World, kind: str) -> WarningProduct:
    signal_id = verified(world)
    assessment = actions.Assessment(
        grade="high", evidence="同班两例", likelihood=5, impact=4, vulnerability=3, products=(kind,)
    )
    as_zhou(world, "assess_signal", signal_id, assessment=assessment)
    return product_of(signal_id)


def write(
    world: World, product: WarningProduct, places: dict[str, str], handle: str = "zhou"
) -> WarningProduct:
    actor = world.actor(handle)
    with scope(actor):
        return actions.write_product(
            actor=actor, product_id=product.pk, places=places, now=world.now, expected_version=product.version
        )


def sign_it(world: World, product: WarningProduct, **texts: str) -> WarningProduct:
    actor = world.actor("wu")
    sent = {"text": product.text, **texts}
    with scope(actor):
        return actions.sign_product(
            actor=actor, product_id=product.pk, now=world.now, expected_version=product.version, **sent
        )


def receipts() -> list[WarningReceipt]:
    with duty("detect", ranges=WHOLE, cause="test"):
        return list(WarningReceipt.objects.order_by("area_code", "role"))


def feed_back(world: World, handle: str, words: str = "已提醒班主任，核对口罩和消毒片") -> WarningReceipt:
    actor = world.actor(handle)
    with scope(actor):
        receipt = visible_receipts(actor).first()
        assert receipt is not None
        return actions.feed_back_warning(actor=actor, receipt_id=receipt.pk, words=words, now=world.now)


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_each_product_is_written_into_all_three_versions_and_signed(world: World, kind: str) -> None:
    product = formed(world, kind)
    template = next(row for row in product_kinds() if row.key == kind).template
    names = places_of([template.plain.zh, template.large_type.zh, template.broadcast.zh])

    product = write(world, product, dict.fromkeys(names, "请按通知办理"))

    for text in (product.text, product.text_large, product.text_broadcast):
        assert text and not open_places(text)
    assert sign_it(world, product).signer_name == "吴岚"


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_a_product_is_formed_by_name_and_moment(world: World, kind: str) -> None:
    product = formed(world, kind)

    assert (product.formed_by_name, product.formed_at, product.state) == (
        "周航",
        world.now,
        ProductState.FORMED,
    )


def test_the_notification_has_no_place_left_open_and_the_public_notice_asks_for_what_is_not_known(
    world: World,
) -> None:
    assert not open_places(formed(world, "warning_notification").text)
    assert open_places(formed_again(world, "health_risk_notice").text) == ["人群", "预防要点"]


def formed_again(world: World, kind: str) -> WarningProduct:
    with duty("detect", ranges=WHOLE, cause="test"):
        signal = WarningProduct.objects.get().signal
    actor = world.actor("zhou")
    with scope(actor):
        return actions.form_product(
            actor=actor, signal_id=signal.pk, kind=kind, now=world.now, expected_version=signal.version
        )


def test_a_product_is_formed_once(world: World) -> None:
    formed(world, "warning_notification")

    with pytest.raises(Conflict):
        formed_again(world, "warning_notification")


def test_a_version_with_an_open_place_is_not_signed(world: World) -> None:
    product = formed(world, "health_risk_notice")

    with pytest.raises(actions.BlanksLeft) as refused:
        sign_it(world, product, text="近期传染病有所增多，请注意洗手。")

    assert set(refused.value.fields) == {"text_large", "text_broadcast"}


@pytest.mark.parametrize(
    "wrong",
    [
        "附近有 3 例发热，请留意。",
        "附近有两例，请留意。",
        "有 4 名学生呕吐，请留意。",
        "春泉小学 一（1）班出现聚集，请留意。",
        "患者住 2号楼，请留意。",
        "患者 330199201905200045，请留意。",
    ],
)
def test_what_must_not_be_said_is_not_signed(world: World, wrong: str) -> None:
    product = formed(world, "warning_notification")

    with pytest.raises(actions.MustNotSay):
        sign_it(world, product, text=wrong)

    assert product_of(product.signal_id).state == ProductState.FORMED
    assert receipts() == []


def test_a_disease_of_class_b_is_not_named_in_a_product(world: World) -> None:
    product = formed(world, "warning_notification")
    with duty("detect", ranges=WHOLE, cause="test"):
        product.signal.condition = "typhoid"
        product.signal.save()

    with pytest.raises(actions.MustNotSay):
        sign_it(world, product, text="附近出现伤寒和副伤寒聚集，请留意。")
    sign_it(world, product, text="附近出现传染病聚集，请留意。")


@pytest.mark.parametrize(
    "right",
    ["附近有 12 例发热。", "每校确定 1 名联系人。", "附近有十三例。", "在 2 小时内完成，人数超过 20 人。"],
)
def test_what_may_be_said_is_let_through(right: str) -> None:
    assert must_not_be_said(right, {}) == []


def test_the_notification_reaches_areas_the_school_its_health_centre_and_education(world: World) -> None:
    signed(world)

    assert {(row.area_code[len(DISTRICT) :], row.role) for row in receipts()} == {
        ("001001001", ""),  # grid A borders on the school and the pupils live there
        ("001001901", "school_health_officer"),
        ("001", "health_centre_officer"),
        ("", "education_officer"),
    }


def test_education_is_not_told_of_a_matter_outside_schools(world: World) -> None:
    product = formed(world, "warning_notification")
    with duty("detect", ranges=WHOLE, cause="test"):
        product.signal.place_kind = "grid"
        product.signal.place_name = "春泉第一网格"
        product.signal.places = [f"grid:{product.signal.area_code}"]
        product.signal.save()

    sign_it(world, product)

    assert "education_officer" not in {row.role for row in receipts()}


def test_advice_goes_to_the_commander_alone(world: World) -> None:
    product = formed(world, "decision_advice")
    product = write(world, product, dict.fromkeys(open_places(product.text), "见附件"))

    sign_it(world, product)

    assert [row.role for row in receipts()] == ["district_commander"]
    with scope(world.actor("han")):
        assert not visible_receipts(world.actor("han")).exists()  # the police sits in the same district
    answer(world, "zhao")


def test_the_public_notice_waits_for_nobody(world: World) -> None:
    product = formed(world, "health_risk_notice")
    product = write(world, product, {"人群": "老人和孩子", "预防要点": "勤洗手"})

    assert sign_it(world, product).state == ProductState.ANSWERED
    assert receipts() == []


def test_a_post_answers_for_itself_alone(world: World) -> None:
    signed(world)
    of_school = next(row for row in receipts() if row.role == "school_health_officer")

    for handle, refusal in (("kong", NotFound), ("zhou", NotAllowed), ("zheng", NotAllowed)):
        actor = world.actor(handle)
        with scope(actor), pytest.raises(refusal):
            actions.acknowledge_warning(actor=actor, receipt_id=of_school.pk, now=world.now)


def state_of(signal_id: UUID) -> str:
    return product_of(signal_id).state


def test_a_product_is_passed_on_answered_and_fed_back_in_turn(world: World) -> None:
    signal_id = signed(world)
    assert state_of(signal_id) == ProductState.PASSED_ON

    for handle in ("wang", "chu", "zheng"):
        answer(world, handle)
    run_reactions()
    assert state_of(signal_id) == ProductState.PASSED_ON
    feed_back(world, "zhu")  # who feeds back has answered
    run_reactions()
    assert state_of(signal_id) == ProductState.ANSWERED
    for handle in ("wang", "chu", "zheng"):
        feed_back(world, handle)
    run_reactions()

    product = product_of(signal_id)
    assert product.state == ProductState.FED_BACK
    assert product.answered_at and product.fed_back_at


def test_feedback_needs_words_and_stands_once_given(world: World) -> None:
    signed(world)

    with pytest.raises(actions.WordsNeeded):
        feed_back(world, "wang", " ")
    feed_back(world, "wang")
    with pytest.raises(Conflict):
        feed_back(world, "wang", "又一次")


def test_those_who_have_not_answered_are_reminded_by_hand(world: World) -> None:
    signal_id = signed(world)
    answer(world, "wang")
    actor, product = world.actor("wu"), product_of(signal_id)

    with scope(actor):
        assert actions.remind_receivers(actor=actor, product_id=product.pk, now=world.now) == 3
    with scope(world.actor("zheng")), pytest.raises(NotAllowed):
        actions.remind_receivers(actor=world.actor("zheng"), product_id=product.pk, now=world.now)


def test_a_signed_product_is_not_written_again(world: World) -> None:
    signal_id = signed(world)

    with pytest.raises(actions.ProductMoved):
        write(world, product_of(signal_id), {"任务": "别的"})


def test_a_product_changed_meanwhile_is_not_signed(world: World) -> None:
    signal_id = assessed(world)
    old = product_of(signal_id)
    write(world, old, {"任务": "核对物资"})

    with pytest.raises(actions.ProductMoved):
        sign_it(world, old)
    sign(world, signal_id)
