"""Whatever is changed, entered or deleted outside an actor's ranges, every page of theirs stays as it was."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import zip_longest
from random import Random
from typing import Any

import pytest
from django.db import DatabaseError, models, transaction
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Concat
from django.test import Client
from django.urls import reverse

from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.ids import new_id
from anlan.foundation.scope import duty, within
from anlan.foundation.scoped_models import scoped_models
from tests.proof import Proof
from tests.rights.actors import drawn_actor
from tests.rights.objects import Placed, place_objects
from tests.rights.policy import policy
from tests.rights.test_api_rights import operations
from tests.rights.test_rights import arguments, routes
from tests.world import DISTRICT, PEOPLE, World

OUTSIDE = "改外"  # written into every text outside
MANY = 20  # acts of each kind that a disturbance consists of at least
BELOW_THE_DISTRICT = [handle for handle, (_name, _role, area) in PEOPLE.items() if area != DISTRICT]
SHOWN, REFUSED = 200, 403  # what is refused is refused to the post: posts stay as they are
FAR_OBJECTS = 1  # of each kind, asked for too: what is not there stays not there
# What differs between any two answers: tokens, nonces, ids of empty forms; and what the clock says.
MARKS = re.compile(rb"[A-Za-z0-9_-]{20,}|<time[^>]*>[^<]*</time>")
# Of lists: all of them, not only what waits.
WHOLE_LISTS = {"signals": "?view=all", "orders": "?view=all", "look_up_alarms": "?view=all"}

Pages = dict[str, tuple[int, str, bytes]]


@dataclass(frozen=True, slots=True)
class Reader:
    """A signed-in actor; what the requests do is undone."""

    client: Client
    actor: Actor

    def read(self, addresses: Mapping[str, str]) -> Pages:
        """Return what is answered at these addresses, without the marks of the moment."""
        return {name: self.ask(address) for name, address in addresses.items()}

    def ask(self, address: str) -> tuple[int, str, bytes]:
        """Return status, location and body of one page."""
        undo = transaction.savepoint()
        answer: Any = self.client.get(address)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        transaction.savepoint_rollback(undo)
        self.client.cookies.pop("messages", None)
        return answer.status_code, answer.get("Location", ""), MARKS.sub(b"", body)


def addresses_of(actor: Actor, placed: dict[str, list[Placed]]) -> dict[str, str]:
    """Return every address that is read, pages and API, by route and object."""
    found = {}
    for route in routes():
        rule = policy()["routes"].get(route.name, {}).get("GET")
        if rule is None:
            continue
        for one in _objects(actor, placed, rule):
            given = arguments(route, one.target if one else DISTRICT, one.within if one else DISTRICT)
            address = reverse(route.name, kwargs=given) + WHOLE_LISTS.get(route.name, "")
            found[f"{route.name} {one.area_code if one else ''} {one.target if one else ''}"] = address
    for operation in operations():
        rule = policy()["api"][operation.name]
        if operation.method == "GET" and rule.get("of") != "envelope":
            for one in _objects(actor, placed, rule):
                found[f"{operation.name} {one}"] = operation.address(one.target if one else "")
    return found


def _objects(
    actor: Actor, placed: dict[str, list[Placed]], rule: dict[str, Any]
) -> list[Placed] | list[None]:
    """Return the objects in the actor's ranges, and a few beyond."""
    if "of" not in rule:
        return [None]
    there = placed[rule["of"]]
    near = [one for one in there if actor.ranges.covers(one.area_code)]
    return near + [one for one in there if one not in near][:FAR_OBJECTS]


@dataclass
class Disturbing:
    """Changes what lies outside somebody's ranges, by the registry of scoped models."""

    ranges: AreaRanges
    random: Random
    done: Counter[str] = field(default_factory=Counter)
    untouched: set[str] = field(default_factory=set)  # models with rows outside that let nothing be done

    def disturb(self) -> None:
        """Enter copies, change every field that lets itself be changed, and delete half."""
        with duty("expire_files", ranges=AreaRanges.everywhere(), cause="test"):  # lends every purpose
            found = [model for model in scoped_models() if self._outside(model).exists()]
            touched = set()
            for name, act in (("entered", self._enter), ("changed", self._change), ("deleted", self._delete)):
                for model in found:
                    if number := act(model):
                        self.done[name] += number
                        touched.add(model._meta.label)
            self.untouched = {model._meta.label for model in found} - touched

    def _outside(self, model: type[models.Model]) -> QuerySet[Any]:
        return model._default_manager.exclude(within(self.ranges))

    def _enter(self, model: type[models.Model]) -> int:
        return sum(
            self._tried(partial(model._default_manager.bulk_create, [_copy(row)]))
            for row in list(self._outside(model))
        )

    def _change(self, model: type[models.Model]) -> int:
        rows = self._outside(model)
        return sum(self._tried(partial(rows.update, **{name: value})) for name, value in _changes(model))

    def _delete(self, model: type[models.Model]) -> int:
        keys = list(self._outside(model).values_list("pk", flat=True))
        chosen = self.random.sample(keys, (len(keys) + 1) // 2)
        found = [model._default_manager.filter(pk=key) for key in chosen]
        return sum(self._tried(partial(rows._raw_delete, rows.db)) for rows in found)

    def _tried(self, act: Callable[[], object]) -> bool:
        """Try what the database may refuse: what is only ever added to, what must stay unique."""
        try:
            with transaction.atomic():
                act()
        except DatabaseError:
            return False
        return True


def _copy(row: Any) -> Any:
    """Make another row of one: with another key, and other words where they must be unlike."""
    row.pk = new_id() if isinstance(row._meta.pk, models.UUIDField) else None
    for one in row._meta.local_concrete_fields:
        if one.primary_key or not one.unique or one.is_relation:
            continue
        if isinstance(one, models.UUIDField):
            setattr(row, one.attname, new_id())
        elif isinstance(one, models.TextField):
            setattr(row, one.attname, f"{getattr(row, one.attname)}{OUTSIDE}")
    row._state.adding = True
    return row


def _changes(model: type[models.Model]) -> Iterator[tuple[str, Any]]:
    """Yield each field that says something, with another value for it; keys and places stay."""
    for one in model._meta.local_concrete_fields:
        if one.primary_key or one.is_relation or one.choices or one.name == "area_code":
            continue
        if isinstance(one, models.CharField | models.TextField):
            yield one.name, Concat(F(one.name), Value(OUTSIDE), output_field=models.TextField())
        elif isinstance(one, models.BooleanField):
            yield one.name, Q(**{one.name: False})
        elif isinstance(one, models.IntegerField | models.FloatField):
            yield one.name, F(one.name) + 1
        elif isinstance(one, models.DateField):
            yield one.name, F(one.name) - timedelta(hours=30)


def reader_of(world: World, handle: str) -> Reader:
    client = Client(raise_request_exception=False)  # a page that breaks is a difference too
    return Reader(world.sign_in(client, handle), world.actor(handle))


def differing(reader: Reader, placed: dict[str, list[Placed]], disturbing: Disturbing) -> dict[str, str]:
    """Return the pages that a disturbance changes, each with the first line that differs."""
    addresses = addresses_of(reader.actor, placed)
    before = reader.read(addresses)
    open_ones = {name: addresses[name] for name, page in before.items() if page[0] != REFUSED}
    disturbing.done["pages"] += sum(1 for page in before.values() if page[0] == SHOWN)
    undo = transaction.savepoint()
    disturbing.disturb()
    after = reader.read(open_ones)
    transaction.savepoint_rollback(undo)
    return {
        name: first_difference(before[name], after[name])
        for name, address in open_ones.items()
        # What differs for another reason, as the clock, differs still when all is as it was.
        if after[name] != before[name] and reader.ask(address) == before[name]
    }


def first_difference(before: tuple[int, str, bytes], after: tuple[int, str, bytes]) -> str:
    if before[:2] != after[:2]:
        return f"{before[:2]} became {after[:2]}"
    lines = zip_longest(before[2].splitlines(), after[2].splitlines(), fillvalue=b"")
    old, new = next(pair for pair in lines if pair[0] != pair[1])
    return f"{old.decode()[:300]} became {new.decode()[:300]}"


@pytest.mark.proof(test=3, prove=20)
@pytest.mark.django_db
def test_nothing_outside_the_ranges_shows_on_any_page(world: World, proof: Proof) -> None:
    placed = place_objects(world)
    for step in proof.steps():
        undo = transaction.savepoint()
        reader = reader_of(world, drawn_actor(world, proof, step, BELOW_THE_DISTRICT))
        disturbing = Disturbing(reader.actor.ranges, step.random)

        shown = differing(reader, placed, disturbing)

        assert shown == {}, (reader.actor.role, reader.actor.ranges)
        assert disturbing.untouched == set()
        assert all(disturbing.done[act] > MANY for act in ("entered", "changed", "deleted"))
        for what, number in disturbing.done.items():
            proof.figures[what] = proof.figures.get(what, 0) + number
        transaction.savepoint_rollback(undo)


@pytest.mark.django_db
def test_the_same_changes_within_the_ranges_show(world: World) -> None:
    placed = place_objects(world)
    reader = reader_of(world, "hou")

    shown = differing(reader, placed, Disturbing(AreaRanges(), Random(1)))

    assert {name.partition(" ")[0] for name in shown} >= {"people", "households", "person", "list_residents"}
