"""Files and functions stay small, say what they are for, and hide nothing (the limits of ARCHITECTURE.md)."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.source import ANLAN, ROOT, SRC, modules, shown, tree

FILE_LINES, FUNCTION_LINES, VIEW_LINES, APP_DOCSTRING_LINES = 400, 50, 25, 6
BROAD_EXCEPTS = 3  # the job runner, the inbox worker, the middleware
BROAD = {"Exception", "BaseException"}
IMPURE = {"os", "pathlib", "io", "time", "shutil", "subprocess", "socket", "logging", "random"}
READS_FILES = {"__main__.py", "evaluation"}  # of early_warning: these two alone may read files and plot

Function = ast.FunctionDef | ast.AsyncFunctionDef


def everything() -> list[Path]:
    return modules(SRC, *(folder for name in ("tests", "bench") if (folder := ROOT / name).exists()))


def functions(path: Path) -> Iterator[Function]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, Function))


def length(node: Function) -> int:
    """Lines of a function without its docstring and decorators."""
    first = node.body[0]
    spoken = 0
    if ast.get_docstring(node) is not None and first.end_lineno is not None:
        spoken = first.end_lineno - first.lineno + 1
    return (node.end_lineno or node.lineno) - node.lineno + 1 - spoken


def test_no_file_is_longer_than_can_be_read_at_once() -> None:
    long = {
        shown(path): lines
        for path in everything()
        if (lines := len(path.read_text().splitlines())) > FILE_LINES
    }

    assert long == {}


def test_no_function_is_longer_than_a_screen() -> None:
    long = {
        f"{shown(path)}:{node.lineno} {node.name}": length(node)
        for path in everything()
        for node in functions(path)
        if length(node) > FUNCTION_LINES
    }

    assert long == {}


def test_a_view_only_translates() -> None:
    doors = [
        path
        for path in modules(ANLAN)
        if path.stem in {"views", "api"} or path.parent.name in {"views", "api"}
    ]
    long = {
        f"{shown(path)}:{node.lineno} {node.name}": length(node)
        for path in doors
        for node in functions(path)
        if length(node) > VIEW_LINES
    }

    assert long == {}


def test_every_module_says_what_it_is_for() -> None:
    silent = [shown(path) for path in everything() if path.read_text() and not ast.get_docstring(tree(path))]

    assert silent == []


def test_an_app_is_introduced_in_at_most_six_lines() -> None:
    wordy = [
        shown(path)
        for path in ANLAN.glob("*/__init__.py")
        if len((ast.get_docstring(tree(path)) or "").splitlines()) > APP_DOCSTRING_LINES
    ]

    assert wordy == []


def test_errors_are_swallowed_in_three_places_at_most() -> None:
    broad = [
        f"{shown(path)}:{node.lineno}"
        for path in modules(SRC)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler) and is_broad(node) and not raises_again(node)
    ]

    assert len(broad) <= BROAD_EXCEPTS, broad
    assert [place for place in broad if not place.startswith("src/anlan/foundation/")] == []


def is_broad(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    return any(isinstance(part, ast.Name) and part.id in BROAD for part in ast.walk(handler.type))


def raises_again(handler: ast.ExceptHandler) -> bool:
    return any(isinstance(node, ast.Raise) for node in ast.walk(handler))


def test_imports_stand_at_the_top() -> None:
    hidden = [
        f"{shown(path)}:{node.lineno}"
        for path in modules(SRC)
        for function in functions(path)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]

    assert hidden == []


def test_early_warning_reads_no_file_and_no_clock() -> None:
    impure = [
        f"{shown(path)}:{node.lineno} {name}"
        for path in modules(SRC / "early_warning")
        if not READS_FILES & set(path.relative_to(SRC / "early_warning").parts)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in imported(node)
        if name in IMPURE
    ]

    assert impure == []


def imported(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.Import):
        return [name.name.partition(".")[0] for name in node.names]
    return [(node.module or "").partition(".")[0]] if not node.level else []
