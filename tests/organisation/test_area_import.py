"""Lists of codes and files of outlines: read line by line, looked at, confirmed, undone."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import utc_now
from anlan.foundation.ids import new_id
from anlan.foundation.scope import duty
from anlan.organisation.models import Area, AreaShape, MapOrigin, Redraw
from anlan.organisation.queries import access_area
from anlan.organisation.queries.outlines import polygon_of
from anlan.organisation.redrawing.listed import read_list, short_code
from anlan.organisation.redrawing.making import RedrawInvalid
from anlan.organisation.redrawing.outlined import gcj02_of, read_outlines, wgs84_of
from tests.organisation.redrawing import everything_in_place, undone
from tests.world import BRIDGE, DISTRICT, GRID_A, NORTH, SPRING, World

LIST = f"""
{DISTRICT}000000 江城区
{NORTH}000\t望山街道
{SPRING},112,春泉新村社区
{BRIDGE} 新桥社区
{NORTH}003 220 石板村
{NORTH}003001，石板一组
{NORTH}009009 没有上级
330100001001 别的区
33019900100A 代码错
{NORTH}003 又一次
{NORTH}004
"""


def send(page: Client, **said: Any) -> Any:
    body = {"row_id": str(new_id()), "reason": "统计局年度更新", "what": "codes", **said}
    return page.post(reverse("area_import"), body, follow=True)


def drafted() -> Redraw:
    with duty("redraw", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        return Redraw.objects.latest("planned_at")


def outlines(ring: list[list[float]], code: str = GRID_A, *more: dict[str, Any]) -> SimpleUploadedFile:
    feature = {
        "type": "Feature",
        "properties": {"code": code},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    text = json.dumps({"type": "FeatureCollection", "features": [feature, *more]})
    return SimpleUploadedFile("a.geojson", text.encode())


def test_every_line_has_one_end(world: World) -> None:
    read = read_list(LIST, district=DISTRICT, now=utc_now())

    ends = [line.outcome for line in read.lines]
    assert ends == ["same", "same", "renamed", "same", "new", "new", *["rejected"] * 5]
    assert {area.code: area.kind for area in read.plan.begins} == {
        NORTH + "003": "village", NORTH + "003001": "residential", SPRING: "residential",
    }  # fmt: skip


def test_a_list_is_looked_at_and_confirmed_and_undone(client: Client, world: World) -> None:
    before, page = everything_in_place(), world.sign_in(client, "mei")

    shown = send(page, text=LIST)

    assert shown.context["may_confirm"]
    assert len(shown.context["rejected"]) == 5
    assert everything_in_place() == before
    redraw = drafted()
    page.post(reverse("redraw_confirm", args=[redraw.pk]), {"version": redraw.version})
    assert access_area(SPRING, now=utc_now()).name == "春泉新村社区"
    assert access_area(NORTH + "003001", now=utc_now()).name == "石板一组"
    undone(world, "mei", drafted())
    assert everything_in_place() == before


def test_a_file_in_gb18030_is_read(client: Client, world: World) -> None:
    page = world.sign_in(client, "mei")
    file = SimpleUploadedFile("a.txt", f"{NORTH}003 㛃村".encode("gb18030"))

    assert "㛃村" in send(page, file=file).content.decode()


@pytest.mark.parametrize(
    "said",
    [
        {"text": ""},
        {"text": f"{NORTH}000 望山街道"},
        {"what": "outlines"},
        {"what": "outlines", "file": SimpleUploadedFile("a.json", b"{")},
        {"what": "outlines", "file": SimpleUploadedFile("a.json", b'{"features": [1, {"geometry": 7}]}')},
        {"reason": "", "text": LIST},
    ],
)
def test_what_cannot_be_read_is_answered_with_what_to_do(
    client: Client, world: World, said: dict[str, Any]
) -> None:
    answer = send(world.sign_in(client, "mei"), **said)

    assert answer.status_code == 422
    assert answer.context["form"].errors


def test_an_officer_of_a_subdistrict_changes_only_what_lies_below(client: Client, world: World) -> None:
    page = world.sign_in(client, "qian")

    assert send(page, text=f"{NORTH}003 石板村").status_code == 200
    assert send(page, text=f"{DISTRICT}002009 别街道的社区").status_code == 403


def test_outlines_on_the_plane_replace_the_old(client: Client, world: World) -> None:
    page = world.sign_in(client, "mei")
    stray = {"type": "Feature", "properties": {"code": "1"}, "geometry": None}

    shown = send(
        page,
        what="outlines",
        coordinates="plane",
        file=outlines([[0, 0], [50, 0], [50, 100], [0, 100], [0, 0]], GRID_A, stray),
    )

    assert len(shown.context["rejected"]) == 1
    redraw = drafted()
    page.post(reverse("redraw_confirm", args=[redraw.pk]), {"version": redraw.version})
    shape = AreaShape.objects.get(area=access_area(GRID_A, now=utc_now()))
    assert polygon_of(shape.rings).area == pytest.approx(5_000)


def test_the_first_outlines_in_degrees_set_the_origin(client: Client, world: World) -> None:
    page = world.sign_in(client, "mei")
    ring = [[120.0, 30.0], [120.01, 30.0], [120.01, 30.01], [120.0, 30.01], [120.0, 30.0]]
    refused = send(page, what="outlines", coordinates="wgs84", file=outlines(ring))
    assert refused.status_code == 422  # outlines on a plane whose origin nobody knows
    AreaShape.objects.all().delete()

    send(page, what="outlines", coordinates="wgs84", file=outlines(ring))
    redraw = drafted()
    page.post(reverse("redraw_confirm", args=[redraw.pk]), {"version": redraw.version})

    origin = MapOrigin.objects.get()
    assert (origin.longitude, origin.latitude) == pytest.approx((120.005, 30.005))
    shape = AreaShape.objects.get(area=access_area(GRID_A, now=utc_now()))
    assert polygon_of(shape.rings).area == pytest.approx(963.0 * 1112.0, rel=0.01)
    assert Area.objects.filter(code=GRID_A).count() == 2


def test_an_odd_line_is_rejected_alone(client: Client, world: World) -> None:
    odd = [f"{NORTH}003 石板\x01村", f"{NORTH}004 {'长' * 81}", "\x1b[31m", f"{NORTH}005 对岸村"]
    file = SimpleUploadedFile("a.txt", "\r\n".join(odd).encode())

    shown = send(world.sign_in(client, "mei"), file=file)

    assert [number for number, _text, _why in shown.context["rejected"]] == [1, 2, 3]
    assert [area["code"] for area in drafted().plan["begins"]] == [NORTH + "005"]


def test_a_list_too_long_is_refused_whole(client: Client, world: World) -> None:
    lines = "\n".join(f"{NORTH}003{at % 1000:03} 第{at}组" for at in range(5_001))

    answer = send(world.sign_in(client, "mei"), text=lines)

    assert answer.status_code == 422
    assert "5001" in answer.content.decode()


ODD = st.sampled_from([None, True, "7", 7, -7.5, 10**400, 1e300, [], {}])
POINT = st.one_of(st.tuples(st.integers(-9, 130), st.integers(-9, 130)), st.tuples(ODD, ODD), ODD)
RING = st.one_of(st.lists(POINT, max_size=6), ODD)
SURFACES = st.one_of(st.lists(RING, max_size=2), st.lists(st.lists(RING, max_size=2), max_size=2), ODD)
KIND, CODE = st.sampled_from(["Polygon", "MultiPolygon", 7]), st.sampled_from([GRID_A, "\x00", 7, "长" * 500])
GEOMETRY = st.one_of(st.fixed_dictionaries({"type": KIND, "coordinates": SURFACES}), ODD)
PROPERTIES = st.one_of(st.fixed_dictionaries({"code": CODE}), ODD)
FEATURE = st.one_of(st.fixed_dictionaries({"properties": PROPERTIES, "geometry": GEOMETRY}), ODD)


@pytest.mark.parametrize("coordinates", ["plane", "gcj02"])
def test_whatever_stands_in_a_file_of_outlines_is_answered(world: World, coordinates: str) -> None:
    AreaShape.objects.all().delete()  # a file in degrees may set the origin

    @given(st.lists(FEATURE, max_size=4))
    def answered(features: list[Any]) -> None:
        raw = json.dumps({"features": features}).encode()
        try:
            read, _origin = read_outlines(raw, coordinates=coordinates, district=DISTRICT, now=utc_now())
        except RedrawInvalid as refusal:
            assert refusal.fields
        else:
            assert len(read.lines) == len(features)
            assert all(line.reason or line.outcome == "renamed" for line in read.lines)

    answered()


@given(st.floats(74, 134), st.floats(18, 53))
def test_the_shift_of_chinese_maps_is_taken_off_again(longitude: float, latitude: float) -> None:
    shifted = gcj02_of(longitude, latitude)

    assert wgs84_of(*shifted) == pytest.approx((longitude, latitude), abs=2e-7)  # two centimetres
    assert abs(shifted[0] - longitude) < 0.02 and abs(shifted[1] - latitude) < 0.02


def test_a_known_point_is_shifted_as_published() -> None:
    assert gcj02_of(116.404, 39.915) == pytest.approx((116.41024449916938, 39.91640428150164), abs=1e-9)


def test_zeros_that_fill_a_code_up_are_left_out() -> None:
    codes = ("330199000000", "330199001000", "330199001001", "330199001001002")

    assert [short_code(code) for code in codes] == [
        "330199", "330199001", "330199001001", "330199001001002",
    ]  # fmt: skip
