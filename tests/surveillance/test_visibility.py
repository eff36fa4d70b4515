"""Visibility classes A, B and C and counts under 5, on every page and row of signals and products."""

from uuid import UUID

import pytest
from django.test import Client

from anlan.foundation.actor import AreaRanges
from anlan.foundation.scope import duty, scope
from anlan.surveillance.models import Signal, WarningReceipt
from anlan.surveillance.queries import visible_products, visible_signals
from tests.surveillance.test_loop import product_of, sign, signed
from tests.world import DISTRICT, GRID_A, SPRING, World

WHOLE = AreaRanges.of([DISTRICT])
CLASSES = {"A": ("hiv_aids", "艾滋病"), "B": ("typhoid", "伤寒"), "C": ("norovirus", "诺如病毒")}
LEADERS = ("zhao", "qian", "kong")  # commander, subdistrict, secretary: purpose `lead` without `health`
WORDS = "春泉第一网格 3 天内报告{}12 例"


def warned(world: World, letter: str, count: int = 12) -> tuple[UUID, str]:
    """Make a verified signal of this class with a reason, a note and a product; return it and the disease."""
    condition, name = CLASSES[letter]
    with duty("react", ranges=WHOLE, cause="test"):
        signal = Signal.objects.create(
            area_code=GRID_A,
            condition=condition,
            place_kind="grid",
            place_key=GRID_A,
            place_name="春泉第一网格",
            state="assessed",
            grade="low",
            urgency="same_day",
            receives=["cdc_duty_officer", "health_centre_officer"],
            case_count=count,
            first_on=world.now.date(),
            last_on=world.now.date(),
            raised_at=world.now,
            state_entered_at=world.now,
            verified_at=world.now,
            seen_by_leaders=letter != "A",
        )
        part = {"area_code": GRID_A, "signal": signal}
        signal.reasons.create(
            **part, rule="r", words_zh=WORDS.format(name), words_en="…", count=count, at=world.now,
            spoken_at=world.now,
        )  # fmt: skip
        signal.steps.create(**part, act="verify", at=world.now, note=f"电话核实为{name}")
        signal.assessments.create(
            **part, grade="low", likelihood=2, impact=2, vulnerability=2, evidence=f"同班{name}",
            assessed_at=world.now, post_title="", member_name="",
        )  # fmt: skip
        signal.products.create(
            **part, kind="warning_notification", text="附近有传染病聚集，请留意。", formed_at=world.now
        )
    return signal.pk, name


def pages(world: World, handle: str, signal_id: UUID) -> dict[str, str]:
    """Return what the reader is shown on each surface of a signal."""
    client = world.sign_in(Client(), handle)
    addresses = [
        "/signals/?view=all",
        f"/signals/{signal_id}/",
        f"/products/{product_of(signal_id).pk}/",
        "/command/",
        "/work/",
    ]
    return {address: client.get(address).content.decode() for address in addresses}


@pytest.mark.parametrize("handle", LEADERS)
def test_class_a_is_for_health_posts_alone(world: World, handle: str) -> None:
    signal_id, name = warned(world, "A")
    actor = world.actor(handle)

    with scope(actor):
        assert not visible_signals(actor).exists()
        assert not Signal.objects.filter(pk=signal_id).exists()  # the database says so too
        assert not visible_products(actor).exists()
    assert all(name not in page for page in pages(world, handle, signal_id).values())


@pytest.mark.parametrize("handle", ["zhou", "wu"])
def test_health_posts_see_class_a_by_name(world: World, handle: str) -> None:
    signal_id, name = warned(world, "A")

    assert name in pages(world, handle, signal_id)[f"/signals/{signal_id}/"]


@pytest.mark.parametrize("handle", LEADERS)
def test_leaders_see_place_and_grade_of_class_b_and_no_diagnosis(world: World, handle: str) -> None:
    signal_id, name = warned(world, "B")

    shown = pages(world, handle, signal_id)

    assert all(name not in page for page in shown.values())
    assert "春泉第一网格" in shown[f"/signals/{signal_id}/"] and "低风险" in shown[f"/signals/{signal_id}/"]


@pytest.mark.parametrize("handle", LEADERS)
def test_leaders_see_class_c_by_name(world: World, handle: str) -> None:
    signal_id, name = warned(world, "C")

    page = pages(world, handle, signal_id)[f"/signals/{signal_id}/"]

    assert name in page and "12 例" in page and "电话核实" not in page and "同班" not in page


@pytest.mark.parametrize("handle", LEADERS)
def test_counts_under_five_are_hidden_from_leaders(world: World, handle: str) -> None:
    signal_id, _name = warned(world, "C", count=4)

    shown = pages(world, handle, signal_id)

    assert "12 例" not in shown[f"/signals/{signal_id}/"]  # nor the sentence of a rule that spoke of them
    assert "人数少于 5，不显示" in shown[f"/signals/{signal_id}/"]
    assert "4 例" not in shown[f"/signals/{signal_id}/"]


def test_a_filter_tells_no_leader_of_a_closed_disease(world: World) -> None:
    signal_id, _name = warned(world, "B")
    client = world.sign_in(Client(), "zhao")

    asked, other = (client.get(f"/signals/?condition={key}") for key in ("typhoid", "rabies"))
    by_name = client.get("/signals/?q=伤寒").content.decode()

    assert str(signal_id) in asked.content.decode() and str(signal_id) in other.content.decode()
    assert str(signal_id) not in by_name
    assert 'value="typhoid"' not in asked.content.decode()


@pytest.mark.parametrize("letter", ["A", "B", "C"])
def test_a_receipt_carries_a_diagnosis_of_class_c_at_most(world: World, letter: str) -> None:
    signal_id, name = warned(world, letter)
    with duty("react", ranges=WHOLE, cause="test"):
        signal_product = product_of(signal_id)

    sign(world, signal_id, text=signal_product.text)

    with duty("detect", ranges=WHOLE, cause="test"):
        rows = list(WarningReceipt.objects.filter(area_code__startswith=SPRING))
        fields = [str(value) for row in rows for value in row.__dict__.values()]
    assert rows and all(name not in text and CLASSES[letter][0] not in text for text in fields)


def test_what_area_staff_read_names_no_class_and_no_school(world: World) -> None:
    signed(world)
    page = world.sign_in(Client(), "wang").get("/warnings/").content.decode()

    assert "一（1）班" not in page and "春泉小学" not in page
