"""Every page with a table has its export or the reason why not; both show the same rows, masked alike."""

import html
import re
from datetime import datetime
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from anlan.exchange.lists import LISTS, WITHOUT, ListSheet
from anlan.exchange.lists.kinds import ListColumn
from anlan.foundation.clock import SHANGHAI
from anlan.foundation.scope import scope
from tests.architecture.source import ANLAN
from tests.rights.objects import place_objects
from tests.world import GRID_A, GRID_B, World

TABLE = "<c-data-table"
EXPORT = re.compile(r'<c-export list="([a-z_]+)"')
ROW = re.compile(r"<tr>(.*?)</tr>", re.DOTALL)
MOMENT = re.compile(r'<time[^>]*datetime="([^"]+)"')
# list: filters, and posts near and far that open its page
ASKED: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "residents": ({}, ("wang", "kong", "zhou")),
    "households": ({"area": GRID_A}, ("wang", "kong")),
    "key_people": ({}, ("liu", "kong", "zhou")),
    "arrivals": ({}, ("liu", "zhou")),
    "liaison_homes": ({"line": "party_member", "view": "uncovered"}, ("liu", "kong", "zheng")),
    "erasures": ({}, ("you", "xu")),
    "look_up_alarms": ({"view": "all"}, ("lu",)),
    "reports": ({}, ("zhou", "zheng", "feng")),
    "awaiting_cards": ({}, ("zhou", "zheng")),
    "counts": ({}, ("zhou", "zheng")),
    "posts": ({"q": "网格员"}, ("wang", "qian")),
    "decisions": ({}, ("kong", "zhao", "wang")),
    "body_coverage": ({}, ("zhao", "qian", "wang")),
    "checklist_coverage": ({}, ("zhao", "kong", "wang")),
    "areas": ({"q": "春泉"}, ("wang", "zhao")),
    "redraws": ({}, ("qian", "mei")),
    "facilities": ({}, ("wang", "qian", "wei", "zhao")),
    "vehicles": ({"state": "free"}, ("qian", "zhou")),
    "admissions": ({}, ("kong", "zhao", "mei")),
    "gate_log": ({}, ("zhao",)),
    "objections": ({}, ("kong", "zhao")),
    "grants": ({}, ("wang", "kong", "zhao")),
    "orders": ({"view": "open"}, ("zhou", "kong", "han")),
    "signals": ({"view": "all"}, ("zhou", "zhao", "kong")),
    "shifts": ({}, ("zhou",)),
    "responses": ({}, ("zhou", "zhao", "kong")),
    "audit": ({"verb": "list"}, ("xu",)),
}


def templates() -> dict[str, str]:
    """Every template with a table, by the name it is rendered by."""
    found = {}
    for folder in ANLAN.glob("*/templates"):
        for path in sorted(Path(folder).rglob("*.html")):
            text = path.read_text(encoding="utf-8")
            if TABLE in text and "cotton" not in path.parts:
                found[path.relative_to(folder).as_posix()] = text
    return found


def test_every_table_has_an_export_or_the_reason_why_not() -> None:
    tables = templates()
    unexported = {name for name, text in tables.items() if not EXPORT.search(text)}

    assert len(tables) > 35
    assert sorted(unexported - WITHOUT.keys()) == []
    assert sorted(WITHOUT.keys() - unexported) == []


def test_every_list_stands_on_its_page() -> None:
    named = [
        key for path in ANLAN.glob("*/templates/**/*.html") for key in EXPORT.findall(path.read_text("utf-8"))
    ]

    assert sorted(named) == sorted(LISTS)
    assert ASKED.keys() == LISTS.keys()


@pytest.mark.django_db
def test_page_and_export_show_the_same_rows_masked_alike(world: World, client: Client) -> None:
    place_objects(world)
    filled = set()
    for key, (filters, handles) in ASKED.items():
        for handle in handles:
            rows = compare(world, client, LISTS[key], filters, handle)
            filled |= {key} if rows else set()

    assert LISTS.keys() - filled <= {"look_up_alarms", "shifts", "gate_log", "awaiting_cards", "erasures"}


def compare(world: World, client: Client, sheet: ListSheet, filters: dict[str, str], handle: str) -> int:
    """Hold the first page against the export of the same post; return how many rows were compared."""
    answer = world.sign_in(client, handle).get(reverse(sheet.url_name), filters)
    assert answer.status_code == 200, (sheet.key, handle)
    assert f"/exports/new/{sheet.key}/" in answer.content.decode()
    actor = world.actor(handle)
    shown = page_rows(answer.content.decode())
    with scope(actor):
        lines = list(sheet.rows(actor, sheet.chosen(filters), world.now))
    if sheet.key == "audit":  # looking at the page is on record too
        lines = lines[-len(shown) :]
    assert len(shown) == len(lines[:50]), (sheet.key, handle)
    for row, line in zip(shown, lines, strict=False):
        for column in sheet.columns:
            if column.is_on_page:
                for words in words_of(column, line):
                    assert words in row, (sheet.key, handle, column.key, words, row)
    return len(shown)


def page_rows(page: str) -> list[str]:
    """Return the text of each row of the first table, moments as the page gives them to programs."""
    table = page.partition("<tbody>")[2].partition("</tbody>")[0]
    return [plain(row) for row in ROW.findall(table)]


def plain(row: str) -> str:
    moments = [
        f"{datetime.fromisoformat(found).astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
        for found in MOMENT.findall(row)
    ]
    text = html.unescape(re.sub(r"<[^>]+>", " ", row))
    return " ".join(" ".join([text, *moments]).split())


def words_of(column: ListColumn, line: object) -> list[str]:
    """Return what a cell says as a page writes it."""
    value = column.value(line)
    if value is None or value == "":
        return []
    if isinstance(value, datetime):
        return [f"{value:%H:%M}"]
    if isinstance(value, int):
        return [f"{value:,}"]
    return " ".join(str(value).split()).split(" ")


@pytest.mark.django_db
def test_no_list_goes_beyond_the_ranges_by_a_filter(world: World) -> None:
    place_objects(world)
    wang = world.actor("wang")
    for sheet in LISTS.values():
        if "area" in sheet.filters and sheet.is_open_to(wang):
            with scope(wang):
                try:
                    found = sum(1 for _line in sheet.rows(wang, {"area": GRID_B}, world.now))
                except Exception as refusal:  # noqa: BLE001 - compared below
                    assert type(refusal).__name__ == "NotFound"
                else:
                    assert found == 0
