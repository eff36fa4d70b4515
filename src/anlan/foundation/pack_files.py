"""Reads the files of a pack folder, YAML and CSV, and remembers the file and line of every value."""

import csv
import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from anlan.foundation.pack_errors import PackError, Place, fault

FieldPath = tuple[str | int, ...]
MANIFEST = "pack.yaml"
LIST_SEPARATOR = ";"  # inside one CSV cell of a column named `…[]`


@dataclass
class RawEntry:
    """One entry as written: its values, and the place of each value by its path."""

    place: Place
    values: dict[str, Any]
    places: dict[FieldPath, Place] = field(default_factory=dict)

    def place_of(self, path: FieldPath) -> Place:
        """Say where the value at `path` stands, or the nearest thing that encloses it."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.places:
                return self.places[path[:length]]
        return self.place

    def over(self, below: "RawEntry") -> "RawEntry":
        """Lay this entry's fields over those of `below`, field by field."""
        own = set(self.values)
        kept = {path: place for path, place in below.places.items() if path[0] not in own}
        return RawEntry(self.place, {**below.values, **self.values}, {**kept, **self.places})


def section_files(folder: Path) -> list[Path]:
    """List the data files of a pack folder, in the order of their names."""
    skipped = {MANIFEST, "README.md"}
    found = (path for path in folder.iterdir() if path.is_file() and path.name not in skipped)
    return sorted(path for path in found if not path.name.startswith("."))


def read_entries(path: Path, errors: list[PackError]) -> list[RawEntry]:
    """Read one section's file; what cannot be read is added to `errors`."""
    name = f"{path.parent.name}/{path.name}"
    text = _text(path, name, errors)
    if text is None:
        return []
    if path.suffix == ".csv":
        return _CsvReader(name, errors).entries(text)
    if path.suffix == ".yaml":
        return _YamlReader(name, errors).entries(text)
    errors.append(_bad_file(Place(name, 1), "只认 .yaml 和 .csv", "only .yaml and .csv are read"))
    return []


def read_manifest(folder: Path, errors: list[PackError]) -> RawEntry | None:
    """Read pack.yaml, the sheet that names the pack and what it extends."""
    path = folder / MANIFEST
    name = f"{folder.name}/{MANIFEST}"
    if not path.is_file():
        errors.append(_bad_file(Place(name, 1), "找不到这个文件", "this file is missing"))
        return None
    text = _text(path, name, errors)
    return None if text is None else _YamlReader(name, errors).single(text)


def _text(path: Path, name: str, errors: list[PackError]) -> str | None:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        errors.append(_bad_file(Place(name, 1), "不是 UTF-8 文件", "the file is not UTF-8"))
        return None


def _bad_file(place: Place, zh: str, en: str) -> PackError:
    return fault(
        place, "", (zh, en), ("请按 docs/packs.md 的格式改正", "Correct it after the format in docs/packs.md")
    )


class _YamlReader:
    """Builds plain values from YAML nodes, keeping each node's line."""

    def __init__(self, name: str, errors: list[PackError]) -> None:
        self.name = name
        self.errors = errors
        self.scalars = yaml.constructor.SafeConstructor()
        self.seen: set[int] = set()

    def entries(self, text: str) -> list[RawEntry]:
        """Read `[entry, …]`, or `{defaults: …, entries: [entry, …]}` where defaults lie under every entry."""
        root = self._compose(text)
        if root is None:
            return []
        defaults, listed = RawEntry(self._place(root), {}), root
        if isinstance(root, yaml.MappingNode):
            parts = {key.value: value for key, value in root.value}
            for key, _value in root.value:
                if key.value not in ("defaults", "entries"):
                    self._refuse(
                        key, "只能有 defaults 和 entries", "only defaults and entries are allowed here"
                    )
            if isinstance(parts.get("defaults"), yaml.MappingNode):
                defaults = self._entry(parts["defaults"])
            listed = parts.get("entries", root)
        if not isinstance(listed, yaml.SequenceNode):
            self._refuse(root, "缺少条目列表", "there is no list of entries")
            return []
        return [entry for node in listed.value if (entry := self._listed(node, defaults))]

    def single(self, text: str) -> RawEntry | None:
        """Read a file that is one mapping."""
        root = self._compose(text)
        return self._listed(root, None) if root is not None else None

    def _listed(self, node: yaml.Node, defaults: RawEntry | None) -> RawEntry | None:
        if not isinstance(node, yaml.MappingNode):
            self._refuse(node, "条目应为键值对", "an entry must be a mapping")
            return None
        entry = self._entry(node)
        return entry.over(defaults) if defaults else entry

    def _entry(self, node: yaml.Node) -> RawEntry:
        entry = RawEntry(self._place(node), {})
        entry.values = self._value(node, (), entry.places) or {}
        return entry

    def _compose(self, text: str) -> yaml.Node | None:
        try:
            root = yaml.compose(text, Loader=yaml.CSafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            place = Place(self.name, mark.line + 1 if mark else 1)
            problem = error.problem or ""
            self.errors.append(
                _bad_file(place, f"YAML 写法有误（{problem}）", f"this is not valid YAML ({problem})")
            )
            return None
        except yaml.YAMLError as error:
            self.errors.append(
                _bad_file(
                    Place(self.name, 1), f"YAML 写法有误（{error}）", f"this is not valid YAML ({error})"
                )
            )
            return None
        if root is None:
            self.errors.append(_bad_file(Place(self.name, 1), "文件是空的", "the file is empty"))
        return root

    def _value(self, node: yaml.Node, path: FieldPath, places: dict[FieldPath, Place]) -> Any:
        if path:
            places[path] = self._place(node)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if id(node) in self.seen:
            self._refuse(node, "不能用 YAML 别名（*）", "YAML aliases (*) are not allowed")
            return None
        self.seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            return [self._value(child, (*path, index), places) for index, child in enumerate(node.value)]
        return self._mapping(node, path, places)

    def _mapping(self, node: yaml.Node, path: FieldPath, places: dict[FieldPath, Place]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, child in node.value:
            name = str(key.value)
            if name in found:
                self._refuse(key, f"字段 {name} 写了两次", f"the field {name} is written twice")
            found[name] = self._value(child, (*path, name), places)
            places[(*path, name)] = self._place(key)
        return found

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        try:
            return self.scalars.construct_object(node)
        except (yaml.YAMLError, ValueError):
            self._refuse(node, f"读不懂 {node.value}", f"{node.value} cannot be read")
            return None

    def _place(self, node: yaml.Node) -> Place:
        return Place(self.name, node.start_mark.line + 1)

    def _refuse(self, node: yaml.Node, zh: str, en: str) -> None:
        self.errors.append(_bad_file(self._place(node), zh, en))


class _CsvReader:
    """Builds entries from a table: `title.zh` is a field of a field, `posts[]` a list in one cell."""

    def __init__(self, name: str, errors: list[PackError]) -> None:
        self.name = name
        self.errors = errors

    def entries(self, text: str) -> list[RawEntry]:
        """Read a table with one heading row; an empty cell is a field left out."""
        rows = csv.reader(io.StringIO(text, newline=""), strict=True)
        before = len(self.errors)
        entries: list[RawEntry] = []
        try:
            heading = self._heading(next(rows, []))
            for row in rows if heading else ():
                if any(cell.strip() for cell in row):
                    entries.append(self._entry(heading, row, Place(self.name, rows.line_num)))
        except csv.Error as error:
            place = Place(self.name, max(1, rows.line_num))
            self.errors.append(
                _bad_file(place, f"CSV 写法有误（{error}）", f"this is not valid CSV ({error})")
            )
        if not entries and len(self.errors) == before:
            self.errors.append(_bad_file(Place(self.name, 1), "文件是空的", "the file is empty"))
        return entries

    def _heading(self, row: list[str]) -> list[str]:
        """Return the names of the columns; none where two columns would fill the same field."""
        names = [name.strip() for name in row]
        fields = [name.removesuffix("[]") for name in names]
        for name in fields:
            outer = name.rpartition(".")[0]
            if fields.count(name) > 1 or outer in fields:
                zh, en = f"表头 {name} 重复", f"the heading {name} is there twice"
                self.errors.append(_bad_file(Place(self.name, 1), zh, en))
                return []
        return names

    def _entry(self, heading: list[str], row: list[str], place: Place) -> RawEntry:
        entry = RawEntry(place, {})
        if len(row) != len(heading):
            zh, en = (
                f"有 {len(row)} 格，表头有 {len(heading)} 格",
                f"{len(row)} cells under {len(heading)} headings",
            )
            self.errors.append(_bad_file(place, zh, en))
            return entry
        for name, cell in zip(heading, row, strict=True):
            if cell.strip():
                self._place_cell(entry.values, name, cell.strip())
        return entry

    def _place_cell(self, values: dict[str, Any], name: str, cell: str) -> None:
        *outer, last = name.split(".")
        for part in outer:
            values = values.setdefault(part, {})
        if last.endswith("[]"):
            values[last[:-2]] = [part.strip() for part in cell.split(LIST_SEPARATOR) if part.strip()]
        else:
            values[last] = cell
