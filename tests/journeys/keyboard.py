"""A page walked with the Tab key alone: what gets the focus, whether one sees it, and what is never reached.

Every loop ends: a walk after LONGEST_WALK stops, the way to one control after as many. An element that is not
there is told within SHORT_MS and never waited for.
"""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page

LONGEST_WALK = 150
SHORT_MS = 5_000
# Radio buttons of one name are one stop: forwards Tab comes to the first, backwards to the last.
NAME = """e => e.type === 'radio' ? 'one of ' + e.name
    : (e.getAttribute('aria-label') || e.labels?.[0]?.innerText || e.innerText || e.name || e.id || e.tagName)
        .trim().split('\\n')[0].slice(0, 40)"""
# Its own outline, or the ring of the tile that stands for it.
IS_RINGED = """e => {
    const own = getComputedStyle(e), ring = e.closest('.choice-tile')?.querySelector('.choice-ring');
    const drawn = ring && getComputedStyle(ring);
    return (own.outlineStyle !== 'none' && parseFloat(own.outlineWidth) >= 2)
        || (!!drawn && drawn.borderTopStyle !== 'none' && parseFloat(drawn.borderTopWidth) >= 2);
}"""
# What hides it: nothing where at one point at least of what the window shows of it nothing else lies above.
HIDDEN_BY = """e => {
    const box = e.getClientRects()[0] || e.getBoundingClientRect(), own = e.closest('label') || e;
    const [left, right] = [Math.max(box.left, 0), Math.min(box.right, innerWidth)];
    const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
    if (right - left < 2 || bottom - top < 2) return 'the edge of the window';
    const points = [left + 1, (left + right) / 2, right - 1].flatMap(
        x => [top + 1, (top + bottom) / 2, bottom - 1].map(y => document.elementFromPoint(x, y)));
    const above = points.filter(one => one !== null);
    return above.some(one => own.contains(one)) ? '' : '.' + (above[0]?.className || 'nothing');
}"""
STEP = f"""() => {{
    const e = document.activeElement, walk = window.walked;
    if (!e || e === document.body || e === document.documentElement) return 'out';
    if (walk.length && walk[walk.length - 1].element === e) return 'on';  // a date has a stop for each part
    if (walk.some(stop => stop.element === e)) return 'again';
    walk.push({{element: e, name: ({NAME})(e), ringed: ({IS_RINGED})(e), hiddenBy: ({HIDDEN_BY})(e)}});
    return 'on';
}}"""
REPORT = "() => window.walked.map(({name, ringed, hiddenBy}) => ({name, ringed, hiddenBy}))"
# What a hand can press; of radio buttons with one name Tab reaches one, the arrows the others.
MISSED = f"""() => {{
    const reached = new Set(window.walked.map(stop => stop.element));
    const radios = new Set([...reached].filter(e => e.type === 'radio').map(e => e.name));
    const all = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]';
    return [...document.querySelectorAll(all)].filter(e => !e.disabled && e.tabIndex >= 0
        && e.checkVisibility({{visibilityProperty: true}}) && !reached.has(e)
        && !(e.type === 'radio' && radios.has(e.name))).map({NAME});
}}"""
FROM_THE_TOP = """() => {
    window.walked = [];
    document.body.tabIndex = -1;  // Tab goes on from where the focus was last: here from the very top
    document.body.focus();
    document.body.removeAttribute('tabindex');
    window.scrollTo(0, 0);
}"""
FROM_THE_END = """() => {
    const last = window.walked[window.walked.length - 1];
    window.walked = [];
    last?.element.focus();
}"""
HAS_FOCUS = "e => e === document.activeElement"


@dataclass(frozen=True)
class Walk:
    """One walk over a page; each part but the first names the elements that fall short."""

    stops: list[str]
    unringed: list[str]  # focused without a ring
    unseen: list[str]  # focused outside the window or beneath something
    missed: list[str]  # can be pressed, and Tab does not reach it
    is_trapped: bool  # Tab never came to the end of the page

    @property
    def faults(self) -> list[str]:
        """Return what falls short, in words."""
        parts = {"no ring": self.unringed, "not seen": self.unseen, "not reached": self.missed}
        found = [f"{part}: {name}" for part, names in parts.items() for name in names]
        return [*found, f"no way out after {self.stops[-3:]}"] if self.is_trapped else found


def walk(page: Page) -> Walk:
    """Press Tab from the top of the page until the focus leaves it or comes round."""
    page.evaluate(FROM_THE_TOP)
    found, is_trapped = _stops(page, "Tab")
    return Walk(
        stops=[one["name"] for one in found],
        unringed=[one["name"] for one in found if not one["ringed"]],
        unseen=[f"{one['name']} beneath {one['hiddenBy']}" for one in found if one["hiddenBy"]],
        missed=page.evaluate(MISSED),
        is_trapped=is_trapped,
    )


def walk_back(page: Page) -> list[str]:
    """Press Shift+Tab from the last stop of a walk, and return the stops in their order."""
    page.evaluate(FROM_THE_END)
    page.evaluate(STEP)
    found, _is_trapped = _stops(page, "Shift+Tab")
    return [one["name"] for one in found]


def _stops(page: Page, key: str) -> tuple[list[dict[str, Any]], bool]:
    for _step in range(LONGEST_WALK):
        page.keyboard.press(key)
        if page.evaluate(STEP) != "on":
            return page.evaluate(REPORT), False
    return page.evaluate(REPORT), True


def go_to(target: Locator) -> None:
    """Press Tab until this control has the focus; fail where it never has."""
    page, control = target.page, target.element_handle(timeout=SHORT_MS)
    for _step in range(LONGEST_WALK):
        if control.evaluate(HAS_FOCUS):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reaches {target}")
