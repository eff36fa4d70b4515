"""Open pages hear of a signal where their post may read it: of a raw one in health posts alone."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from anlan.foundation.actor import AreaRanges
from anlan.foundation.scope import duty
from anlan.surveillance.announcing import tell_pages
from anlan.surveillance.models import Signal
from tests.surveillance.test_loop import as_zhou, raise_signal
from tests.world import DISTRICT, GRID_A, World

WHOLE = AreaRanges.of([DISTRICT])


def meant_for(asked: CaptureQueriesContext, about: str = "signals") -> dict[str, set[str]]:
    """Return by topic whom the news about this was meant for."""
    sent = [one["sql"] for one in asked.captured_queries if "anlan_live" in one["sql"]]
    notices = [json.loads(sql[sql.index("{") : sql.rindex("}") + 1]) for sql in sent]
    found: dict[str, set[str]] = {}
    for one in notices:
        if one["topic"].startswith(about):
            found.setdefault(one["topic"], set()).update(one["readers"])
    return found


def test_news_of_a_raw_signal_are_for_health_posts_and_of_a_verified_one_for_leaders_too(
    world: World,
) -> None:
    with CaptureQueriesContext(connection) as raised:
        signal_id = raise_signal(world)
        as_zhou(world, "acknowledge_signal", signal_id)
    with CaptureQueriesContext(connection) as verified:
        as_zhou(world, "verify_signal", signal_id, holds=True, note="属实")

    topics = {"signals", f"signals:{signal_id}"}
    assert meant_for(raised) == {topic: {"health"} for topic in topics}
    assert meant_for(verified) == {topic: {"health", "lead"} for topic in topics}


@pytest.mark.parametrize(
    ("condition", "readers"), [("rubella", {"health", "lead"}), ("hiv_aids", {"health"})]
)
def test_leaders_hear_nothing_of_what_is_closed_to_them(
    world: World, condition: str, readers: set[str]
) -> None:
    signal = Signal(condition=condition, area_code=GRID_A, seen_by_leaders=True)

    with CaptureQueriesContext(connection) as asked, duty("react", ranges=WHOLE, cause="test"):
        tell_pages(signal)

    assert set.union(*meant_for(asked).values()) == readers
