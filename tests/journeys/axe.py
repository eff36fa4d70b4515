"""Accessibility findings of a page, by axe-core from the frontend's development packages."""

from dataclasses import dataclass
from functools import cache

from playwright.sync_api import Page

from tests.journeys.browser import ROOT

SOURCE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]


@dataclass(frozen=True)
class Violation:
    """One rule that a page breaks, with the elements that break it."""

    rule: str
    impact: str
    meaning: str
    elements: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.rule} ({self.impact}): {self.meaning}: " + "; ".join(self.elements[:4])


@cache
def _source() -> str:
    return SOURCE.read_text()


def violations(page: Page, *, within: str = "body") -> list[Violation]:
    """Return what axe finds wrong on the page as it stands; incomplete checks are not findings."""
    page.evaluate(_source())
    found = page.evaluate(
        "([within, rules]) => axe.run(within, {runOnly: {type: 'tag', values: rules}})",
        [within, RULES],
    )
    return [
        Violation(
            rule=item["id"],
            impact=item["impact"] or "",
            meaning=item["help"],
            elements=tuple(" ".join(str(part) for part in node["target"]) for node in item["nodes"]),
        )
        for item in found["violations"]
    ]
