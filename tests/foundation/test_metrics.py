"""The figures for a collector: on this machine, or with the token; to others there is nothing."""

import pytest
from django.test import Client

from tests.foundation.test_runner import accepted
from tests.world import GRID_A, World

pytestmark = pytest.mark.django_db


def test_a_collector_on_this_machine_reads_the_depth_of_the_queues(world: World) -> None:
    accepted(world, "wang", GRID_A)
    accepted(world, "wang", GRID_A, state="poisoned")

    told = Client().get("/metrics").content.decode()

    assert 'anlan_queue_depth{state="waiting",table="envelope"} 1.0' in told
    assert 'anlan_queue_depth{state="poisoned",table="envelope"} 1.0' in told
    assert 'anlan_queue_depth{state="waiting",table="fact"} 0.0' in told


def test_for_others_nothing_is_there(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANLAN_METRICS_TOKEN", "the token")
    client = Client()
    asked = [
        {"REMOTE_ADDR": "203.0.113.7"},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"REMOTE_ADDR": "203.0.113.7", "HTTP_AUTHORIZATION": "Bearer guess"},
        {"REMOTE_ADDR": "203.0.113.7", "HTTP_AUTHORIZATION": "Bearer the token"},
    ]

    statuses = [client.get("/metrics", **one).status_code for one in asked]  # type: ignore[arg-type]

    assert statuses == [404, 404, 404, 200]
