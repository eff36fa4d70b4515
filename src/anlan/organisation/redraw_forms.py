"""What people write to change the tree of areas: one form a kind of redraw, each makes a wish."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from anlan.foundation.actor import Actor
from anlan.foundation.scope import within
from anlan.organisation.forms import MOMENT, OnceForm
from anlan.organisation.models import Area, Building, Facility, Post
from anlan.organisation.queries import area_kinds, areas_below, areas_in_range, in_force
from anlan.organisation.redrawing.listed import Listed, read_list
from anlan.organisation.redrawing.making import Part, RedrawInvalid
from anlan.organisation.redrawing.outlined import Coordinates, Point, read_outlines
from anlan.organisation.redrawing.wishes import Wish
from anlan.organisation.rules import CODE_LENGTH, AreaLevel, RedrawKind, level_of
from anlan.organisation.words import facility_kind_words, in_words

MOST_PARTS = 4
LARGEST_FILE = 5 * 1024 * 1024
OFFERED = 400  # pieces on one form
STAYS = ""
GRIDS = (AreaLevel.GRID, AreaLevel.MICRO_GRID)


@dataclass(frozen=True, slots=True)
class Offered:
    """A piece that may be sent elsewhere: a building, a unit, a post, or an area below."""

    of: str  # the field of Part it goes into
    key: str
    words: str
    note: str = ""

    @property
    def field(self) -> str:
        """Return the name of its field."""
        return f"piece-{self.of}-{self.key}"


class RedrawForm(OnceForm):
    """What every redraw says: why, from when, and the plan that was looked at."""

    kind: ClassVar[RedrawKind]
    reason = forms.CharField(
        label=_("依据和原因"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("如批复文号、网格规模调整等。"),
    )  # fmt: skip
    takes_effect_at = forms.DateTimeField(
        label=_("生效时间"), required=False, widget=MOMENT, help_text=_("不填即立刻生效。")
    )
    seen = forms.CharField(required=False)  # the mark of the preview, written by the page itself

    def __init__(self, *args: Any, actor: Actor, area: Area, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor, self.area, self.now = actor, area, now
        self.offered: list[Offered] = []
        self.prepare()

    def prepare(self) -> None:
        """Add the fields that depend on the area."""

    def wish(self) -> Wish:
        """Return what the valid form asks for."""
        raise NotImplementedError

    def first_fields(self) -> Iterator[BoundField]:
        """Yield the fields of the kind, those of every redraw and of pieces left out."""
        for name in self.fields:
            if name not in {"row_id", "seen", "reason", "takes_effect_at"} and not name.startswith("piece-"):
                yield self[name]

    def pieces(self) -> Iterator[tuple[Offered, BoundField]]:
        """Yield each piece with its field."""
        for one in self.offered:
            yield one, self[one.field]

    def offer(self, pieces: Sequence[Offered], choices: Sequence[tuple[str, Any]]) -> None:
        """Let each piece be sent to one of the choices."""
        self.offered = list(pieces)
        for one in self.offered:
            select = forms.Select(attrs={"class": "select", "aria-label": one.words})
            field = forms.ChoiceField(label=one.words, choices=choices, required=False, widget=select)
            self.fields[one.field] = field

    def part(self, chosen: str, **more: Any) -> Part:
        """Return the part that takes the pieces sent to one choice."""
        taken: dict[str, list[Any]] = {}
        for one in self.offered:
            if self.cleaned_data.get(one.field) == chosen:
                taken.setdefault(one.of, []).append(one.key if one.of == "area_codes" else UUID(one.key))
        fields: dict[str, Any] = {of: tuple(keys) for of, keys in taken.items()}
        return Part(**fields, **more)


class RenameForm(RedrawForm):
    """Another name."""

    kind = RedrawKind.RENAME
    name = forms.CharField(label=_("新名称"), max_length=60)

    def wish(self) -> Wish:
        """Return what the valid form asks for."""
        return Wish(kind=self.kind, code=self.area.code, name=self.cleaned_data["name"])


class RecodeForm(RedrawForm):
    """Another code under the same area."""

    kind = RedrawKind.RECODE
    new_code = forms.RegexField(
        r"^\d{6,18}$", label=_("新代码"), help_text=_("与原代码同样长，前面的上级代码不变。")
    )

    def wish(self) -> Wish:
        """Return what the valid form asks for."""
        return Wish(kind=self.kind, code=self.area.code, new_code=self.cleaned_data["new_code"])


class MoveForm(RedrawForm):
    """Another area above."""

    kind = RedrawKind.MOVE

    def prepare(self) -> None:
        """Offer the areas of the level above in the actor's ranges."""
        above = areas_in_range(self.actor, now=self.now).filter(level=level_of(self.area.parent_code))
        rows = above.exclude(code=self.area.parent_code).order_by("code")[:OFFERED]
        self.fields["under"] = forms.ChoiceField(
            label=_("新的上级"), choices=[(row.code, row.name) for row in rows]
        )

    def wish(self) -> Wish:
        """Return what the valid form asks for."""
        return Wish(kind=self.kind, code=self.area.code, under=self.cleaned_data["under"])


class MergeForm(RedrawForm):
    """Areas beside it that go on as part of it."""

    kind = RedrawKind.MERGE

    def prepare(self) -> None:
        """Offer the areas beside it."""
        choices = [(row.code, row.name) for row in beside(self.area, self.now)]
        self.fields["others"] = forms.MultipleChoiceField(
            label=_("并入哪些区域"), choices=choices, widget=forms.CheckboxSelectMultiple
        )
        self.fields["name"] = forms.CharField(
            label=_("合并后的名称"), max_length=60, initial=self.area.name, required=False
        )

    def wish(self) -> Wish:
        """Return what the valid form asks for."""
        said = self.cleaned_data
        return Wish(kind=self.kind, code=self.area.code, others=tuple(said["others"]), name=said["name"])


class SplitForm(RedrawForm):
    """The names of the parts, and which part each piece goes to."""

    kind = RedrawKind.SPLIT

    def prepare(self) -> None:
        """Ask for the names of up to four parts; the first keeps the code."""
        for number in range(1, MOST_PARTS + 1):
            self.fields[f"name_{number}"] = forms.CharField(
                label=_("第一部分（保留原代码）") if number == 1 else _("第 %(n)s 部分") % {"n": number},
                max_length=60,
                required=number <= 2,
                initial=self.area.name if number == 1 else "",
            )
        choices = [
            (STAYS, _("第一部分")),
            *((str(n), _("第 %(n)s 部分") % {"n": n}) for n in range(2, MOST_PARTS + 1)),
        ]
        self.offer(pieces_in(self.actor, self.area, self.now), choices)

    def clean(self) -> dict[str, Any]:
        """Refuse pieces sent to a part without a name."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        for one in self.offered:
            number = said.get(one.field)
            if number and not said.get(f"name_{number}"):
                self.add_error(f"name_{number}", _("已有内容划给这一部分，请填写名称。"))
                break
        return said

    def wish(self) -> Wish:
        """Return what the valid form asks for."""
        said = self.cleaned_data
        parts = [self.part(STAYS, code=self.area.code, name=said["name_1"])]
        for number in range(2, MOST_PARTS + 1):
            if said[f"name_{number}"]:
                parts.append(self.part(str(number), name=said[f"name_{number}"]))
        return Wish(kind=self.kind, code=self.area.code, parts=tuple(parts))


class BorderForm(RedrawForm):
    """Which piece passes to which area beside it."""

    kind = RedrawKind.REDRAW

    def prepare(self) -> None:
        """Offer every piece of the area to every area beside it."""
        choices = [(STAYS, _("不变")), *((row.code, row.name) for row in beside(self.area, self.now))]
        self.offer(pieces_in(self.actor, self.area, self.now), choices)

    def wish(self) -> Wish:
        """Return what the valid form asks for."""
        chosen = sorted({self.cleaned_data[one.field] for one in self.offered} - {STAYS})
        parts = tuple(self.part(code, code=code) for code in chosen)
        return Wish(kind=self.kind, code=self.area.code, others=tuple(chosen), parts=parts)


class FoundForm(RedrawForm):
    """A new area below: its name, its kind, what lies in it."""

    kind = RedrawKind.FOUND
    name = forms.CharField(label=_("名称"), max_length=60)

    def prepare(self) -> None:
        """Offer the kinds of area that stand below, and what may lie in the new one."""
        level = (
            level_of(self.area.code + "001")
            if len(self.area.code) < CODE_LENGTH[AreaLevel.MICRO_GRID]
            else ""
        )
        kinds = [(kind.key, in_words(kind.title)) for kind in area_kinds().values() if level in kind.levels]
        self.fields["area_kind"] = forms.ChoiceField(label=_("类型"), choices=kinds)
        self.offer(
            pieces_below(self.actor, self.area, self.now), [(STAYS, _("不变")), ("new", _("划入新区域"))]
        )

    def wish(self) -> Wish:
        """Return what the valid form asks for."""
        said = self.cleaned_data
        part = self.part("new", name=said["name"], kind=said["area_kind"])
        return Wish(kind=self.kind, code=self.area.code, parts=(part,))


FORMS: dict[str, type[RedrawForm]] = {
    form.kind.value: form
    for form in (SplitForm, MergeForm, BorderForm, RenameForm, MoveForm, RecodeForm, FoundForm)
}


def beside(area: Area, now: datetime) -> list[Area]:
    """Return the other areas under the same area."""
    return [row for row in areas_below(area.parent_code, now=now) if row.code != area.code][:OFFERED]


def pieces_in(actor: Actor, area: Area, now: datetime) -> list[Offered]:
    """Return what an area is made of: of a grid buildings, units and posts; else the areas below."""
    if area.level not in GRIDS:
        return [
            Offered("area_codes", row.code, row.name, row.code) for row in areas_below(area.code, now=now)
        ]
    own = within(actor.ranges)
    posts = Post.objects.filter(in_force(now), area_code=area.code, facility=None).order_by("title", "pk")
    return [
        *_buildings(Building.objects.filter(own, in_force(now), area_code=area.code)),
        *_units(Facility.objects.filter(own, in_force(now), area_code=area.code)),
        *(Offered("post_ids", str(row.pk), row.title, str(_("岗位"))) for row in posts),
    ]


def pieces_below(actor: Actor, area: Area, now: datetime) -> list[Offered]:
    """Return what may lie in a new area below: of a grid its buildings, else the units of the area."""
    own = within(actor.ranges)
    if area.level in GRIDS:
        return _buildings(Building.objects.filter(own, in_force(now), area_code=area.code))
    inside = Facility.objects.filter(own, in_force(now), area_code__startswith=area.code)
    return _units(inside.order_by("name", "pk")[:OFFERED])


def _buildings(rows: Iterable[Building]) -> list[Offered]:
    def number_of(row: Building) -> tuple[int, str]:
        return (int(row.number) if row.number.isdigit() else 10_000, row.number)

    return [
        Offered("building_ids", str(row.pk), str(row), str(_("%(n)s 个单元") % {"n": row.unit_count}))
        for row in sorted(rows, key=number_of)[:OFFERED]
    ]


def _units(rows: Iterable[Facility]) -> list[Offered]:
    kinds = facility_kind_words()
    return [Offered("facility_ids", str(row.pk), row.name, kinds.get(row.kind, row.kind)) for row in rows]


class UndoForm(OnceForm):
    """Why a redraw is taken back, written to one version of it."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    reason = forms.CharField(label=_("撤销原因"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class ImportForm(OnceForm):
    """A list of codes and names, or a file of outlines."""

    what = forms.ChoiceField(
        label=_("导入什么"),
        choices=[("codes", _("区划代码和名称")), ("outlines", _("区域边界（GeoJSON）"))],
        widget=forms.RadioSelect,
        initial="codes",
    )
    text = forms.CharField(
        label=_("代码清单"),
        required=False,
        max_length=400_000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("每行：代码、名称；可带三位城乡分类。12 位代码末尾的零不必去掉。"),
    )
    file = forms.FileField(
        label=_("文件"), required=False, help_text=_("清单为文本文件；边界为 GeoJSON，属性里有 code。")
    )
    coordinates = forms.ChoiceField(label=_("边界坐标系"), choices=Coordinates.choices, required=False)
    reason = forms.CharField(label=_("依据和原因"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))

    def clean(self) -> dict[str, Any]:
        """Ask for something to read."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        file = said.get("file")
        if file and file.size > LARGEST_FILE:
            self.add_error("file", _("文件不能超过 5 MB。"))
        elif said.get("what") == "outlines" and not file:
            self.add_error("file", _("请选择 GeoJSON 文件。"))
        elif said.get("what") == "codes" and not file and not said.get("text", "").strip():
            self.add_error("text", _("请粘贴清单，或选择文件。"))
        return said

    def listed(self, *, district: str, now: datetime) -> tuple[Listed, Point | None]:
        """Return what the valid form would change. Raises RedrawInvalid."""
        said = self.cleaned_data
        raw = said["file"].read() if said["file"] else b""
        if said["what"] == "outlines":
            coordinates = said["coordinates"] or Coordinates.GCJ02
            return read_outlines(raw, coordinates=coordinates, district=district, now=now)
        return read_list(said["text"] or decoded(raw), district=district, now=now), None


def decoded(raw: bytes) -> str:
    """Return the text of a file in UTF-8 or GB18030. Raises RedrawInvalid."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise RedrawInvalid(fields={"file": _("文件的编码无法识别，请存为 UTF-8 文本。")})
