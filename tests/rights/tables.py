"""Tables in and out for the rights test: imports, exports, lists out of group texts."""

from anlan.exchange.actions import NewGroupList, make_group_list
from anlan.foundation.ids import new_id
from anlan.foundation.scope import scope
from anlan.health.actions import take_count_file
from tests.exchange.lists import ask
from tests.exchange.tables import CHEN, csv_of, send
from tests.rights.placing import REPORTERS, Placed
from tests.world import DISTRICT, PEOPLE, World


def tables_of(world: World) -> dict[str, list[Placed]]:
    """Return what is placed of tables in and out."""
    return {
        "import": [_import(world, handle) for handle in ("wang", "du")],
        "count_file": [_count_file(world)],
        "register": [Placed("register", "residents", DISTRICT)],
        "export": [_export(world, handle) for handle in ("kong", "bai")],
        "group_list": [_group_list(world, handle, grid) for grid, handle in REPORTERS.items()],
    }


def _import(world: World, handle: str) -> Placed:
    batch = send(world, handle, csv_of([CHEN]))
    return Placed("import", batch, PEOPLE[handle][2])


def _group_list(world: World, handle: str, grid: str) -> Placed:
    actor = world.actor(handle)
    asked = NewGroupList("买菜", "errands", f"area:{grid}", 7)
    with scope(actor):
        listed = make_group_list(
            actor=actor, list_id=new_id(), asked=asked, text="1. 1-1-101 两人", now=world.now
        )
    return Placed("group_list", listed.pk, listed.area_code)


def _export(world: World, handle: str) -> Placed:
    export = ask(world, handle, "residents")
    return Placed("export", export.pk, export.area_code)


def _count_file(world: World) -> Placed:
    actor = world.actor("zhou")
    with scope(actor):
        file = take_count_file(
            actor=actor, name="一天.csv", content=b"day,item,count,unit", source="test", now=world.now
        )
    return Placed("count_file", file.pk, file.area_code)
