"""Results as plain text tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .measures import Measures

HEADINGS = (
    "method", "FPR", "(se)", "POD", "(se)", "POD 1st", "sens", "PPV", "delay", "k 1-3", "k 4-6", "k 7-10"
)  # fmt: skip


def text_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return aligned columns, the first to the left and the others to the right."""
    table = [list(headings), *[list(row) for row in rows]]
    widths = [max(len(row[place]) for row in table) for place in range(len(headings))]
    lines = [
        "  ".join(
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in table
    ]
    lines.insert(1, "-" * len(lines[0]))
    return "\n".join(lines)


def measures_row(name: str, found: Measures) -> list[str]:
    """Return one line of the benchmark's table (headings: HEADINGS)."""
    strengths = [f"{value:.3f}" for value in found.by_strength.values()]
    return [
        name,
        f"{found.false_positive_rate:.4f}",
        f"{found.false_positive_error:.4f}",
        f"{found.detected:.3f}",
        f"{found.detected_error:.3f}",
        f"{found.detected_first:.3f}",
        f"{found.sensitivity:.3f}",
        f"{found.precision:.3f}",
        f"{found.delay:.2f}",
        *strengths,
    ]
