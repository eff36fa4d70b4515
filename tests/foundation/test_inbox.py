"""The inbox: accepted means stored once, by a known sender, for a place in the sender's care."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import utc_now
from anlan.foundation.crypto import decrypt
from anlan.foundation.inbox import door
from anlan.foundation.models import AuditEntry, Envelope
from anlan.foundation.scope import duty
from anlan.organisation.models import Appointment
from tests.foundation.asking import Told, ask, envelope, give_token, send_all, with_token
from tests.foundation.inbox_ports_name import PORTS_NAME
from tests.world import GRID_A, GRID_B, GRID_C, SPRING, World, build_world

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture(autouse=True)
def the_tests_own_sources() -> Iterator[None]:
    with override_settings(ANLAN_PORTS=PORTS_NAME):
        yield


@pytest.fixture
def town() -> World:
    return build_world()


@pytest.fixture
def wang(town: World) -> dict[str, str]:
    return with_token(give_token(town.appointments["wang"].pk))


@pytest.fixture
def liu(town: World) -> dict[str, str]:
    return with_token(give_token(town.appointments["liu"].pk))


def stored() -> list[Envelope]:
    with transaction.atomic(), duty("apply_envelope", ranges=AreaRanges.everywhere(), cause="test"):
        return list(Envelope.objects.order_by("id"))


def statuses(told: list[Told]) -> list[int]:
    return [one.status for one in told]


def test_an_envelope_is_stored_encrypted_and_answered_with_its_id(wang: dict[str, str]) -> None:
    sent = envelope(GRID_A)

    told = send_all([(wang, sent)])

    assert (told[0].status, told[0].json) == (201, {"id": sent["record_id"]})
    row = stored()[0]
    assert (str(row.record_id), row.area_code, row.state) == (sent["record_id"], GRID_A, "waiting")
    assert b"knocked" not in bytes(row.body)
    assert decrypt(bytes(row.body), context="foundation.Envelope.body") == '{"text":"knocked"}'


def test_the_same_report_three_times_is_one_row_and_one_answer(wang: dict[str, str]) -> None:
    sent = envelope(GRID_A)

    told = send_all([(wang, sent)] * 3)

    assert statuses(told) == [201, 200, 200]
    assert {one.body for one in told} == {told[0].body}
    assert len(stored()) == 1


def test_the_same_key_twice_inside_a_batch_is_stored_once(wang: dict[str, str]) -> None:
    sent = envelope(GRID_A)
    other = envelope(GRID_A)

    told = send_all([(wang, {"envelopes": [sent, other, sent]})])

    assert [one["status"] for one in told[0].json["answers"]] == [201, 201, 200]
    assert len(stored()) == 2


def test_the_same_key_from_many_at_once_is_stored_once(wang: dict[str, str]) -> None:
    sent = envelope(GRID_A)

    told = send_all([(wang, sent)] * 20, together=True)

    assert sorted(statuses(told)) == [200] * 19 + [201]
    assert len(stored()) == 1


def test_the_same_key_with_another_body_is_a_conflict(wang: dict[str, str]) -> None:
    sent = envelope(GRID_A)

    told = send_all([(wang, sent), (wang, {**sent, "body": {"text": "other"}})])

    assert statuses(told) == [201, 409]
    assert len(stored()) == 1


def test_a_key_is_its_senders_own(wang: dict[str, str], liu: dict[str, str]) -> None:
    told = send_all([(wang, envelope(GRID_A, key="k")), (liu, envelope(GRID_B, key="k"))])

    assert statuses(told) == [201, 201]


def test_another_senders_record_id_gets_the_answer_of_a_malformed_one(
    wang: dict[str, str], liu: dict[str, str]
) -> None:
    sent = envelope(GRID_A)
    foreign = envelope(GRID_B, record_id=sent["record_id"])
    malformed = envelope(GRID_B, record_id="12")

    told = send_all([(wang, sent), (liu, foreign), (liu, malformed)])

    assert statuses(told) == [201, 422, 422]
    assert told[1].body == told[2].body
    assert len(stored()) == 1


def test_a_foreign_place_and_an_unknown_one_look_alike(wang: dict[str, str]) -> None:
    foreign, unknown, inside = envelope(GRID_C), envelope("110101001001001"), envelope(GRID_A + "777")

    told = send_all([(wang, foreign), (wang, unknown), (wang, inside)])

    assert statuses(told) == [403, 403, 403]
    assert {one.body for one in told} == {told[0].body}
    assert stored() == []


def test_a_refused_attempt_is_on_record(wang: dict[str, str], town: World) -> None:
    sent = envelope(GRID_C)

    send_all([(wang, sent)])

    with transaction.atomic(), duty("answer_audit", ranges=AreaRanges.of([GRID_A]), cause="test"):
        entry = AuditEntry.objects.get(verb="refuse")
    assert (entry.post_id, entry.why) == (town.posts["wang"].pk, "not_your_place")
    assert [str(one) for one in entry.subject_ids] == [sent["record_id"]]


def test_one_foreign_envelope_of_fifty_is_refused_and_the_others_stored(wang: dict[str, str]) -> None:
    sent = [envelope(GRID_A) for _ in range(49)]
    sent.insert(17, envelope(GRID_B))

    told = send_all([(wang, {"envelopes": sent})])

    given = [one["status"] for one in told[0].json["answers"]]
    assert (given[17], given.count(201)) == (403, 49)
    assert len(stored()) == 49


def test_rights_end_with_the_appointment(wang: dict[str, str], town: World) -> None:
    before = send_all([(wang, envelope(GRID_A))])
    Appointment.objects.filter(pk=town.appointments["wang"].pk).update(ends_at=utc_now())

    after = send_all([(wang, envelope(GRID_A)), (wang, envelope(GRID_C))])

    assert statuses(before + after) == [201, 403, 403]
    assert after[0].body == after[1].body


def test_a_token_opens_its_own_source_alone(town: World) -> None:
    own = with_token(give_token(town.appointments["wang"].pk, source="phone-notes"))

    told = send_all([(own, envelope(GRID_A)), (with_token("guessed"), envelope(GRID_A))])

    assert statuses(told) == [404, 401]
    assert stored() == []


def test_a_device_clock_that_cannot_be_right_is_kept_and_marked(wang: dict[str, str]) -> None:
    moments = [
        utc_now(),
        utc_now() - timedelta(hours=30),
        utc_now() + timedelta(days=2),
        utc_now() - timedelta(days=400),
        utc_now().replace(year=1970),
    ]

    told = send_all([(wang, envelope(GRID_A, device_at=moment.isoformat())) for moment in moments])

    assert statuses(told) == [201] * 5
    assert [row.device_implausible for row in stored()] == [False, False, True, True, True]
    assert [row.device_at for row in stored()] == moments


def test_json_that_is_not_strict_is_refused(wang: dict[str, str]) -> None:
    texts = [
        b'{"body": 1e400}', b'{"body": NaN}', b'{"body": -Infinity}', b'{"key": "a", "key": "b"}',
        b'{"body": ' + b"[" * 10_000 + b"]" * 10_000 + b"}", b'{"body": ' + b"[" * 40 + b"]" * 40 + b"}",
        b'{"body": "\\u0000"}', b'{"body": "\\ud800"}', b'{"body": 123456789012345678901}', b"", b"\xff\xfe",
        b'{"body": "a\nb"}', b"{'body': 1}", b"[1, 2]", b"1", b'"text"', b'{"envelopes": []}',
        b'{"envelopes": {}}', b'{"envelopes": [1], "key": "a"}', b"[" * 200_000,
    ]  # fmt: skip

    told = send_all([(wang, text) for text in texts])

    assert {text[:40]: one.status for text, one in zip(texts, told, strict=True) if one.status != 400} == {}


def test_an_envelope_of_wrong_shape_is_refused_for_good(wang: dict[str, str]) -> None:
    changes: list[tuple[dict[str, Any], int]] = [
        ({"key": 7}, 400), ({"record_id": 7}, 400), ({"area_code": 330199}, 400), ({"body": []}, 400),
        ({"body": "text"}, 400), ({"device_at": 5}, 400), ({"state": "applied"}, 400), ({"key": ""}, 422),
        ({"key": "a b"}, 422), ({"key": "k" * 201}, 422), ({"record_id": "x"}, 422),
        ({"area_code": "33"}, 422),
        ({"area_code": "３３０１９９"}, 422), ({"device_at": "2026-02-30"}, 422),
        ({"device_at": "2026-02-03T10:00:00"}, 422), ({"body": {"text": "x" * 65_600}}, 413),
    ]  # fmt: skip

    told = send_all([(wang, {**envelope(GRID_A), **changed}) for changed, _ in changes])

    assert statuses(told) == [status for _, status in changes]
    assert stored() == []


def test_size_and_number_are_bounded(wang: dict[str, str]) -> None:
    many = {"envelopes": [{"key": "k"}] * 501}
    large = b'{"body": "' + b"x" * 270_000 + b'"}'

    assert statuses(send_all([(wang, many), (wang, large)])) == [413, 413]


def test_a_full_queue_asks_to_come_back(wang: dict[str, str]) -> None:
    told = send_all([(wang, envelope(GRID_A))], change=lambda inbox: inbox.lane.close())

    assert told[0].status == 503
    assert int(told[0].headers["retry-after"]) >= 2


def test_a_sender_that_floods_is_asked_to_slow_down(wang: dict[str, str], liu: dict[str, str]) -> None:
    def leave_two(inbox: Any) -> None:
        inbox.allowance.at_once, inbox.allowance.per_second = 2, 0.001

    told = send_all([(wang, envelope(GRID_A))] * 3 + [(liu, envelope(GRID_B))], change=leave_two)

    assert statuses(told) == [201, 200, 429, 201]


def test_a_wider_post_sends_for_all_its_grids(town: World) -> None:
    kong = with_token(give_token(town.appointments["kong"].pk))

    told = send_all([(kong, envelope(GRID_A)), (kong, envelope(GRID_B)), (kong, envelope(SPRING))])

    assert statuses(told) == [201] * 3


def test_a_body_that_never_ends_is_cut(wang: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "BODY_SECONDS", 0.05)

    async def run() -> Told:
        inbox = door.Inbox()
        told = await ask(inbox, b'{"key": "', wang, path="/inbox/notes/", is_whole=False)
        await inbox.close()
        return told

    told = asyncio.run(run())

    assert (told.status, told.headers["connection"]) == (408, "close")
    assert stored() == []
