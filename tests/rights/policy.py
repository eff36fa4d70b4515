"""The rights policy as values, and the answer it derives for one person, act and object."""

from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

import yaml

OVERSIGHT = frozenset({"audit", "privacy"})
FILE = Path(__file__).with_name("policy.yaml")


class Answer(Enum):
    """What a request is expected to be answered."""

    SIGN_IN = "asked to sign in"
    REFUSED = "refused"
    ABSENT = "absent"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Asker:
    """One role as the policy sees it."""

    role: str
    purposes: frozenset[str]
    area_code: str


@cache
def policy() -> dict[str, Any]:
    """Return the file."""
    loaded: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return loaded


def expected(
    asker: Asker | None, route: str, method: str, object_area: str | None, *, is_erased: bool = False
) -> Answer:
    """Derive the answer; `object_area` is where the object lies or lay, None for one that never was."""
    return expected_by(policy()["routes"][route][method], asker, object_area, is_erased=is_erased)


def expected_by(
    rule: dict[str, Any], asker: Asker | None, object_area: str | None, *, is_erased: bool = False
) -> Answer:
    """Derive the answer from one rule: of a route, or of an operation of the API."""
    if asker is None:
        return Answer.SIGN_IN
    if rule["purposes"] and not asker.purposes & set(rule["purposes"]):
        return Answer.REFUSED
    if "all_of" in rule and not asker.purposes & OVERSIGHT and not asker.purposes >= set(rule["all_of"]):
        return Answer.REFUSED
    if "of" not in rule:
        return Answer.REFUSED if "roles" in rule and asker.role not in rule["roles"] else Answer.ANSWERED
    kind = policy()["objects"][rule["of"]]
    if is_erased and kind["erased"] == "absent":
        return Answer.ABSENT
    if object_area is None or not _sees(asker, kind, object_area):
        return Answer.ABSENT
    if "needs" in rule and not asker.purposes & set(rule["needs"]):
        return Answer.ABSENT
    if "roles" in rule and asker.role not in rule["roles"]:
        return Answer.REFUSED
    if "acts" in rule and not asker.purposes & set(rule["acts"]):
        return Answer.REFUSED
    if rule.get("at") == "own_area_or_below" and not object_area.startswith(asker.area_code):
        return Answer.REFUSED
    return Answer.ANSWERED


def _sees(asker: Asker, rule: dict[str, Any], object_area: str) -> bool:
    if rule["sees"] == "all":
        return True
    if rule.get("purposes") and not asker.purposes & set(rule["purposes"]):
        return False
    if rule.get("roles") and asker.role not in rule["roles"]:
        return False
    return object_area.startswith(asker.area_code)
