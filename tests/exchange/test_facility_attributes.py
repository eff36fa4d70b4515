"""What the pack asks of facilities comes by table too, read by the same rules, and goes out with a list."""

import pytest

from anlan.exchange.actions.exporting.asking import ExportInvalid
from anlan.exchange.registers import REGISTERS
from anlan.exchange.templates_of import template_of
from anlan.foundation.scope import scope
from anlan.organisation.models import Facility
from tests.exchange.lists import ask, content_of, made, rows_of
from tests.exchange.premises import FACILITY, send_facilities
from tests.exchange.tables import outcomes, reasons, undo, write
from tests.organisation.register_acts import enter
from tests.world import World

pytestmark = pytest.mark.django_db
STATION = (*FACILITY, "有隔离观察室", "注册护士", "执业医师类别", "已配设备")
ASKED = ("春泉第一网格", "社区卫生服务站", "春泉卫生站", "")
PHARMACY = (*FACILITY, "供货单位", "24 小时营业")


def attributes_of(world: World, name: str) -> dict[str, object]:
    with scope(world.actor("zhao")):
        found: dict[str, object] = Facility.objects.get(name=name).attributes
    return found


def test_a_file_that_names_attributes_fills_them(world: World) -> None:
    batch_id = send_facilities(world, "kong", [(*ASKED, "是", "2", "中医", "急救箱、血压计")], STATION)

    assert write(world, "kong", batch_id) == {2: "new"}

    assert attributes_of(world, "春泉卫生站") == {
        "isolation_room": True,
        "nurse_count": 2,
        "physician_kind": "tcm",
        "equipment": ["blood_pressure", "first_aid"],
    }


def test_empty_cells_leave_what_stands_and_the_same_again_is_no_change(world: World) -> None:
    first = [("新桥第一网格", "药店", "新桥大药房", "", "仁和医药", "是")]
    again = [("新桥第一网格", "药店", "新桥大药房", "", "", "否")]
    assert write(world, "li", send_facilities(world, "li", first, PHARMACY)) == {2: "changed"}
    assert write(world, "li", send_facilities(world, "li", first, PHARMACY)) == {2: "same"}
    second = send_facilities(world, "li", again, PHARMACY)
    assert write(world, "li", second) == {2: "changed"}
    assert attributes_of(world, "新桥大药房") == {"supplier": "仁和医药", "open_all_day": False}

    undo(world, "li", second)
    assert attributes_of(world, "新桥大药房") == {"supplier": "仁和医药", "open_all_day": True}


def test_what_does_not_fit_is_refused_with_its_column(world: World) -> None:
    rows = [(*ASKED, "也许", "三名", "巫医", "急救箱"), ("", "药店", "春泉药房", "", "是", "", "", "")]
    batch_id = send_facilities(world, "wang", rows, STATION)

    assert outcomes(world.actor("wang"), batch_id) == {2: "rejected", 3: "rejected"}
    found = reasons(world.actor("wang"), batch_id)
    assert set(found[2]) == {
        ("attribute.isolation_room", "attribute_invalid"),
        ("attribute.physician_kind", "attribute_invalid"),
        ("attribute.nurse_count", "attribute_invalid"),
    }
    assert found[3] == [("attribute.isolation_room", "attribute_of_other_kind")]


def test_the_template_keeps_to_its_own_columns(world: World) -> None:
    content = template_of(REGISTERS["facilities"])

    first = rows_of(content, "单位.xlsx")[0].cells
    assert first[:4] == ("所属区域", "单位类型", "单位名称", "地址")
    assert "供货单位" not in first


def test_the_file_of_one_kind_has_a_column_for_each_of_its_attributes(world: World) -> None:
    enter(world, kind="sampling_point", name="东门采样点", lanes=3, opening_hours="8:00-20:00")
    columns = ["name", "missing", "attribute.lanes", "attribute.opening_hours"]

    export = made(world, "qian", "facilities", {"kind": "sampling_point"}, columns=columns)

    rows = rows_of(content_of(world, "qian", export))
    assert rows[1].cells[:4] == ("单位", "缺项", "开放时间", "采样通道")
    assert rows[2].cells[:4] == ("东门采样点", "每小时可采", "8:00-20:00", "3 条")


def test_columns_of_another_kind_cannot_be_asked_for(world: World) -> None:
    with pytest.raises(ExportInvalid):
        ask(world, "qian", "facilities", {"kind": "pharmacy"}, columns=["name", "attribute.lanes"])
