"""Small tables of buildings and facilities for tests."""

from collections.abc import Sequence
from uuid import UUID

from anlan.organisation.models import Building, Facility
from tests.exchange.tables import csv_of, send
from tests.world import World

BUILDING = ("网格", "楼栋号", "楼栋名称", "单元数", "层数")
FACILITY = ("所属区域", "单位类型", "单位名称", "地址")
RECORD = ("记录编号", "记录版本")
BUILDING_KEYED, FACILITY_KEYED = (*BUILDING, *RECORD), (*FACILITY, *RECORD)
THREE = ("春泉第一网格", "3号楼", "晨光苑", "3", "18层")
FOUR = ("春泉第一网格", "4", "", "1", "1")
ONE_NAMED = ("春泉第一网格", "1", "老一号楼", "2", "6")
CARE_HOME = ("春泉第一网格", "养老机构", "春泉颐养院", "春泉路 8 号")
Rows = Sequence[Sequence[str]]


def send_buildings(world: World, handle: str, rows: Rows, headings: Sequence[str] = BUILDING) -> UUID:
    """Hand a table of buildings over as somebody; return the batch's id."""
    return send(world, handle, csv_of(rows, headings), "楼栋.csv", register="buildings")


def send_facilities(world: World, handle: str, rows: Rows, headings: Sequence[str] = FACILITY) -> UUID:
    """Hand a table of facilities over as somebody; return the batch's id."""
    return send(world, handle, csv_of(rows, headings), "单位.csv", register="facilities")


def with_keys(*buildings: Building) -> list[tuple[str, ...]]:
    """Return rows as a workbook of ours would hold them, with key and version."""
    return [
        ("", one.number, one.name, str(one.unit_count), str(one.floor_count), str(one.pk), str(one.version))
        for one in buildings
    ]


def standing(model: type[Building] | type[Facility]) -> list[dict[str, object]]:
    """Return every one of them but for its version, under the scope in force."""
    rows = model._default_manager.order_by("pk").values()
    return [{key: value for key, value in row.items() if key != "version"} for row in rows]
