"""List, search, person, household, API, export, map and counts agree on who is seen and what is masked."""

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from anlan.exchange.lists import LISTS
from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.crypto import encrypt, lookup_hash
from anlan.foundation.scope import duty, scope
from anlan.people.models import Household, Resident, SearchToken
from anlan.people.queries import affected_by_homes
from anlan.people.tokens import door_token, tokens_of
from tests.api.calling import Caller, signed_in, system
from tests.people.caring import key_person
from tests.proof import Proof
from tests.rights.actors import drawn_actor
from tests.world import AREAS, DISTRICT, DOORS, FAMILIES, GRIDS, World

MAY_LOOK = frozenset({"grid_work", "health"})  # one of them opens the register, on every surface
SURNAMES = "王林赵周何欧吴"
MORE = 130  # residents beside those of the town, so that the list of the district has three pages
AREAS_ON_THE_MAP = 3
CLOSE_LOOKS = 6  # of the residents of each actor are opened one by one
REFUSED, ABSENT, SHOWN = 403, 404, 200
ROW = re.compile(r'<a class="row-link" href="/people/([0-9a-f-]{36})/">([^<]*)</a>')
DOOR_ROW = re.compile(
    r'href="/households/([0-9a-f-]{36})/">.*?<td class="numeric[^>]*>([\d,]+)</td>', re.DOTALL
)
NEXT = re.compile(r'href="\?([^"]*)" rel="next"')
COUNT = re.compile(r"共 ([\d,]+) 人")
ENTRIES = re.compile(r"共 ([\d,]+) 条")
FACT = re.compile(r"<dt>([^<]*)</dt><dd>([^<]*)</dd>")


@dataclass(frozen=True, slots=True)
class Known:
    """A resident as entered: where, behind which door, and the plain values that no surface may show."""

    area_code: str
    household: str
    name: str
    phone: str
    id_number: str
    is_key: bool = False  # agreed to be looked in on

    @property
    def masked(self) -> tuple[str, str, str]:
        """Name, phone and identity number as SAFETY.md has them masked."""
        surname = 2 if self.name.startswith("欧阳") else 1
        phone = f"{self.phone[:3]}******{self.phone[-2:]}" if self.phone else ""
        number = f"{self.id_number[:2]}{'*' * 14}{self.id_number[-2:]}" if self.id_number else ""
        return self.name[:surname] + "**", phone, number


People = dict[str, Known]


@pytest.fixture
def people(world: World) -> People:
    """The people of the town and many more, some without a home, a phone or a number."""
    known = {}
    entered = iter(world.residents)
    for families in FAMILIES.values():
        for person in (one for family in families for one in family):
            row = next(entered)
            known[str(row.pk)] = Known(row.area_code, str(row.household_id), person[0], person[5], person[4])
    with duty("build_district", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        return known | _more(world, Random("agreement"))


def _more(world: World, random: Random) -> People:
    known, rows, tokens = {}, [], []
    for number in range(MORE):
        grid, at = random.choice(GRIDS), random.randrange(len(DOORS))
        home: Household | None = world.households[grid][at] if random.random() < 0.9 else None
        name = random.choice(SURNAMES) + random.choice(("阳明", "小满", "一诺", "梓涵"))
        phone = f"1540001{number:04}" if random.random() < 0.7 else ""
        numeral = f"33019919700101{number:03}X" if random.random() < 0.7 else ""
        row = Resident(
            area_code=grid, household=home, name=name, birth_on=date(1970, 1, 1),
            id_number=encrypt(numeral, context="people.Resident.id_number") if numeral else None,
            id_number_hash=lookup_hash("id", numeral) if numeral else None,
            phone=encrypt(phone, context="people.Resident.phone") if phone else None,
            phone_hash=lookup_hash("phone", phone) if phone else None,
        )  # fmt: skip
        words = tokens_of(
            name=name, id_number=numeral, phone=phone, door=door_token(*DOORS[at]) if home else "",
            birth_on=row.birth_on,
        )  # fmt: skip
        tokens += [SearchToken(area_code=grid, kind=kind, token=one, resident=row) for kind, one in words]
        rows.append(row)
        is_key = number % 3 == 0
        known[str(row.pk)] = Known(grid, str(home.pk) if home else "", name, phone, numeral, is_key)
    Resident.objects.bulk_create(rows)
    SearchToken.objects.bulk_create(tokens)
    for row in rows[::3]:
        key_person(world, row, "disabled")
    return known


@dataclass
class Looking:
    """One actor before all surfaces; each request is undone, so that no limit is met."""

    world: World
    actor: Actor
    client: Client
    caller: Caller
    pages: list[str] = field(default_factory=list)  # every text that was shown

    def page(self, address: str, sent: dict[str, str] | None = None) -> tuple[int, str]:
        """Return the status and the text of a page, asked for or, with words, searched on."""
        undo = transaction.savepoint()
        answer: Any = self.client.post(address, sent) if sent else self.client.get(address)
        transaction.savepoint_rollback(undo)
        self.pages.append(answer.content.decode())
        return answer.status_code, self.pages[-1]

    def api(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Return the status of an operation and what it says."""
        undo = transaction.savepoint()
        answer: HttpResponse = self.caller.ask(method, path, body)
        transaction.savepoint_rollback(undo)
        self.pages.append(answer.content.decode())
        return answer.status_code, json.loads(answer.content)

    def list_pages(self, address: str) -> Iterator[str]:
        """Yield all pages of a list, following the link to the next one."""
        query = ""
        while True:
            status, text = self.page(f"{address}?{query}")
            assert status == SHOWN, (address, self.actor.role)
            yield text
            onward = NEXT.search(text)
            if onward is None:
                return
            query = html.unescape(onward[1])
            assert parse_qs(query)["after"]

    def api_pages(self) -> Iterator[dict[str, Any]]:
        """Yield all residents that the API lists."""
        after = ""
        while True:
            status, told = self.api("GET", f"/residents?after={after}")
            assert status == SHOWN
            yield from told["rows"]
            after = told["after"]
            if not after:
                return


@pytest.mark.proof(test=8, prove=50)
@pytest.mark.django_db
def test_every_surface_shows_the_same_people_masked_alike(world: World, people: People, proof: Proof) -> None:
    for step in proof.steps():
        undo = transaction.savepoint()
        handle = drawn_actor(world, proof, step)
        actor = world.actor(handle)
        caller = step.random.choice((system, signed_in))(world, handle)
        looking = Looking(world, actor, world.sign_in(Client(), handle), caller)
        if actor.has_purpose(*MAY_LOOK):
            _agree(looking, people, step.random)
            proof.figures["admitted"] = proof.figures.get("admitted", 0) + 1
        else:
            _all_refuse(looking, people)
        _nothing_plain(looking, people)
        transaction.savepoint_rollback(undo)
    assert proof.figures["admitted"] >= proof.size / 3


def _agree(looking: Looking, people: People, random: Random) -> None:
    own = {key: one for key, one in people.items() if looking.actor.ranges.covers(one.area_code)}
    expected = {key: one.masked for key, one in own.items()}
    names = {key: shown[0] for key, shown in expected.items()}

    listed = list(looking.list_pages("/people/"))
    assert _named(*listed) == names
    assert [int(found) for text in listed for found in COUNT.findall(text)] == [len(own)] * len(listed)
    assert {row["id"]: _three(row) for row in looking.api_pages()} == expected
    assert _exported(looking) == expected
    _agree_in_search(looking, names, expected)
    _agree_in_counts(looking, own)
    for code in random.sample(sorted(AREAS), AREAS_ON_THE_MAP):
        _agree_on_the_map(looking, code, own)
    _agree_one_by_one(looking, people, expected, random)


def _agree_in_search(
    looking: Looking, names: dict[str, str], expected: dict[str, tuple[str, str, str]]
) -> None:
    """Search for every beginning of a name there is: together the hits are all whom the actor sees."""
    found, told = {}, {}
    for word in sorted({*SURNAMES, *(person[0][0] for person in _town())}):
        status, text = looking.page("/people/search/", {"q": word})
        assert status == SHOWN
        found |= _named(text)
        status, answer = looking.api("POST", "/residents/search", {"q": word})
        assert (status, answer["more"]) == (SHOWN, False)
        told |= {row["id"]: _three(row) for row in answer["rows"]}
    assert found == names
    assert told == expected


def _agree_in_counts(looking: Looking, own: People) -> None:
    """People by door on the page of households, by area on the list, and in what a measure would reach."""
    homes: dict[str, int] = {}
    for text in looking.list_pages("/households/"):
        homes |= {key: int(count) for key, count in DOOR_ROW.findall(text)}
    housed = [one.household for one in own.values() if one.household]
    assert {key: count for key, count in homes.items() if count} == {
        key: housed.count(key) for key in set(housed)
    }
    for code in AREAS:
        below = [one for one in own.values() if one.area_code.startswith(code)]
        if looking.actor.ranges.covers(code):
            _status, text = looking.page(f"/people/?area={code}")
            assert [int(found) for found in COUNT.findall(text)] == ([len(below)] if below else [])
        with scope(looking.actor):
            reached = affected_by_homes(now=looking.world.now, area_code=code)
        assert reached.people == sum(1 for one in below if one.household), code
        looking.page(f"/areas/{code}/map.json")  # shows shapes alone: see _nothing_plain


def _agree_on_the_map(looking: Looking, code: str, own: People) -> None:
    """The map beside the list of key people counts in each area those whom the list has there."""
    status, text = looking.page(f"/people/care/map.json?area={code}")
    if not looking.actor.ranges.covers(code):
        assert status == ABSENT
        return
    below = [one for one in own.values() if one.is_key and one.area_code.startswith(code)]
    _status, listed = looking.page(f"/people/care/?area={code}")
    assert [int(found) for found in ENTRIES.findall(listed)] == ([len(below)] if below else [])
    for area in (feature["properties"] for feature in json.loads(text)["features"]):
        there = sum(one.area_code.startswith(area["code"]) for one in below)
        assert area["value_text"] == f"{there} 条", (code, area["code"])


def _agree_one_by_one(
    looking: Looking, people: People, expected: dict[str, tuple[str, str, str]], random: Random
) -> None:
    for key in random.sample(sorted(expected), min(CLOSE_LOOKS, len(expected))):
        status, text = looking.page(f"/people/{key}/")
        facts = {html.unescape(word): html.unescape(value) for word, value in FACT.findall(text)}
        assert (status, facts["姓名"], facts["电话"], facts["身份证号"]) == (SHOWN, *expected[key])
        status, told = looking.api("GET", f"/residents/{key}")
        assert (status, _three(told)) == (SHOWN, expected[key])
        if home := people[key].household:
            status, text = looking.page(f"/households/{home}/")
            together = {one: shown[0] for one, shown in expected.items() if people[one].household == home}
            assert (status, _named(text)) == (SHOWN, together)
    beyond = sorted(people.keys() - expected.keys())
    for key in random.sample(beyond, min(CLOSE_LOOKS, len(beyond))):
        assert looking.page(f"/people/{key}/")[0] == ABSENT
        assert looking.api("GET", f"/residents/{key}")[0] == ABSENT
        if home := people[key].household:
            assert looking.page(f"/households/{home}/")[0] == ABSENT


def _all_refuse(looking: Looking, people: People) -> None:
    """A post without the purposes is refused everywhere, the export among it, and counts nobody."""
    key = next(iter(people))
    for address in ("/people/", "/households/", f"/people/{key}/", "/people/care/map.json"):
        assert looking.page(address)[0] == REFUSED, (address, looking.actor.role)
    assert looking.page("/people/search/", {"q": "陈"})[0] == REFUSED
    for path in ("/residents", f"/residents/{key}", "/households"):
        assert looking.api("GET", path)[0] == REFUSED
    assert looking.api("POST", "/residents/search", {"q": "陈"})[0] == REFUSED
    assert looking.page("/exports/new/residents/")[0] == ABSENT  # as any list that a post has not
    assert not LISTS["residents"].is_open_to(looking.actor)
    if not looking.actor.has_purpose("privacy"):  # who minds data protection erases, and so reads, by id
        with scope(looking.actor):
            assert affected_by_homes(now=looking.world.now, area_code=DISTRICT).people == 0


def _nothing_plain(looking: Looking, people: People) -> None:
    """Whatever was shown, it held no whole name, phone or identity number of anybody."""
    text = "\n".join(looking.pages)
    plain = {value for one in people.values() for value in (one.name, one.phone, one.id_number) if value}
    assert sorted(value for value in plain if value in text) == []


def _named(*pages: str) -> dict[str, str]:
    return {key: html.unescape(name) for text in pages for key, name in ROW.findall(text)}


def _three(row: dict[str, Any]) -> tuple[str, str, str]:
    return row["name"], row["phone"], row["id_number"]


def _exported(looking: Looking) -> dict[str, tuple[str, str, str]]:
    """Return what the cells of the export say, by the id that comes along unseen."""
    sheet = LISTS["residents"]
    cells = {column.key: column.value for column in (*sheet.columns, *sheet.hidden[:1])}
    key = sheet.hidden[0].key
    with scope(looking.actor):
        lines = list(sheet.rows(looking.actor, {}, looking.world.now))
    return {
        str(cells[key](line)): tuple(str(cells[name](line)) for name in ("name", "phone", "id_number"))  # type: ignore[misc]
        for line in lines
    }


def _town() -> Iterator[tuple[str, str, str, str, str, str]]:
    return (person for families in FAMILIES.values() for family in families for person in family)
