"""Whatever happens outside a post's scope, its pages stay as they are, but for token, nonce and clock.

Two crawls of the same addresses, and between them every row that the database does not show the post is
changed, copied or deleted, as far as the database lets any of it be.
"""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from difflib import unified_diff
from random import Random
from typing import Any
from unittest.mock import patch

import pytest
from django.db import Error, connection, models, transaction
from django.template import defaulttags
from django.test import Client
from django.urls import Resolver404, resolve

from anlan.foundation import clock
from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.ids import new_id
from anlan.foundation.scope import duty, scope, within
from anlan.foundation.scoped_models import scoped_models
from anlan.people.models import GridTotal, Household, Recount, Resident
from tests.pages import without_marks
from tests.proof import Proof
from tests.rights.actors import drawn_actor
from tests.rights.objects import place_objects
from tests.world import DISTRICT, World

LINK = re.compile(r'(?:href|hx-get|data-src|data-map)="(/[^"#]*)"')
NOT_READ = re.compile(  # files say when they were made
    r"^/(logout|language|static|live|api|docs|export|files|imports/template)|/(download|export)/|switch|[.]pdf"
)

PAGES_A_ROUTE = 3
ROWS_A_MODEL = 12
COUNTED_FOR_GRIDS = {Household, Resident, GridTotal, Recount}
WHOLE = AreaRanges.of([DISTRICT])
Page = tuple[int, str, str]
Pages = dict[str, Page]


@contextmanager
def clock_stopped() -> Iterator[None]:
    """Let every moment that code and templates read be the same."""
    moment = datetime.now(UTC)

    class Stopped(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return moment.astimezone(tz)

    with patch.object(clock, "datetime", Stopped), patch.object(defaulttags, "datetime", Stopped):
        yield


@contextmanager
def undone() -> Iterator[None]:
    """Take back whatever is written inside."""
    point = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(point)


def read(client: Client, address: str) -> tuple[int, str, bytes]:
    """Return status, where the page leads and its bytes without marks; what reading leaves is undone."""
    with undone():
        answer: Any = client.get(address)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return answer.status_code, answer.headers.get("Location", ""), content


def page_of(status: int, onward: str, content: bytes) -> Page:
    """Return what of an answer must not differ."""
    return status, onward, without_marks(content).decode(errors="replace")


def difference(before: Page, after: Page) -> list[str]:
    """Return the lines that differ."""
    if before[:2] != after[:2]:
        return [str(before[:2]), str(after[:2])]
    lines = unified_diff(before[2].splitlines(), after[2].splitlines(), n=0, lineterm="")
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


def crawled(client: Client, most: int) -> Pages:
    """Return the pages one comes to from the first one, a few of each route."""
    found: Pages = {}
    met: Counter[str] = Counter()
    waiting = ["/"]
    while waiting and len(found) < most:
        address = waiting.pop(0)
        try:
            route = resolve(address.partition("?")[0]).route
        except Resolver404:
            continue
        if address in found or NOT_READ.search(address) or met[route] >= PAGES_A_ROUTE:
            continue
        met[route] += 1
        status, onward, content = read(client, address)
        found[address] = page_of(status, onward, content)
        links = LINK.findall(content.decode(errors="replace"))
        waiting += [link.replace("&amp;", "&") for link in ([onward] if onward.startswith("/") else links)]
    return found


def hidden_rows(actor: Actor) -> dict[type[models.Model], list[Any]]:
    """Return the keys of all rows that the database does not show this actor, by model.

    Who draws grids is told how many live in each of the own area, though no row is shown: of what is
    counted there (duty `size_grids`) those rows alone are hidden that lie elsewhere.
    """
    hidden = {}
    draws_grids = actor.has_purpose("org", "lead")
    for model in scoped_models():
        rows = model._base_manager.order_by("pk")
        with duty("redraw", ranges=WHOLE, cause="test"):
            if draws_grids and model in COUNTED_FOR_GRIDS:
                rows = rows.exclude(within(actor.ranges))
            there = list(rows.values_list("pk", flat=True))
        with scope(actor):
            seen = set(rows.values_list("pk", flat=True))
        hidden[model] = [key for key in there if key not in seen]
    return hidden


def disturbed(hidden: dict[type[models.Model], list[Any]], random: Random) -> Counter[str]:
    """Change, copy and delete hidden rows; return how often each was done."""
    done: Counter[str] = Counter()
    with duty("redraw", ranges=WHOLE, cause="test"):
        for model, keys in hidden.items():
            for key in random.sample(keys, min(len(keys), ROWS_A_MODEL)):
                act = random.choice((changed, copied, deleted))
                for tried in (act, changed):  # what may not be copied or deleted may be changed
                    if attempt(tried, model, key, random):
                        done[tried.__name__] += 1
                        break
    return done


def attempt(act: Any, model: type[models.Model], key: Any, random: Random) -> bool:
    """Do something to a row unless the database forbids it; say whether it was done."""
    try:
        with transaction.atomic():
            count = act(model, key, random)
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    except Error:
        return False
    return bool(count)


def changed(model: type[models.Model], key: Any, random: Random) -> int:
    """Give one field of a row another value."""
    fields = [field for field in model._meta.local_concrete_fields if _other(field, None) is not None]
    field = random.choice(fields) if fields else None
    if field is None:
        return 0
    rows = model._base_manager.filter(pk=key)
    return rows.update(**{field.name: _other(field, rows.values_list(field.name, flat=True).first())})


def copied(model: type[models.Model], key: Any, random: Random) -> int:
    """Insert a row like another, in the same place."""
    row = model._base_manager.get(pk=key)
    row.pk = new_id() if isinstance(model._meta.pk, models.UUIDField) else None
    row._state.adding = True
    row.save(force_insert=True)
    return 1


def deleted(model: type[models.Model], key: Any, random: Random) -> int:
    """Delete a row, unless another hangs on it."""
    return model._base_manager.filter(pk=key)._raw_delete("default")


def _other(field: "models.Field[Any, Any]", value: Any) -> Any:
    """Return another value for a field, None for a field that says what a row is or where it lies."""
    if field.primary_key or field.is_relation or field.choices or field.name == "area_code":
        return None
    if isinstance(field, models.BooleanField):
        return not value
    if isinstance(field, models.IntegerField):
        return (value or 0) + 7
    if isinstance(field, models.DateTimeField):
        return (value or datetime.now(UTC)) - timedelta(minutes=61)
    if isinstance(field, models.TextField | models.CharField):
        return f"{value or ''}改"
    return None


@pytest.mark.proof(test=3, prove=20)
@pytest.mark.django_db
def test_what_happens_elsewhere_changes_no_page(world: World, proof: Proof) -> None:
    place_objects(world)
    most = 200 if proof.is_accepting else 30
    done: Counter[str] = Counter(proof.figures)
    for step in proof.steps():
        with clock_stopped(), undone():
            handle = drawn_actor(world, proof, step)
            client = world.sign_in(Client(), handle)
            before = crawled(client, most)
            hidden = hidden_rows(world.actor(handle))
            acts = disturbed(hidden, step.random)
            after = {address: page_of(*read(client, address)) for address in before}
        differing = {
            address: difference(page, after[address])
            for address, page in before.items()
            if page != after[address]
        }
        assert differing == {}, handle
        done += acts + Counter(pages=len(before))
        proof.figures |= done
    assert min(done[act.__name__] for act in (changed, copied, deleted)) > proof.size
    assert done["pages"] > 10 * proof.size
