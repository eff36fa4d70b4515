"""What the standard pack must hold: diseases, posts, numbers of the criteria, two languages."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from anlan.exercises.district.roles import STANDARD_ROLES
from anlan.foundation.packs import LIBRARY, Pack, Text, read_pack
from anlan.health.pack import Disease, EventGauge, Syndrome
from anlan.organisation.pack import PostRole
from anlan.surveillance.pack import Clock, Rule
from anlan.workorders.pack import OrderKind, OrderStage


def texts_of(model: BaseModel) -> Iterator[Text]:
    """Walk a model for its texts."""
    for value in (getattr(model, name) for name in type(model).model_fields):
        items: list[Any] = list(value) if isinstance(value, list) else [value]
        for item in items:
            if isinstance(item, Text):
                yield item
            elif isinstance(item, BaseModel):
                yield from texts_of(item)


@pytest.fixture(scope="module")
def standard() -> Pack:
    return read_pack(LIBRARY / "standard")


def test_the_standard_pack_names_the_forty_statutory_diseases(standard: Pack) -> None:
    classes: list[str] = [disease.legal_class for disease in standard.bodies(Disease) if disease.is_statutory]

    assert {name: classes.count(name) for name in "ABC"} == {"A": 2, "B": 27, "C": 11}


def test_the_standard_pack_keeps_sensitive_diseases_from_area_staff(standard: Pack) -> None:
    hidden = {disease.key for disease in standard.bodies(Disease) if disease.visibility == "A"}
    area_staff = {
        "grid_worker",
        "building_head",
        "community_secretary",
        "community_worker",
        "subdistrict_officer",
    }
    posts = {post.key: post for post in standard.bodies(PostRole)}

    assert hidden >= {
        "hiv_aids",
        "gonorrhoea",
        "syphilis",
        "hepatitis_b",
        "hepatitis_c",
        "tuberculosis",
        "leprosy",
    }
    assert all(set(posts[key].sees_visibility) <= {"C"} for key in area_staff)
    assert all("health" not in posts[key].purposes for key in area_staff)


def test_the_two_hour_list_holds_class_a_what_is_managed_as_a_and_the_unknown(standard: Pack) -> None:
    two_hour = {disease.key for disease in standard.bodies(Disease) if disease.clock_hours == 2}
    as_class_a = {disease.key for disease in standard.bodies(Disease) if disease.managed_as == "A"}

    assert as_class_a == {"plague", "cholera", "sars", "anthrax_pulmonary"}
    assert two_hour >= as_class_a | {"unknown_pneumonia", "unknown_infectious", "new_infectious"}


def test_the_standard_pack_has_every_post_of_the_four_levels_and_beside_them(standard: Pack) -> None:
    assert {post.key for post in standard.bodies(PostRole)} >= {
        *("grid_worker", "building_head", "community_secretary", "community_worker", "subdistrict_officer"),
        *("district_commander", "cdc_duty_officer", "disease_control_officer", "health_centre_officer"),
        *(
            "village_doctor",
            "school_health_officer",
            "pharmacy_clerk",
            "hotline_operator",
            "governance_centre",
        ),
        *("social_work_officer", "civil_affairs_officer", "police_officer", "housing_officer"),
        *("education_officer", "market_supervision_officer", "data_protection_officer", "auditor"),
        *("system_administrator", "security_administrator"),
    }


def test_the_three_administrators_exclude_each_other_and_see_no_resident(standard: Pack) -> None:
    three = {"auditor", "system_administrator", "security_administrator"}
    posts = {post.key: post for post in standard.bodies(PostRole) if post.key in three}

    assert all({key, *post.not_together_with} == three for key, post in posts.items())
    assert not {"grid_work", "health", "org"} & {
        purpose for post in posts.values() for purpose in post.purposes
    }


def test_raw_signals_go_to_those_whose_work_they_are_and_nobody_else(standard: Pack) -> None:
    entitled = {post.key for post in standard.bodies(PostRole) if post.receives_raw_signals}

    assert entitled == {"cdc_duty_officer", "health_centre_officer"}
    assert {post for rule in standard.bodies(Rule) for post in rule.receives} <= entitled


@pytest.mark.parametrize(
    ("rule", "at_least", "within_days"),
    [
        ("hand_foot_mouth_unit", 5, 7),
        ("hand_foot_mouth_class", 2, 7),
        ("norovirus_unit", 10, 7),
        ("influenza_unit", 10, 7),
        ("scarlet_fever_unit", 10, 7),
        ("measles_unit", 2, 10),
        ("rubella_unit", 5, 7),
        ("mumps_unit", 5, 7),
        ("varicella_unit", 5, 7),
        ("conjunctivitis_unit", 3, 7),
        ("dysentery_unit", 10, 3),
        ("dengue_local", 3, 14),
    ],
)
def test_school_rules_stand_as_the_criteria_say(
    standard: Pack, rule: str, at_least: int, within_days: int
) -> None:
    found = {item.key: item for item in standard.bodies(Rule)}[rule]

    assert (found.at_least, found.within_days) == (at_least, within_days)


def test_the_gauge_for_infectious_diarrhoea_is_twenty_in_a_week(standard: Pack) -> None:
    gauge = {item.key: item for item in standard.bodies(EventGauge)}["diarrhoea_cluster"]

    assert (gauge.at_least, gauge.within_days, gauge.place) == (20, 7, "unit")


def test_every_kind_of_order_has_minutes_for_each_stage_of_its_template(standard: Pack) -> None:
    stages = standard.bodies(OrderStage)

    for kind in standard.bodies(OrderKind):
        assert [item.stage for item in kind.stages] == [
            stage.key for stage in stages if stage.template == kind.template
        ], kind.key


def test_every_text_of_the_standard_pack_is_chinese_and_english(standard: Pack) -> None:
    texts = [
        text for entries in standard.sections.values() for entry in entries for text in texts_of(entry.body)
    ]

    assert len(texts) > 500
    assert not [text for text in texts if not any("\u4e00" <= letter <= "\u9fff" for letter in text.zh)]
    assert not [text for text in texts if any("\u4e00" <= letter <= "\u9fff" for letter in text.en)]


def test_fever_alone_is_no_respiratory_syndrome_and_fever_with_cough_is(standard: Pack) -> None:
    syndrome = {item.key: item for item in standard.bodies(Syndrome)}["fever_respiratory"]

    assert not syndrome.is_met_by({"fever"})
    assert syndrome.is_met_by({"fever", "dry_cough", "headache"})


def test_a_declared_syndrome_is_never_derived_from_symptoms(standard: Pack) -> None:
    syndrome = {item.key: item for item in standard.bodies(Syndrome)}["unknown_cluster"]

    assert not syndrome.is_met_by({"fever", "dry_cough", "vomiting"})


def test_a_signal_is_acknowledged_in_30_minutes_60_by_night_15_for_a_two_hour_disease(standard: Pack) -> None:
    clock = {item.key: item for item in standard.bodies(Clock)}["signal_acknowledge"]

    assert (clock.limit_minutes(), clock.limit_minutes(is_night=True)) == (30, 60)
    assert clock.limit_minutes(is_night=True, is_two_hour=True) == 15


def test_the_roles_a_district_is_made_with_are_those_of_the_pack(standard: Pack) -> None:
    in_pack = {post.key: (post.title.zh, post.purposes) for post in standard.bodies(PostRole)}

    assert {role.key: (role.title, list(role.purposes)) for role in STANDARD_ROLES.values()} == in_pack
