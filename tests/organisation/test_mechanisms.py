"""The page of what the pack's source names: what is there now, how many, and what is not built."""

import re
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from anlan.foundation.clock import utc_now
from anlan.foundation.pack_store import load_pack
from anlan.foundation.scope import scope
from anlan.organisation.models import Member
from anlan.organisation.presenting.mechanisms import mechanism_lines
from anlan.organisation.queries.mechanisms import MechanismNow, Tally, mechanisms_now
from tests.foundation.test_packs import MANIFEST
from tests.organisation.register_acts import CLINIC, enter, enter_car
from tests.organisation.seating import FIVE, answered, command_group, found
from tests.world import BRIDGE, DISTRICT, GRID_B, SPRING, World

pytestmark = pytest.mark.django_db
URL = "/pack/mechanisms/"
WRITTEN = {
    "nothing": "",
    "page": "{page: orders}",
    "own_area": '{page: area, arguments: ["{district}"]}',
    "gone_page": "{page: no_such_page}",
    "group": "{body: community_command_group}",
    "alliance": "{body: party_alliance}",
    "haves": "{checklist: five_haves_one_grid}",
    "verifying": "{checklist: first_verification}",
    "clinics": "{facility_kinds: [village_clinic, worship_place]}",
    "ambulances": "{vehicle_kind: negative_pressure_ambulance}",
    "standard": "{attribute: standardised}",
    "profession": "{attribute: profession}",
    "kind": "{order_kind: resident_problem}",
    "audit": "{page: audit}",
}


@pytest.fixture
def town(world: World, tmp_path: Path) -> World:
    """The town with a pack in force whose source names one thing of every sort."""
    folder = tmp_path / "town"
    folder.mkdir()
    (folder / "pack.yaml").write_text(MANIFEST.format(name="town") + "extends: standard\n", encoding="utf-8")
    lines = [
        f"- {{key: {key}, source: law_2025, effective_on: 2022-01-01, local_edit: true,"
        f" rows: [M{number:03}], title: {{zh: 机制{key}, en: One {key}}}, quote: 原文{number}"
        + (f", object: {said}}}" if said else "}")
        for number, (key, said) in enumerate(WRITTEN.items(), start=1)
    ]
    (folder / "mechanisms.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    load_pack(folder, utc_now())
    return world


def found_by(world: World, who: str) -> dict[str, MechanismNow]:
    actor = world.actor(who)
    with scope(actor):
        return {row.mechanism.key: row for row in mechanisms_now(actor, now=utc_now())}


def tallies(row: MechanismNow) -> list[Tally | None]:
    return [part.tally for part in row.parts]


def links(world: World, who: str) -> dict[str, list[str]]:
    actor = world.actor(who)
    with scope(actor):
        rows = mechanisms_now(actor, now=utc_now())
        lines = mechanism_lines(actor, rows)
    return {
        row.mechanism.key: [part.href for part in line.parts] for row, line in zip(rows, lines, strict=True)
    }


def test_what_names_nothing_or_a_page_that_is_gone_is_not_built(town: World) -> None:
    rows = found_by(town, "zhao")

    assert {key for key, row in rows.items() if row.state == "not_built"} == {"nothing", "gone_page"}
    assert rows["page"].state == "live"
    assert rows["page"].parts[0].tally is None


def test_what_is_counted_is_empty_until_something_is_entered(town: World) -> None:
    before = found_by(town, "zhao")
    empty = {"group", "alliance", "haves", "clinics", "ambulances", "standard", "profession"}
    assert {key for key, row in before.items() if row.state == "empty"} == empty

    command_group(town)
    found(town, "li", "community_command_group", BRIDGE)
    answered(town)
    answered(town, "liu", GRID_B, met=FIVE[:4])
    enter_car(town, enter(town, **CLINIC))
    enter(town, name="春泉第二卫生室")
    Member.objects.filter(pk=town.members["feng"].pk).update(attributes={"profession": "physician"})

    after = found_by(town, "zhao")
    assert tallies(after["group"]) == [Tally(2, 1)]
    assert tallies(after["haves"]) == [Tally(2, 1)]
    assert tallies(after["clinics"]) == [Tally(2), Tally(0)]
    assert tallies(after["ambulances"]) == [Tally(1)]
    assert tallies(after["standard"]) == [Tally(1)]
    assert tallies(after["profession"]) == [Tally(1)]
    assert {key for key, row in after.items() if row.state == "empty"} == {"alliance"}


def test_counts_are_of_the_readers_ranges(town: World) -> None:
    command_group(town)
    answered(town)
    enter_car(town, enter(town, **CLINIC))

    neighbour = found_by(town, "li")

    for key in ("group", "haves", "ambulances", "standard"):
        assert [tally.count for tally in tallies(neighbour[key]) if tally] == [0], key
    assert tallies(neighbour["clinics"]) == [Tally(0), Tally(0)]


def test_each_leads_to_its_page_where_the_post_may_open_it(town: World) -> None:
    commander, auditor = links(town, "zhao"), links(town, "xu")

    assert commander["page"] == ["/orders/"]
    assert commander["own_area"] == [f"/areas/{DISTRICT}/"]
    assert commander["group"] == ["/bodies/coverage/?template=community_command_group"]
    assert commander["clinics"] == ["/facilities/?kind=village_clinic", "/facilities/?kind=worship_place"]
    assert commander["kind"] == ["/orders/?view=open&kind=resident_problem"]
    assert commander["verifying"] == [""]
    assert (commander["audit"], auditor["audit"]) == ([""], ["/audit/"])
    assert auditor["clinics"] == ["", ""]


def test_every_link_opens_for_the_post_it_is_shown_to(town: World, client: Client) -> None:
    for who in ("zhao", "wang", "xu"):
        hand = town.sign_in(client, who)
        hrefs = {href for row in links(town, who).values() for href in row if href}
        assert [href for href in sorted(hrefs) if hand.get(href).status_code != 200] == []


def test_the_page_shows_quotes_rows_and_figures(town: World, client: Client) -> None:
    page = town.sign_in(client, "wang").get(URL).content.decode()

    for number, key in enumerate(WRITTEN, start=1):
        assert f"机制{key}<" in page
        assert f"原文{number}<" in page
        assert f"M{number:03}" in page


@pytest.mark.parametrize(
    ("view", "shown", "absent"),
    [("not_built", "nothing", "page"), ("empty", "group", "page"), ("live", "page", "nothing")],
)
def test_the_page_is_narrowed_to_a_state(
    town: World, client: Client, view: str, shown: str, absent: str
) -> None:
    page = town.sign_in(client, "zhao").get(f"{URL}?view={view}").content.decode()

    assert f"机制{shown}<" in page
    assert f"机制{absent}<" not in page


def test_a_state_that_does_not_exist_shows_all(town: World, client: Client) -> None:
    page = town.sign_in(client, "zhao").get(f"{URL}?view=nonsense").content.decode()

    assert "机制nothing<" in page
    assert "机制page<" in page


def test_the_page_is_searched_in_words_and_rows_and_narrowed_to_a_source(town: World, client: Client) -> None:
    hand = town.sign_in(client, "zhao")

    def shown(query: str) -> list[str]:
        return re.findall(r"机制(\w+)<", hand.get(f"{URL}?{query}").content.decode())

    assert shown("q=原文2&view=live") == ["page"]
    assert shown("q=M001") == shown("q=m001") == ["nothing"]
    assert shown("q=no_such_words") == []
    assert shown("source=law_2025&view=not_built") == ["nothing", "gone_page"]
    assert shown("source=other") == []


def test_the_pack_page_leads_here_and_a_pack_that_lists_nothing_says_so(
    world: World, client: Client, tmp_path: Path
) -> None:
    hand = world.sign_in(client, "xu")
    assert f'href="{URL}"' in hand.get("/pack/").content.decode()
    folder = tmp_path / "town"
    folder.mkdir()
    (folder / "pack.yaml").write_text(MANIFEST.format(name="town") + "extends: standard\n", encoding="utf-8")
    (folder / "mechanisms.yaml").write_text("[]\n", encoding="utf-8")

    load_pack(folder, utc_now())

    assert "这个配置包没有列出来源机制" in hand.get(URL).content.decode()


def test_a_stranger_is_asked_to_sign_in(world: World, client: Client) -> None:
    assert client.get(URL).headers["Location"].startswith("/accounts/login/")


def test_the_questions_do_not_grow_with_what_is_there(town: World) -> None:
    found_by(town, "zhao")  # the sections of the pack are read once for a process
    asked = []
    for number in range(2):
        with CaptureQueriesContext(connection) as questions:
            found_by(town, "zhao")
        asked.append(len(questions))
        enter_car(town, enter(town, name=f"卫生室{number}", **CLINIC), f"浙A·1000{number}")
        found(town, ("li", "kong")[number], "community_command_group", (BRIDGE, SPRING)[number])
    with CaptureQueriesContext(connection) as questions:
        found_by(town, "zhao")

    assert [*asked, len(questions)] == asked[:1] * 3
