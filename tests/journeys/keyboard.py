"""A page walked with the Tab key alone: what gets the focus, in which order, and whether one sees it."""

from dataclasses import dataclass

from playwright.sync_api import Page

LONGEST_WALK = 150
# How an element and what surrounds it look: a focus one can see changes something of this.
LOOK = """e => [e, e.parentElement, e.parentElement.parentElement].map(one => {
    const s = getComputedStyle(one), a = getComputedStyle(one, '::after');
    return [s.outlineStyle === 'none' ? '' : s.outlineWidth + s.outlineColor, s.boxShadow, s.borderTopColor,
            s.backgroundColor, a.boxShadow, a.outlineStyle === 'none' ? '' : a.outlineWidth].join('|');
}).join('#')"""
NAME = """e => (e.getAttribute('aria-label') || e.labels?.[0]?.innerText || e.innerText || e.name || e.id
              || e.tagName).trim().split('\\n')[0].slice(0, 40)"""
STEP = f"""() => {{
    const look = {LOOK}, named = {NAME}, walk = (window.walked ||= []), last = walk[walk.length - 1];
    document.getAnimations().forEach(one => one.finish());
    if (last) last.rest = look(last.element);
    const e = document.activeElement;
    if (!e || e === document.body) return null;
    const box = (e.closest('label') || e).getBoundingClientRect();
    const seen = box.width > 1 && box.height > 1 && box.bottom > 0 && box.top < innerHeight;
    const after = !last || !!(last.element.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING);
    const again = walk.some(w => w.element === e);
    walk.push({{element: e, name: named(e), focused: look(e), seen, after, again}});
    return again ? 'again' : named(e);
}}"""
REPORT = """() => window.walked.filter(w => !w.again).map(w => ({
    name: w.name, seen: w.seen, after: w.after, shown: !w.rest || w.rest !== w.focused}))"""
# What a hand can press in the page's own part; of radio buttons with one name Tab reaches one.
PRESSABLE = (
    """() => {
    const reached = new Set(window.walked.map(w => w.element)), names = new Set(), named = """
    + NAME
    + """;
    window.walked.forEach(w => w.element.type === 'radio' && names.add(w.element.name));
    const all = [...document.querySelectorAll('main a[href], main button, main input, main select,'
        + ' main textarea, main summary, main [tabindex="0"]')];
    return all.filter(e => e.type !== 'hidden' && !e.disabled && e.tabIndex >= 0 && e.checkVisibility()
        && !reached.has(e) && !(e.type === 'radio' && names.has(e.name))).map(named);
}"""
)

HERE = f"""() => document.activeElement === document.body ? null : ({NAME})(document.activeElement)"""
FROM_THE_TOP = """() => {
    window.walked = [];
    document.body.tabIndex = -1;  // Tab goes on from where the focus was last: here from the very top
    document.body.focus();
    document.body.removeAttribute('tabindex');
    window.scrollTo(0, 0);
}"""


@dataclass(frozen=True)
class Walk:
    """One walk over a page; each part names the elements that fall short."""

    stops: list[str]
    unseen: list[str]  # focused, yet outside what is shown
    backwards: list[str]  # focused after something that stands below it
    unmarked: list[str]  # focused without looking different
    missed: list[str]  # can be pressed, and Tab does not reach it

    @property
    def faults(self) -> list[str]:
        """Return what falls short, in words."""
        parts = {
            "unseen": self.unseen,
            "backwards": self.backwards,
            "unmarked": self.unmarked,
            "missed": self.missed,
        }
        return [f"{part}: {name}" for part, names in parts.items() for name in names]


def walk_by_tab(page: Page) -> Walk:
    """Press Tab from the top of the page until the focus comes round."""
    page.evaluate(FROM_THE_TOP)
    for _step in range(LONGEST_WALK):
        page.keyboard.press("Tab")
        name = page.evaluate(STEP)
        if name is None or name == "again":
            break
    found = page.evaluate(REPORT)
    return Walk(
        stops=[one["name"] for one in found],
        unseen=[one["name"] for one in found if not one["seen"]],
        backwards=[one["name"] for one in found if not one["after"]],
        unmarked=[one["name"] for one in found if not one["shown"]],
        missed=page.evaluate(PRESSABLE),
    )


def focus_by_tab(page: Page, name: str) -> None:
    """Press Tab until the control of this name has the focus; fail where it never has."""
    for _step in range(2 * LONGEST_WALK):
        here = page.evaluate(HERE)
        if here == name:
            return
        if here is None:
            page.evaluate(FROM_THE_TOP)
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reaches {name}")
