"""The daily brief: the same figures on the page and in the PDF, for its reader only."""

import re
import zlib
from datetime import timedelta

import pytest
from django.test import Client

from anlan.foundation.clock import day_of
from anlan.foundation.scope import scope
from anlan.insight.brief import daily_brief
from anlan.insight.brief_pdf import brief_pdf
from anlan.insight.brief_words import BriefWords, brief_words
from tests.surveillance.test_loop import raise_signal, signed
from tests.world import World


def words_for(world: World, handle: str) -> BriefWords:
    actor = world.actor(handle)
    with scope(actor):
        return brief_words(daily_brief(actor, day_of(world.now), world.now), actor)


def test_a_day_is_counted_from_what_was_done_on_it(world: World) -> None:
    signed(world)
    actor = world.actor("wu")
    with scope(actor):
        today = daily_brief(actor, day_of(world.now), world.now)
        before = daily_brief(actor, day_of(world.now - timedelta(days=1)), world.now)

    assert (today.verified, today.notices_signed, today.excluded) == (1, 1, 0)
    assert today.raised >= 1 and today.notices_unanswered > 0 and today.silent_areas
    assert (before.raised, before.verified, before.notices_signed) == (0, 0, 0)


def test_a_raw_signal_is_not_in_the_commanders_brief(world: World) -> None:
    raise_signal(world)

    commander, cdc = words_for(world, "zhao"), words_for(world, "zhou")

    assert commander.figures[0].value == "0" and cdc.figures[0].value != "0"


def test_counts_are_for_health_posts(world: World) -> None:
    raise_signal(world)

    titles = {handle: {part.title for part in words_for(world, handle).parts} for handle in ("zhao", "zhou")}

    assert "监测数" in titles["zhou"] and "监测数" not in titles["zhao"]


def test_the_page_opens_on_any_day_and_a_wrong_one_is_today(world: World) -> None:
    client = world.sign_in(Client(), "zhao")
    today = day_of(world.now).isoformat()

    for asked, shown in (("2026-01-02", "2026-01-02"), ("soon", today), ("2999-01-01", today), ("", today)):
        assert shown in client.get("/brief/", {"on": asked}).content.decode(), asked


def test_the_pdf_holds_the_chinese_font_and_a_page(world: World) -> None:
    signed(world)
    made = brief_pdf(words_for(world, "wu").as_dict())

    assert made.startswith(b"%PDF-") and b"NotoSansSC" in _all_text(made)


def _all_text(pdf: bytes) -> bytes:
    """Return a PDF's objects with its compressed streams opened."""
    opened = [pdf]
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.S):
        try:
            opened.append(zlib.decompress(stream))
        except zlib.error:
            continue
    return b"\n".join(opened)


@pytest.mark.parametrize("handle", ["wang", "han"])
def test_who_neither_leads_nor_watches_has_no_brief(world: World, handle: str) -> None:
    assert world.sign_in(Client(), handle).get("/brief.pdf").status_code == 403
