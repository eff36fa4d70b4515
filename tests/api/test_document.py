"""The published document: OpenAPI 3.1, in both languages, of all that can be called; nothing from outside."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from anlan.wiring.api import ROUTERS, api
from anlan.wiring.feeds import SOURCES
from anlan.wiring.inbox_document import BODIES

CHINESE = re.compile(r"[\u4e00-\u9fff]")
METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture
def document(db: None) -> dict[str, Any]:
    answer = Client().get("/api/openapi.json")
    assert answer.status_code == 200
    read: dict[str, Any] = answer.json()
    return read


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        one["operationId"]: one
        for path in document["paths"].values()
        for method, one in path.items()
        if method in METHODS
    }


def test_it_holds_every_operation_once_and_every_source_of_the_inbox(document: dict[str, Any]) -> None:
    made = [
        str(one.operation_id)
        for router in ROUTERS
        for path in router.path_operations.values()
        for one in path.operations
    ]

    assert document["openapi"] == "3.1.0"
    assert sorted(operations(document)) == sorted(
        [*made, *(f"send_{key.replace('-', '_')}" for key in SOURCES)]
    )
    assert set(BODIES) == set(SOURCES)


def test_each_operation_says_in_both_languages_what_it_does_and_who_may(document: dict[str, Any]) -> None:
    for name, one in operations(document).items():
        assert CHINESE.search(one["summary"]) and re.search("[A-Za-z]{3}", one["summary"]), name
        assert one["security"] == [{"Credential": []}, {"SignedIn": []}], name
        assert {"400", "401", "403", "404", "422", "429"} <= set(one["responses"]), name


def test_all_references_lead_somewhere(document: dict[str, Any]) -> None:
    text = json.dumps(document)
    named = set(re.findall(r'"#/components/schemas/([^"]+)"', text))

    assert named <= set(document["components"]["schemas"])


def test_nothing_of_it_is_fetched_from_outside(document: dict[str, Any]) -> None:
    assert "http://" not in json.dumps(document) and "https://" not in json.dumps(document)
    assert api.docs_url is None
    assert Client().get("/api/docs").status_code == 404
