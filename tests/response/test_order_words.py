"""What the standard pack writes into orders names no illness: everybody in the area reads it."""

import pytest

from anlan.affairs.queries import list_items
from anlan.foundation.pack_store import entry, section
from anlan.foundation.packs import Source, Text
from anlan.health.queries import conditions
from anlan.organisation.pack import Checklist
from anlan.response.pack import PlanOrder, ScopeLayer
from anlan.surveillance.queries import names_illness
from anlan.workorders.pack import OrderKind

pytestmark = pytest.mark.django_db
FOR_HEALTH = {"verify_signal", "field_investigation"}  # seen by health posts alone


def texts() -> dict[str, list[Text]]:
    """Return by line of the pack what an order of it would say."""
    said = {f"plan_orders {one.key}": [one.task] for one in section(PlanOrder) if not one.health_posts_only}
    for kind in section(OrderKind):
        if kind.key not in FOR_HEALTH:
            listed = entry(Checklist, kind.checklist).items if kind.checklist else []
            said[f"order_kinds {kind.key}"] = [kind.title, kind.done_when, *(item.text for item in listed)]
    for item in list_items():
        said[f"lists {item.key}"] = [item.title, item.basis]
    for layer in section(ScopeLayer):
        said[f"scope_layers {layer.key}"] = [entry(Source, layer.source).title]
    return said


@pytest.mark.usefixtures("world")
def test_no_order_of_the_pack_says_what_the_illness_is() -> None:
    named = {
        (line, condition.key)
        for line, words in texts().items()
        for condition in conditions()
        for text in words
        if names_illness(f"{text.zh} {text.en}", condition.key)
    }

    assert named == set()


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("诺如病毒感染暴发调查和预防控制技术指南（2015版）", "norovirus"),
        ("诺如病例均已康复", "norovirus"),
        ("Norovirus cases", "norovirus"),
        ("手足口聚集", "hand_foot_mouth"),
        ("无新发腹泻", "diarrhoea_vomiting"),
        ("甲肝", "hepatitis_a"),
    ],
)
def test_a_name_is_known_by_its_parts_and_by_what_people_call_it(text: str, condition: str) -> None:
    assert names_illness(text, condition)
    assert not names_illness("末例后满 21 天无新发", condition)
