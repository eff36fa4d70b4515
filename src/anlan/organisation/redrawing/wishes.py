"""What somebody wants done to the tree, in one value whatever the kind, and the plan that does it."""

from dataclasses import dataclass
from datetime import datetime

from anlan.foundation.actor import Actor
from anlan.organisation.models import Area
from anlan.organisation.queries import access_area_of
from anlan.organisation.redrawing.making import Maker, Part, RedrawInvalid
from anlan.organisation.redrawing.plans import Plan
from anlan.organisation.rules import RedrawKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A redraw as asked for; which fields count goes with the kind.

    `code` is the area it begins with; `others` those merged into it, or redrawn with it; `under` the new area
    above; `new_code`, `name` and `parts` as their names say.
    """

    kind: RedrawKind
    code: str
    others: tuple[str, ...] = ()
    under: str = ""
    new_code: str = ""
    name: str = ""
    parts: tuple[Part, ...] = ()


def plan_of(actor: Actor, wish: Wish, *, now: datetime) -> tuple[Plan, str]:
    """Return the plan of a wish and its title. Raises NotFound for an area not there, RedrawInvalid."""
    area = access_area_of(actor, wish.code, now=now)
    others = [access_area_of(actor, code, now=now) for code in wish.others]
    under = access_area_of(actor, wish.under, now=now) if wish.kind == RedrawKind.MOVE else area
    return _plan(wish, area, others, under, now), _title(wish, area, others, under)


def _plan(wish: Wish, area: Area, others: list[Area], under: Area, now: datetime) -> Plan:
    maker = Maker(now)
    match wish.kind:
        case RedrawKind.RENAME:
            return maker.rename(area, wish.name)
        case RedrawKind.RECODE:
            return maker.recode(area, wish.new_code)
        case RedrawKind.MOVE:
            return maker.move(area, under)
        case RedrawKind.MERGE:
            return maker.merge([area, *others], area, wish.name)
        case RedrawKind.SPLIT:
            return maker.split(area, wish.parts)
        case RedrawKind.REDRAW:
            return maker.redraw([area, *others], wish.parts)
        case RedrawKind.FOUND if len(wish.parts) == 1:
            return maker.found(area, wish.parts[0])
    raise RedrawInvalid


def _title(wish: Wish, area: Area, others: list[Area], under: Area) -> str:
    """Return what is done, in the language of the place: it is kept with the redraw."""
    parts = "、".join(part.name.strip() for part in wish.parts)
    names = "、".join(other.name for other in others)
    titles = {
        RedrawKind.RENAME: f"{area.name}更名为{wish.name.strip()}",
        RedrawKind.RECODE: f"{area.name}代码由 {area.code} 改为 {wish.new_code}",
        RedrawKind.MOVE: f"{area.name}改属{under.name}",
        RedrawKind.MERGE: f"{names}并入{area.name}",
        RedrawKind.SPLIT: f"{area.name}拆分为{parts}",
        RedrawKind.REDRAW: f"调整{area.name}、{names}的边界",
        RedrawKind.FOUND: f"在{area.name}新设{parts}",
    }
    return titles[wish.kind]
