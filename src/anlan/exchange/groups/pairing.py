"""Tells what a later text of the same 接龙 adds, changes and leaves as it was."""

from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from anlan.exchange.groups.text import LineKind, TextLine


@dataclass(frozen=True, slots=True)
class OldLine:
    """A line of the earlier text as it is kept."""

    line: int
    number: str
    body: str
    is_answer: bool
    is_empty: bool  # a number nobody had taken
    names: tuple[str, ...] = ()
    door: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """A line of the later text, with the earlier one it is, if any."""

    new: TextLine
    old: OldLine | None
    is_changed: bool = False


def pair_lines(old: Sequence[OldLine], new: Sequence[TextLine]) -> tuple[list[Pair], list[OldLine]]:
    """Return the later lines with the earlier ones they are, and the earlier lines that are not in it.

    Words decide first: a line that moved or was numbered anew is the same line. Then, of those left over, the
    number with a common name or door (or a number that had been empty), then a common name alone.
    """
    found: dict[int, Pair] = {}
    left = _same_words(old, new, found)
    left = _take(left, new, found, lambda one, line: one.number == line.number and _is_rewritten(one, line))
    left = _take(left, new, found, _has_common_name)
    pairs = [found.get(line.position) or Pair(line, None) for line in new]
    return pairs, left


def _same_words(old: Sequence[OldLine], new: Sequence[TextLine], found: dict[int, Pair]) -> list[OldLine]:
    waiting: dict[tuple[bool, str, str], deque[OldLine]] = defaultdict(deque)
    for one in old:
        waiting[_words(one.is_answer, one.body, one.number)].append(one)
    for line in new:
        same = waiting[_words(line.kind == LineKind.ANSWER, line.body, line.number)]
        if same:
            found[line.position] = Pair(line, same.popleft())
    rest = [one for some in waiting.values() for one in some]
    return sorted(rest, key=lambda one: one.line)


def _words(is_answer: bool, body: str, number: str) -> tuple[bool, str, str]:
    """Return what makes two lines the same; of an empty number the number itself."""
    return is_answer, body, "" if body else number


Test = Callable[[OldLine, TextLine], bool]


def _take(
    old: Sequence[OldLine], new: Sequence[TextLine], found: dict[int, Pair], is_same: Test
) -> list[OldLine]:
    """Pair what a test calls the same line, each once; return the earlier lines that are left."""
    by_mark: dict[str, list[OldLine]] = defaultdict(list)
    for one in old:
        for mark in {one.number, *one.names} - {""}:
            by_mark[mark].append(one)
    taken: set[int] = set()
    for line in new:
        if line.position in found or line.kind != LineKind.ANSWER:
            continue
        marks = [line.number, *(name.text for name in line.names)]
        for one in (one for mark in marks for one in by_mark.get(mark, ())):
            if one.line not in taken and is_same(one, line):
                taken.add(one.line)
                found[line.position] = Pair(line, one, is_changed=True)
                break
    return [one for one in old if one.line not in taken]


def _is_rewritten(one: OldLine, line: TextLine) -> bool:
    if one.is_empty:
        return True
    same_door = bool(one.door) and line.door is not None and str(line.door) == one.door
    return one.is_answer and (same_door or _has_common_name(one, line))


def _has_common_name(one: OldLine, line: TextLine) -> bool:
    return one.is_answer and not {name.text for name in line.names}.isdisjoint(one.names)
