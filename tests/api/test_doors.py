"""Who may call the API and how: credentials, sessions, strict bodies, one shape of refusal."""

import json
import time
from hashlib import sha256

import pytest
from django.test import Client

from anlan.foundation import api_frame
from anlan.foundation.clock import utc_now
from anlan.foundation.inbox.limits import Allowance
from anlan.foundation.models import Account, InboxCredential
from anlan.foundation.strict_json import DEEPEST
from anlan.organisation.models import Appointment
from tests.api.calling import Caller, said, signed_in, system
from tests.world import GRID_A, SPRING, World

SEARCH = "/residents/search"


def test_a_stranger_is_told_that_nobody_known_asks(world: World) -> None:
    strangers = [
        Caller(Client()),
        Caller(Client(), {"Authorization": "Bearer guessed"}),
        Caller(Client(), {"Authorization": "Basic eDp5"}),
        Caller(Client(), {"Authorization": "Bearer 凭证".encode().decode("latin-1")}),
    ]

    told = [one.ask("GET", "/areas") for one in strangers]

    assert [said(one) for one in told] == [(401, "not_signed_in")] * 4
    assert len({one.content for one in told}) == 1


def test_a_credential_ends_with_its_appointment_or_before(world: World) -> None:
    ended, still = system(world, "wang"), system(world, "liu")
    InboxCredential.objects.filter(appointment_id=world.appointments["liu"].pk).update(ends_at=utc_now())
    Appointment.objects.filter(pk=world.appointments["wang"].pk).update(ends_at=utc_now())

    assert [said(one.ask("GET", "/areas"))[0] for one in (ended, still)] == [401, 401]


def test_a_credential_counts_and_not_the_session_that_comes_with_it(world: World) -> None:
    client = world.sign_in(Client(), "zhao")
    mixed = Caller(client, system(world, "wang").headers)
    wrong = Caller(client, {"Authorization": "Bearer guessed"})

    assert [row["code"] for row in mixed.get("/areas")["rows"]] == [GRID_A]
    assert said(wrong.ask("GET", "/areas"))[0] == 401


def test_a_session_changes_nothing_without_the_token_against_forgery(world: World) -> None:
    wang = signed_in(world, "wang", checks_forgery=True)
    token = "a" * 32
    wang.client.cookies["csrftoken"] = token

    forged = wang.ask("POST", SEARCH, {"q": "chen"})
    own = wang.ask("POST", SEARCH, {"q": "chen"}, **{"X-CSRFToken": token, "Origin": "http://testserver"})
    foreign = wang.ask(
        "POST", SEARCH, {"q": "chen"}, **{"X-CSRFToken": token, "Origin": "http://evil.example"}
    )

    assert [said(forged), said(foreign)] == [(403, "not_allowed")] * 2
    assert own.status_code == 200
    assert wang.ask("GET", "/areas").status_code == 200


def test_a_post_without_the_purpose_is_refused_before_its_body_is_read(world: World) -> None:
    han = system(world, "han")

    told = [han.ask("GET", "/residents"), han.ask("POST", SEARCH, b"{"), han.ask("GET", "/signals")]

    assert [said(one) for one in told] == [(403, "not_allowed")] * 3


def test_who_holds_no_post_is_refused_in_json(world: World) -> None:
    world.accounts["nobody"] = Account.objects.create(username="nobody", password="!")
    nobody = signed_in(world, "nobody")

    assert said(nobody.ask("GET", "/areas")) == (403, "no_post")


def test_who_must_choose_a_password_first_is_refused_in_json(world: World) -> None:
    Account.objects.filter(username="wang").update(must_change_password=True)

    assert said(signed_in(world, "wang").ask("GET", "/areas")) == (403, "own_password_needed")


@pytest.mark.parametrize(
    "raw",
    [
        b'{"q": 1e400}', b'{"q": NaN}', b'{"q": "a", "q": "b"}', b"[" * 10_000 + b"]" * 10_000,
        b'{"q": ' + b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1) + b"}", b'{"q": "\\u0000"}', b'{"q": 5}',
        b'{"q": ["chen"]}', b"[]", b'"chen"', b'{"q": "chen", "role": "lead"}', b"{}", b"{", b"\xff",
        b'{"q": "\\ud800"}', b'{"q": 123456789012345678901}', b"null",
    ],
)  # fmt: skip
def test_a_body_that_is_not_strict_json_of_the_right_shape_is_400(world: World, raw: bytes) -> None:
    """SAFETY.md 9."""
    since = time.monotonic()
    answer = system(world, "wang").ask("POST", SEARCH, raw)

    assert answer.status_code == 400
    assert set(json.loads(answer.content)) == {"code", "message", "fields"}
    assert time.monotonic() - since < 30  # a limit on hanging, not a timing


def test_size_kind_and_method_are_said_to_be_wrong(world: World) -> None:
    wang = system(world, "wang")
    large = b'{"q": "' + b"x" * api_frame.MAX_BODY_BYTES + b'"}'

    assert said(wang.ask("POST", SEARCH, large)) == (413, "too_large")
    as_text = wang.client.post("/api" + SEARCH, '{"q": "chen"}', "text/plain", headers=wang.headers)
    assert (as_text.status_code, as_text.json()["code"]) == (415, "not_declared_json")
    assert said(wang.ask("DELETE", SEARCH)) == (405, "other_method")
    assert said(wang.ask("GET", "/nothing/here")) == (404, "not_found")


def test_one_sender_cannot_crowd_out_the_others(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_frame, "Allowance", lambda *_: Allowance(per_second=0.001, at_once=3))
    wang, liu = system(world, "wang"), system(world, "liu")
    liu.client = wang.client

    told = [wang.ask("GET", "/areas") for _ in range(5)]

    assert [one.status_code for one in told] == [200, 200, 200, 429, 429]
    assert int(told[-1]["Retry-After"]) > 0
    assert liu.ask("GET", "/areas").status_code == 200


def test_refusals_speak_the_readers_language(world: World) -> None:
    wang = system(world, "wang")
    chinese = json.loads(wang.ask("GET", "/areas/999999").content)["message"]
    wang.client.cookies["language"] = "en"

    english = json.loads(wang.ask("GET", "/areas/999999").content)["message"]

    assert (chinese, english) == ("没有找到，或不在您的职责范围内。", english)
    assert english.isascii()


def test_a_mark_made_elsewhere_is_refused(world: World) -> None:
    wang = system(world, "wang")
    marks = ["x", "WyJ4Il0", "WyJ4IiwieSJd", "bnVsbA", "WyIzMzAxOTkiLCJcdTAwMDAiXQ"]

    told = [wang.ask("GET", f"/residents?after={mark}") for mark in marks]

    assert [said(one) for one in told] == [(422, "bad_page_mark")] * len(marks)


def test_areas_are_those_in_range_and_one_is_shown_to_all(world: World) -> None:
    kong = system(world, "kong")

    codes = [row["code"] for row in kong.get("/areas")["rows"]]

    assert codes[0] == SPRING and all(code.startswith(SPRING) for code in codes) and len(codes) == 4
    assert [row["code"] for row in kong.get(f"/areas?below={GRID_A}")["rows"]] == [GRID_A]
    assert kong.get("/areas/330199002")["level"] == "subdistrict"
    assert said(kong.ask("GET", "/areas/330188")) == said(kong.ask("GET", "/areas/x")) == (404, "not_found")


def test_the_credential_is_kept_as_a_hash(world: World) -> None:
    token = system(world, "wang").headers["Authorization"].removeprefix("Bearer ")

    row = InboxCredential.objects.get()

    assert bytes(row.token_hash) == sha256(token.encode()).digest()


def test_text_that_no_column_holds_is_refused_on_pages_too(world: World) -> None:
    client = signed_in(world, "wang").client

    shown = [client.get("/orders/?q=%00"), client.get("/orders/%00/"), client.get("/people/?area=%00")]
    sent = client.post("/people/search/", {"q": "a\x00b"})

    assert [one.status_code for one in (*shown, sent)] == [404, 404, 404, 422]
