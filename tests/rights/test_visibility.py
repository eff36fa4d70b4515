"""Visibility classes A, B and C (DOMAIN.md, rule 6) and counts under 5, on every surface, written by hand.

One matter is taken through the whole loop, to running orders and notices; then posts of every kind look at
every surface there is. A: health posts alone. B: others see task and place, no diagnosis. C: open to those
with the task. Small counts are for health posts alone, whatever the class.
"""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from unittest.mock import patch
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from anlan.affairs.models import Admission
from anlan.foundation.actor import AreaRanges
from anlan.foundation.ids import new_id
from anlan.foundation.inbox.answers import Answer
from anlan.foundation.models import Envelope
from anlan.foundation.scope import duty, scope
from anlan.health.actions import NewReport, record_case_report
from anlan.health.models import CaseReport
from anlan.response.actions.steps import NamesClosedDisease
from anlan.response.queries import plan_of
from anlan.surveillance import actions
from anlan.surveillance.actions.products import names_to_keep_out
from anlan.surveillance.models import Signal
from anlan.surveillance.wording import must_not_be_said
from anlan.workorders.models import WorkOrder
from tests.response.steps import approve, lift, the_proposal
from tests.surveillance.test_loop import as_zhou, product_of, run_reactions
from tests.world import DISTRICT, SCHOOL_GRID, World

WHOLE = AreaRanges.of([DISTRICT])
EVERYWHERE = AreaRanges.everywhere()
# class: key of the disease, and the words by which a page would give it away
CLASSES = {
    "A": ("tuberculosis", ("结核", "tuberculosis")),
    "B": ("typhoid", ("伤寒", "typhoid")),
    "C": ("norovirus", ("诺如", "norovirus")),
}
PLACE = "一（1）班"
HEALTH = ("zhou", "wu", "zheng")
LEADERS = ("zhao", "qian", "kong")
OTHERS = ("wang", "chu", "zhu", "han", "mei", "xu")  # grid, the school itself, departments, the gate, auditor
EVERYBODY = (*HEALTH, *LEADERS, *OTHERS)
FEW = re.compile(r"(?<![\d.:-])3 ?(例|人|名)|\b3 (cases|people|reports)")


@dataclass
class Matter:
    """One matter with all that came of it, and the words that were pushed to open pages meanwhile."""

    world: World
    letter: str
    cases: int
    signal_id: UUID
    proposal_id: UUID | None = None
    orders: list[UUID] = field(default_factory=list)
    admissions: list[UUID] = field(default_factory=list)
    pushed: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """The words that would give the disease away."""
        return CLASSES[self.letter][1]


def happened(world: World, letter: str, cases: int) -> Matter:
    """Report so many cases in a class, verify, assess, approve the plan, which signs the notice too."""
    with CaptureQueriesContext(connection) as asked:
        signal_id = reported(world, CLASSES[letter][0], cases)
        as_zhou(world, "acknowledge_signal", signal_id)
        as_zhou(world, "verify_signal", signal_id, holds=True, note=f"电话核实为{CLASSES[letter][1][0]}")
        weighed = actions.Assessment(
            grade="medium", likelihood=3, impact=3, vulnerability=2, evidence=f"同班{CLASSES[letter][1][0]}"
        )
        as_zhou(world, "assess_signal", signal_id, assessment=weighed)
        run_reactions()
        approve(world, text="附近有传染病聚集，请留意类似症状，发现后联系社区卫生服务中心。")
        run_reactions()
    matter = Matter(world, letter, cases, signal_id, the_proposal().pk)
    with duty("detect", ranges=WHOLE, cause="test"):
        matter.orders = list(WorkOrder.objects.values_list("pk", flat=True))
        matter.admissions = list(Admission.objects.values_list("pk", flat=True))
    matter.pushed = "\n".join(one["sql"] for one in asked.captured_queries if "anlan_live" in one["sql"])
    set_aside(world, CLASSES[letter][0])
    return matter


def reported(world: World, condition: str, cases: int) -> UUID:
    """Let the grid's worker report the cases one after the other; return the signal of the class."""
    actor = world.actor("wang")
    for number in range(cases):
        report = NewReport(
            area_code=actor.area_code, condition=condition, source="page", facility_id=world.school.pk,
            group_id=world.classes[0].pk, onset_on=(world.now - timedelta(days=1)).date(), note="发热三天",
        )  # fmt: skip
        with scope(actor):
            record_case_report(actor=actor, report=report, now=world.now + timedelta(seconds=number))
    run_reactions()
    with duty("react", ranges=WHOLE, cause="test"):
        found = Signal.objects.filter(condition=condition).first() or raised_by_hand(world, condition)
    return found.pk


def raised_by_hand(world: World, condition: str) -> Signal:
    """Raise the signal that no rule of the pack raises for so few cases, with the sentence of a rule."""
    reports = list(CaseReport.objects.values_list("pk", flat=True))
    key = str(world.classes[0].pk)
    signal = Signal.objects.create(
        area_code=SCHOOL_GRID, matter=condition, condition=condition, place_kind="class", place_key=key,
        place_name=f"春泉小学 {PLACE}", places=[f"class:{key}", f"unit:{world.school.pk}"],
        urgency="same_day", receives=["cdc_duty_officer", "health_centre_officer"], report_ids=reports,
        case_count=len(reports), first_on=world.now.date(), last_on=world.now.date(), raised_at=world.now,
        state_entered_at=world.now,
    )  # fmt: skip
    name = next(words[0] for key, words in CLASSES.values() if key == condition)
    signal.reasons.create(
        area_code=SCHOOL_GRID, rule="r", words_zh=f"{PLACE} 报告{name} {len(reports)} 例", words_en=condition,
        count=len(reports), at=world.now, spoken_at=world.now,
    )  # fmt: skip
    return signal


def set_aside(world: World, condition: str) -> None:
    """Let an envelope with the disease in it be set aside, with the reason the worker gives."""
    with duty("accept_envelope", ranges=EVERYWHERE, cause="test"):
        Envelope.objects.create(
            source="case-reports", key=str(new_id()), record_id=uuid4(), area_code=SCHOOL_GRID,
            account_id=world.accounts["wang"].pk, appointment_id=world.appointments["wang"].pk,
            post_id=world.posts["wang"].pk, body=b"", body_hash=condition.encode(), state="review",
            problem="outside_the_post",
        )  # fmt: skip


Look = Callable[[Client, Matter], str]


def page(address: str) -> Look:
    return lambda client, _matter: client.get(address).content.decode()


def of(address: str) -> Look:
    """A page about the matter: its address holds the id of signal, product or plan."""

    def look(client: Client, matter: Matter) -> str:
        ids = {"signal": matter.signal_id, "proposal": matter.proposal_id}
        ids["product"] = product_of(matter.signal_id).pk
        return client.get(address.format(**ids)).content.decode()

    return look


def every_order(client: Client, matter: Matter) -> str:
    return "".join(client.get(f"/orders/{one}/").content.decode() for one in matter.orders)


def every_admission(client: Client, matter: Matter) -> str:
    return "".join(client.get(f"/gate/{one}/").content.decode() for one in matter.admissions)


def searched(client: Client, matter: Matter) -> str:
    """A search by the disease, by name and by key; that the page repeats what was typed is no answer."""
    key, words = CLASSES[matter.letter]
    asked = ({"q": words[0]}, {"condition": key})
    pages = [client.get("/signals/", {"view": "all", **one}) for one in asked]
    text = "".join(one.content.decode() for one in pages)
    return text.replace(f'value="{words[0]}"', "").replace(f"condition={key}", "")


def refused(client: Client, matter: Matter) -> str:
    """Every message of a door that refuses: wrong step, wrong version, nothing filled in."""
    doors = [
        f"/signals/{matter.signal_id}/verify/", f"/signals/{matter.signal_id}/assess/",
        f"/products/{product_of(matter.signal_id).pk}/sign/",
        f"/responses/{matter.proposal_id}/approve/", f"/responses/{matter.proposal_id}/lift/",
        f"/responses/{matter.proposal_id}/decline/",
    ]  # fmt: skip
    return "".join(client.post(door, {"version": 1}).content.decode() for door in doors)


def pdf(client: Client, _matter: Matter) -> str:
    """The words the PDF is set from."""
    with patch("anlan.insight.desks.brief_pdf", return_value=b"%PDF-") as setter:
        client.get("/brief.pdf")
    return json.dumps([call.args for call in setter.call_args_list], ensure_ascii=False, default=str)


def pushed(_client: Client, matter: Matter) -> str:
    return matter.pushed


def answered(_client: Client, matter: Matter) -> str:
    return json.dumps(Answer(201, record_id=matter.signal_id).content("zh"), ensure_ascii=False, default=str)


SURFACES: dict[str, Look] = {
    "list": page("/signals/?view=all"),
    "search": searched,
    "signal": of("/signals/{signal}/"),
    "product": of("/products/{product}/"),
    "command": page("/command/"),
    "map": page("/command/map.json?level=grid"),
    "area": page(f"/areas/{SCHOOL_GRID}/"),
    "area map": page(f"/areas/{SCHOOL_GRID}/map/"),
    "my work": page("/work/"),
    "my day": page("/field/today/"),
    "community desk": page("/desk/community/"),
    "subdistrict desk": page("/desk/subdistrict/"),
    "commander desk": page("/desk/command/"),
    "control desk": page("/desk/control/"),
    "brief": page("/brief/"),
    "brief pdf": pdf,
    "notices": page("/warnings/"),
    "orders": page("/orders/"),
    "order texts": every_order,
    "responses": page("/responses/"),
    "response": of("/responses/{proposal}/"),
    "response map": of("/responses/{proposal}/map/"),
    "lifting": page("/lifting/"),
    "reports": page("/reports/"),
    "counts": page("/counts/"),
    "set aside": page("/set-aside/"),
    "gate": page("/gate/"),
    "gate log": page("/gate/log/"),
    "admissions": every_admission,
    "audit": page("/audit/"),
    "refusals": refused,
    "live stream": pushed,
    "inbox answer": answered,
}
# Where a post of each kind reads the disease by name, by class of the disease. Nobody else, nowhere else.
SIGNAL = {"list", "search", "signal", "product", "command", "my work", "brief", "brief pdf"}
PLAN = {"responses", "response"}

# An order lies open to every post of its area, so it names no disease of any class (docs/decisions/0041).
ANYWHERE: dict[str, dict[str, set[str]]] = {
    "zhou": dict.fromkeys("ABC", SIGNAL | PLAN | {"reports", "refusals"}),
    "wu": dict.fromkeys("ABC", SIGNAL | PLAN | {"reports", "refusals", "commander desk", "control desk"}),
    "zheng": dict.fromkeys("ABC", SIGNAL | PLAN | {"reports", "refusals"}),
    "zhao": {"C": SIGNAL | PLAN | {"refusals", "commander desk"}},
    "qian": {"C": SIGNAL | PLAN | {"refusals", "commander desk"}},
    "kong": {"C": SIGNAL | PLAN | {"refusals", "commander desk"}},
}


def confirmed() -> tuple[str, ...]:
    """The conditions to lift the plan that a person vouches for."""
    return tuple(one.key for one in plan_of(the_proposal()).lift if one.quiet_days is None)


Read = dict[str, dict[str, str]]  # by post: what each surface says to it


def read_by_everybody(matter: Matter) -> Read:
    """Return what everybody reads everywhere."""
    read: Read = {}
    for handle in EVERYBODY:
        client = matter.world.sign_in(Client(), handle)
        read[handle] = {name: look(client, matter) for name, look in SURFACES.items()}
    return read


def where(read: Read, handles: Iterable[str], given_away: Callable[[str], bool]) -> dict[str, set[str]]:
    """Return on which surfaces each of these posts reads what is asked for."""
    return {one: {name for name, text in read[one].items() if given_away(text)} for one in handles}


@pytest.mark.parametrize("letter", ["A", "B", "C"])
def test_the_disease_is_read_by_name_where_its_class_allows_and_nowhere_else(
    world: World, letter: str
) -> None:
    matter = happened(world, letter, 6)
    read = read_by_everybody(matter)

    named = where(read, EVERYBODY, lambda text: any(word in text for word in matter.words))

    wanted = {handle: ANYWHERE.get(handle, {}).get(letter, set()) for handle in EVERYBODY}
    assert [named[handle] - wanted[handle] for handle in EVERYBODY] == [set()] * len(EVERYBODY)
    assert [wanted[handle] - named[handle] for handle in EVERYBODY] == [set()] * len(EVERYBODY)
    if letter == "A":  # nor does anything lead others to the matter itself
        paths = (f"/signals/{matter.signal_id}", f"/responses/{matter.proposal_id}")
        typed = ("signal", "product", "response", "response map", "refusals")  # repeat the address asked for
        others = {
            handle: {name: text for name, text in read[handle].items() if name not in typed}
            for handle in (*LEADERS, *OTHERS)
        }
        led = where(others, (*LEADERS, *OTHERS), lambda text: any(path in text for path in paths))
        assert led == {handle: set() for handle in (*LEADERS, *OTHERS)}
    else:  # leaders see place and grade
        for handle in LEADERS:
            page = read[handle]["signal"]
            assert "春泉小学" in page and "中风险" in page and "已知 6 例" in page


def test_three_people_are_counted_before_health_posts_alone(world: World) -> None:
    read = read_by_everybody(happened(world, "C", 3))

    counted = where(read, EVERYBODY, lambda text: FEW.search(text) is not None)

    assert [counted[handle] for handle in (*LEADERS, *OTHERS)] == [set()] * len((*LEADERS, *OTHERS))
    assert all("signal" in counted[handle] for handle in HEALTH)


@pytest.mark.parametrize(
    ("letter", "words", "is_refused"),
    [("B", "伤寒病例均已转阴", True), ("B", "病例均已转阴", False), ("C", "诺如病例均已康复", False)],
)
def test_words_others_will_read_with_a_plan_name_no_closed_disease(
    world: World, letter: str, words: str, is_refused: bool
) -> None:
    happened(world, letter, 6)

    if is_refused:
        with pytest.raises(NamesClosedDisease):
            lift(world, days=60, reason=words, confirmed=confirmed())
    else:
        lift(world, days=60, reason=words, confirmed=confirmed())
    assert the_proposal().lift_reason == ("" if is_refused else words)


LIFTED = {
    "B": "病例均已转阴，未再出现类似症状",
    "C": "诺如病例均已康复，无新发呕吐",
}


@pytest.mark.parametrize("letter", ["B", "C"])
def test_the_end_of_a_response_is_told_without_the_name_to_all_it_asked(world: World, letter: str) -> None:
    matter = happened(world, letter, 6)
    lift(world, days=60, reason=LIFTED[letter], confirmed=confirmed())
    run_reactions()

    told = ("orders", "order texts", "gate", "admissions", "lifting", "my work", "my day", "notices")
    read = {
        handle: "".join(
            SURFACES[name](world.sign_in(Client(), handle), matter)
            for name in told
            if name not in ANYWHERE.get(handle, {}).get(letter, set())  # there the open signal bears its name
        )
        for handle in (*LEADERS, *OTHERS)
    }

    ended = "未再出现类似症状" if letter == "B" else "附近的响应已解除"
    assert {one for one, text in read.items() if any(word in text for word in matter.words)} == set()
    assert all(ended in read[handle] for handle in ("wang", "zhu", "mei", "xu"))
    reason = SURFACES["response"](world.sign_in(Client(), "zhao"), matter)
    assert LIFTED[letter] in reason  # who leads reads why, as it was written


@pytest.mark.parametrize(
    "text", ["附近有伤寒聚集。", "附近有副伤寒聚集。", "A cluster of TYPHOID AND PARATYPHOID."]
)
def test_a_notice_names_no_part_of_a_closed_title(world: World, text: str) -> None:
    signal = Signal(condition="typhoid", place_name=f"春泉小学 {PLACE}")

    assert must_not_be_said(text, names_to_keep_out(signal))
    assert must_not_be_said(f"{PLACE}有聚集。", names_to_keep_out(signal))
    assert not must_not_be_said("附近有流行性传染病聚集。", names_to_keep_out(signal))
