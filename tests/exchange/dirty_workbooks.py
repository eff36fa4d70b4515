"""Tables of residents as offices really send them (SAFETY.md row 4), each with the truth about its rows.

    content, truth = dirty_workbook(Random(5), 10_000, areas)

The same randomness gives the same workbook. About 37% of the rows are dirty, some only written unusually.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from random import Random
from xml.sax.saxutils import escape

from tests.exchange.dirt import KINDS, Cell, Dirt, DirtyArea, Line, People, Person
from tests.foundation.raw_workbook import RawSheet, RawWorkbook

DIRTY_SHARE = 0.37
HEADINGS = {
    "area": ("网格", "所属网格", "网格名称"),
    "building": ("楼栋", "楼号", "楼栋号"),
    "unit": ("单元", "单元号"),
    "room": ("房号", "室号", "房间号"),
    "door": ("住址", "现住址", "详细地址"),
    "name": ("姓名", "姓 名", "居民姓名"),
    "id_number": ("身份证号", "证件号码", "公民身份号码"),
    "phone": ("电话", "联系电话", "手机号码"),
    "sex": ("性别", "性 别"),
    "birth_on": ("出生日期", "出生年月日"),
    "relation": ("与户主关系", "关系"),
}
DOOR_PARTS = ("building", "unit", "room")
PERSONAL = ("name", "id_number", "phone", "sex", "birth_on", "relation")
REPEATS = ("repeats", "another_phone", "moved_grid")
ZERO_1900, ZERO_1904 = date(1899, 12, 30), date(1904, 1, 1)
DATE_STYLE = 1  # of raw_workbook.DATE_STYLES


@dataclass(frozen=True)
class RowTruth:
    """What is so about one row that a reader yields below the heading."""

    number: int  # as the spreadsheet shows it
    dirt: str  # the kind of dirt, "" for a clean row
    wrong: str  # "good", or the reason for which it is not stored
    column: str = ""
    asks: str = ""  # hidden, merged or formulas: it is good only after that answer
    of: int = 0  # the number of the row that it repeats or contradicts
    person: Person | None = None  # none: not about a person


@dataclass(frozen=True)
class Truth:
    """What is so about a workbook."""

    rows: tuple[RowTruth, ...]
    heading_row: int
    columns: tuple[str, ...]  # keys from column A on, "" for one that means nothing to an import
    date_1904: bool
    sheet: int = 0  # the index of the sheet with the residents

    @property
    def asks(self) -> frozenset[str]:
        """Return the questions its rows raise."""
        return frozenset(row.asks for row in self.rows if row.asks)


@dataclass(frozen=True)
class Shape:
    """How a workbook is laid out."""

    columns: tuple[str, ...]
    has_title: bool
    has_two_headings: bool
    has_address: bool
    has_real_dates: bool
    names_codes: bool
    date_1904: bool
    hides_rows: bool
    merges_buildings: bool
    has_notes: bool

    @property
    def heading_row(self) -> int:
        """Return the number of the row whose titles mean the columns."""
        return 1 + self.has_title + self.has_two_headings


def dirty_workbook(
    random: Random, rows: int, areas: Sequence[DirtyArea], *, date_1904: bool | None = None
) -> tuple[bytes, Truth]:
    """Return a workbook with so many rows of residents, and the truth about it."""
    shape = _shape(random, date_1904)
    lines = _lines(random, rows, tuple(areas), shape)
    numbers, last = {}, shape.heading_row
    for line in lines:
        last += 1
        numbers[id(line)] = last
    truth = [
        RowTruth(
            numbers[id(line)], line.dirt, line.wrong, line.column, line.asks,
            numbers[id(line.of)] if line.of else 0, line.person,
        )
        for line in lines
    ]  # fmt: skip
    trailing = _trailing(random, len(lines))
    first_trailing = last + 1 + random.choice([0, 0, 2])
    truth += [
        RowTruth(first_trailing + index, "total_row", "total_row") for index, _text in enumerate(trailing)
    ]
    content = _pack(
        random, shape, lines, {first_trailing + index: text for index, text in enumerate(trailing)}
    )
    return content, Truth(tuple(truth), shape.heading_row, shape.columns, shape.date_1904)


def _shape(random: Random, date_1904: bool | None) -> Shape:
    has_address = random.random() < 0.3
    groups = [list(PERSONAL), ["area", "door"] if has_address else ["area", *DOOR_PARTS]]
    for group in groups:
        if random.random() < 0.5:
            random.shuffle(group)
    random.shuffle(groups)
    numbering = [""] if random.random() < 0.3 else []
    return Shape(
        columns=tuple(numbering + groups[0] + groups[1]),
        has_title=random.random() < 0.6,
        has_two_headings=random.random() < 0.3,
        has_address=has_address,
        has_real_dates=random.random() < 0.5,
        names_codes=random.random() < 0.2,
        date_1904=random.random() < 0.2 if date_1904 is None else date_1904,
        hides_rows=random.random() < 0.5,
        merges_buildings=not has_address and random.random() < 0.6,
        has_notes=random.random() < 0.2,
    )


def _lines(random: Random, count: int, areas: tuple[DirtyArea, ...], shape: Shape) -> list[Line]:
    people = People(random, areas)
    lines: list[Line] = []
    sound: list[Line] = []  # clean rows that depend on no answer and have not been repeated yet
    while len(lines) < count:
        run = _merged_run(random, people, shape) if shape.merges_buildings and random.random() < 0.02 else []
        if run and len(lines) + len(run) <= count:
            lines += run
            continue
        line = Line(person := people.person(), _cells(person, shape))
        if shape.hides_rows and random.random() < 0.02:
            line.dirt, line.asks = "hidden_row", "hidden"
        elif random.random() < DIRTY_SHARE:
            kind = random.randrange(len(KINDS) + 2 * len(REPEATS))
            if kind >= len(KINDS) and sound:
                base = sound.pop(random.randrange(len(sound)))
                line = _repeat(base, REPEATS[kind % len(REPEATS)], people, shape)
            else:
                _soil(line, KINDS[kind % len(KINDS)], random, shape)
        if not line.dirt:
            sound.append(line)
        lines.append(line)
    return lines


def _merged_run(random: Random, people: People, shape: Shape) -> list[Line]:
    """Return neighbours whose building is written once, in a merged cell."""
    first = people.person()
    count = random.randint(2, 5)
    run = [Line(first, _cells(first, shape), merged_rows=count)]
    for _ in range(count - 1):
        person = people.person(first.area, first.building)
        line = Line(person, _cells(person, shape), "merged_building", column="building", asks="merged")
        line.cells["building"] = Cell("")
        run.append(line)
    return run


def _soil(line: Line, dirt: Dirt, random: Random, shape: Shape) -> None:
    """Make a row dirty; leave it clean where the dirt does not fit the person."""
    if not dirt.fits(line.person):
        return
    written = dirt.act(random, line.person)
    line.cells[dirt.column] = written if isinstance(written, Cell) else Cell(written)
    line.dirt, line.wrong, line.column, line.asks = dirt.key, dirt.wrong, dirt.column, dirt.asks
    if shape.has_address and dirt.column in DOOR_PARTS:
        line.column = "door"
        if dirt.column != "building":
            line.wrong = "door_unclear"


def _repeat(base: Line, how: str, people: People, shape: Shape) -> Line:
    """Return a later row about the same person: alike, with another telephone, or moved to another grid."""
    others = [area for area in people.areas if area.code != base.person.area.code]
    if how == "moved_grid" and others:
        area = people.random.choice(others)
        person = replace(base.person, area=area, building=people.random.choice(area.buildings))
    elif how == "repeats":
        return Line(base.person, dict(base.cells), how, how, of=base)
    else:
        how, person = "another_phone", replace(base.person, phone=people.phone())
    return Line(person, _cells(person, shape), how, "contradicts_row", of=base)


def _cells(person: Person, shape: Shape) -> dict[str, Cell]:
    """Return a person's row as it should be written."""
    return {
        "area": Cell(person.area.code if shape.names_codes else person.area.name),
        "building": Cell(person.building),
        "unit": Cell(person.unit),
        "room": Cell(person.room),
        "name": Cell(person.name),
        "id_number": Cell(person.id_number),
        "phone": Cell(person.phone),
        "sex": Cell("男" if person.is_male else "女"),
        "birth_on": Cell(person.birth_on.isoformat(), "d" if shape.has_real_dates else "t"),
        "relation": Cell(person.relation),
    }


def _trailing(random: Random, count: int) -> list[str]:
    """Return what stands below the table."""
    notes = [f"合计：{count}人"] if random.random() < 0.8 else []
    return notes + (["填表人：王芳"] if random.random() < 0.4 else [])


def _pack(random: Random, shape: Shape, lines: Sequence[Line], trailing: dict[int, str]) -> bytes:
    merged: list[str] = []
    rows = _headings(random, shape, merged)
    number = shape.heading_row
    for line in lines:
        number += 1
        if line.merged_rows > 1:
            letter = _letter(shape.columns.index("building"))
            merged.append(f"{letter}{number}:{letter}{number + line.merged_rows - 1}")
        attribute = ' hidden="1"' if line.asks == "hidden" else ""
        rows.append(f'<row r="{number}"{attribute}>{"".join(_row(line, number, shape))}</row>')
    rows += [f'<row r="{at}">{_cell(Cell(text), f"A{at}", shape)}</row>' for at, text in trailing.items()]
    end = max([number, *trailing])
    rows += [f'<row r="{end + below}"><c r="A{end + below}" s="1"/></row>' for below in range(1, 40)]
    ranges = "".join(f'<mergeCell ref="{reference}"/>' for reference in merged)
    sheets = [
        RawSheet("".join(rows), name="居民名册", after=f"<mergeCells>{ranges}</mergeCells>" if merged else "")
    ]
    if shape.has_notes:
        sheets.append(RawSheet("", name="填表说明", state="hidden"))
    book = f'<workbookPr date1904="{int(shape.date_1904)}"/>'
    return RawWorkbook(sheets, book=book).pack()


def _headings(random: Random, shape: Shape, merged: list[str]) -> list[str]:
    """Return the rows above the residents: a title, groups of columns, the titles of the columns."""
    rows = []
    last = _letter(len(shape.columns) - 1)
    if shape.has_title:
        rows.append(f'<row r="1">{_cell(Cell("2025年居民信息登记表"), "A1", shape)}</row>')
        merged.append(f"A1:{last}1")
    if shape.has_two_headings:
        number, half = shape.heading_row - 1, len(shape.columns) // 2
        second = _letter(half)
        groups = _cell(Cell("基本情况"), f"A{number}", shape) + _cell(
            Cell("登记内容"), f"{second}{number}", shape
        )
        rows.append(f'<row r="{number}">{groups}</row>')
        merged += [f"A{number}:{_letter(half - 1)}{number}", f"{second}{number}:{last}{number}"]
    titles = [random.choice(HEADINGS[key]) if key else "序号" for key in shape.columns]
    cells = [
        _cell(Cell(title), f"{_letter(place)}{shape.heading_row}", shape)
        for place, title in enumerate(titles)
    ]
    rows.append(f'<row r="{shape.heading_row}">{"".join(cells)}</row>')
    return rows


def _row(line: Line, number: int, shape: Shape) -> list[str]:
    cells = dict(line.cells)
    building, unit, room = (cells[part].text for part in DOOR_PARTS)
    cells["door"] = Cell(f"{building}号楼{unit}单元{room}" + ("室" if room else ""))
    cells[""] = Cell(str(number - shape.heading_row), "n")
    return [_cell(cells[key], f"{_letter(place)}{number}", shape) for place, key in enumerate(shape.columns)]


def _cell(cell: Cell, reference: str, shape: Shape) -> str:
    text = escape(cell.text)
    if not cell.text:
        return ""
    if cell.kind == "n":
        return f'<c r="{reference}"><v>{text}</v></c>'
    if cell.kind == "d":
        days = (date.fromisoformat(cell.text) - (ZERO_1904 if shape.date_1904 else ZERO_1900)).days
        return f'<c r="{reference}" s="{DATE_STYLE}"><v>{days}</v></c>'
    if cell.kind == "f":
        return f'<c r="{reference}" t="str"><f>CONCATENATE(Z1)</f><v>{text}</v></c>'
    if cell.kind == "e":
        return f'<c r="{reference}" t="e"><f>VLOOKUP(1,Z:Z,1,0)</f><v>{text}</v></c>'
    return f'<c r="{reference}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _letter(place: int) -> str:
    return chr(65 + place)
