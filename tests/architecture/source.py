"""Reads the source for the tests beside it: modules, their imports, the floors of pyproject.toml."""

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src"
ANLAN = SRC / "anlan"
WITHOUT_FLOOR = {"packs"}  # data only


@cache
def floors() -> dict[str, int]:
    """Each app and its floor, 1 the lowest, as the import contract lists them."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["id"] == "floors")
    return {
        app: len(layers) - number for number, layer in enumerate(layers) for app in re.findall(r"\w+", layer)
    }


def modules(*folders: Path) -> list[Path]:
    """Every Python file below the folders, migrations left out."""
    found = [path for folder in folders or (SRC,) for path in folder.rglob("*.py")]
    return sorted(path for path in found if "migrations" not in path.parts)


def apps() -> list[str]:
    """The apps that exist."""
    return sorted(path.name for path in ANLAN.iterdir() if (path / "__init__.py").exists())


def shown(path: Path) -> str:
    """The path as a person would write it."""
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    """The parsed file."""
    return ast.parse(path.read_text(), str(path))


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full dotted name of everything a file imports; `from a import b` gives a.b."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield node.lineno, name.name
        elif isinstance(node, ast.ImportFrom):
            package = node.module or ""
            if node.level:
                parts = path.relative_to(SRC).with_suffix("").parts[: -node.level]
                package = ".".join([*parts, *([node.module] if node.module else [])])
            for name in node.names:
                yield node.lineno, f"{package}.{name.name}"


def app_imports(path: Path) -> Iterator[tuple[int, str, str]]:
    """Line, app and module (what follows the app, "" for the app itself) of each import from an app."""
    for line, name in imports(path):
        parts = name.split(".")
        if parts[0] == "anlan" and len(parts) > 1 and parts[1] in floors():
            yield line, parts[1], parts[2] if len(parts) > 2 else ""
