"""What those sent away are told, and when they come back."""

import json
import re
from base64 import b64encode
from hashlib import sha256

from anlan.foundation.overload.answers import on_the_wire
from anlan.foundation.overload.guard import OnThreads
from tests.foundation.asking import request_scope
from tests.foundation.overload_visitors import Pages, Visitor, kind, run, sender


def test_who_is_sent_away_reads_what_to_do_in_the_form_and_language_they_read() -> None:
    async def story() -> None:
        guard = OnThreads(Pages(), kind(at_once=1, most_waiting=0))
        guard.line.in_flight = 1
        page, posted = Visitor(), sender(b"a=1")
        english = Visitor(headers={"Cookie": "language=en"})
        fragment, program = (
            Visitor(headers={"HX-Request": "true"}),
            Visitor(headers={"Accept": "application/json"}),
        )
        for visitor in (page, posted, english, fragment, program):
            await visitor.visit(guard)
            assert visitor.told.status == 503
            assert visitor.told.headers["cache-control"] == "private, no-store"

        text = page.told.body.decode()
        assert f'content="{page.told.headers["retry-after"]}"' in text
        assert "系统繁忙" in text and "不会丢失" in text
        assert "什么也没有改变" in posted.told.body.decode() and "refresh" not in posted.told.body.decode()
        assert (
            "The system is busy" in english.told.body.decode() and 'lang="en"' in english.told.body.decode()
        )
        assert fragment.told.body.decode().startswith('<div class="notice')
        assert json.loads(program.told.body)["code"] == "busy"
        style = re.search(r"<style>(.*)</style>", text)
        assert style is not None
        digest = b64encode(sha256(style.group(1).encode()).digest()).decode()
        assert f"'sha256-{digest}'" in page.told.headers["content-security-policy"]

    run(story)


def test_an_early_refusal_says_the_same() -> None:
    guard = OnThreads(Pages(), kind(at_once=1, most_waiting=0))
    scope = request_scope("GET", "/a-page/", {"Accept": "application/json"})
    assert guard.refused_early(scope) is None
    guard.line.in_flight = 1

    head, _, body = (guard.refused_early(scope) or b"").partition(b"\r\n\r\n")
    without_body = guard.refused_early({**scope, "method": "HEAD"}) or b""

    assert head.startswith(b"HTTP/1.1 503 ")
    assert b"retry-after: " in head and b"cache-control: private, no-store" in head
    assert f"content-length: {len(body)}".encode() in head
    assert json.loads(body)["code"] == "busy"
    assert without_body.endswith(b"\r\n\r\n")


def test_an_answer_goes_over_the_wire_with_its_length_and_date() -> None:
    start = {"type": "http.response.start", "status": 200, "headers": [(b"x-one", b"1")]}
    body = {"type": "http.response.body", "body": b"ab"}

    assert on_the_wire(start, body, date="Sat, 28 Nov 2026 09:00:00 GMT") == (
        b"HTTP/1.1 200 OK\r\nx-one: 1\r\ncontent-length: 2\r\ndate: Sat, 28 Nov 2026 09:00:00 GMT\r\n\r\nab"
    )


def test_those_sent_away_come_back_the_more_spread_the_more_they_are() -> None:
    calm, flooded = kind(), kind()
    for _ in range(10):
        calm.note_served()
        flooded.note_served()
    for _ in range(100):
        flooded.note_shed("full")

    few = {calm.retry_after() for _ in range(400)}
    many = {flooded.retry_after() for _ in range(400)}

    assert min(few) == min(many) == 2
    assert len(few) >= 5 and max(few) <= 8
    assert 40 < max(many) <= 60
