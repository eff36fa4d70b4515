"""The standard pack's kinds of key people, needs and lines of liaison say what the sources say."""

import pytest
from pydantic import ValidationError

from anlan.foundation.packs import LIBRARY, Pack, read_pack
from anlan.organisation.pack import BodyTemplate
from anlan.people.pack import KeyPeopleKind, LiaisonLine, ServiceNeed
from anlan.people.rules.care import names_illness


@pytest.fixture(scope="module")
def standard() -> Pack:
    return read_pack(LIBRARY / "standard")


def test_the_contract_has_three_tiers_and_is_marked_as_not_in_the_source(standard: Pack) -> None:
    tiers = [line for line in standard.bodies(LiaisonLine) if line.group.zh == "三级包保"]

    assert [line.tier for line in tiers] == ["subdistrict", "community", "grid"]
    assert all(line.template_not_in_source and line.expects == "every_household" for line in tiers)
    assert all(line.check_before_use for line in standard.bodies(LiaisonLine))


def test_there_are_three_lines_of_liaison_a_doctor_and_a_team_of_five(standard: Pack) -> None:
    lines = {line.key: line for line in standard.bodies(LiaisonLine)}
    bodies = {body.key: body for body in standard.bodies(BodyTemplate)}

    assert [key for key, line in lines.items() if line.group.zh == "三线联系"] == [
        "party_member", "deputy", "centre_household",
    ]  # fmt: skip
    assert lines["family_doctor"].expects == "consenting"
    assert lines["five_on_one"].expects == "key_people"
    assert len(bodies[lines["five_on_one"].team or ""].slots) == 5


def test_a_line_of_a_team_names_no_posts_of_its_own(standard: Pack) -> None:
    line = next(line for line in standard.bodies(LiaisonLine) if line.team)

    with pytest.raises(ValidationError, match="held_by"):
        LiaisonLine.model_validate({**line.model_dump(), "held_by": ["grid_worker"]})


def test_no_word_of_the_pack_that_stands_at_a_door_is_an_illness(standard: Pack) -> None:
    words = [need.title.zh for need in standard.bodies(ServiceNeed)]

    assert len(words) >= 10
    assert [text for text in words if names_illness(text)] == []
    assert all(kind.basis == "consent" for kind in standard.bodies(KeyPeopleKind))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("每周代取药一次", False), ("行动不便，需要陪同看病", False), ("天气炎热时多看望", False),
        ("有症状时联系女儿", False), ("肺癌术后", True), ("乙肝携带者", True), ("精神分裂症", True),
        ("支气管炎，怕冷", True), ("HIV 阳性", True), ("高血压，量血压", True),
    ],
)  # fmt: skip
def test_a_need_says_what_help_is_wanted_not_what_somebody_is_ill_with(text: str, says: bool) -> None:
    assert names_illness(text) is says
