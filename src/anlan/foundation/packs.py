"""Regional packs: the format, the registry of sections, and reading a folder into checked entries."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from anlan.foundation.pack_errors import PackError, PackInvalid, Place, fault, from_validation
from anlan.foundation.pack_files import (
    MANIFEST,
    FieldPath,
    RawEntry,
    read_entries,
    read_manifest,
    section_files,
)

LIBRARY = Path(__file__).resolve().parents[1] / "packs"  # the packs that come with the product
VERSION_LENGTH = 16  # hex digits of SHA-256: enough to tell the versions of one pack apart

Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_]*$")]
Line = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


@dataclass(frozen=True)
class Ref:
    """Marks a text field as a key in one of the named sections: `Annotated[str, Ref("diseases")]`."""

    sections: tuple[str, ...]

    def __init__(self, *sections: str) -> None:
        object.__setattr__(self, "sections", sections)


class PackModel(BaseModel):
    """Any group of fields in a pack: unknown fields are refused, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(PackModel):
    """Words for people, in both languages."""

    zh: Line
    en: Line


class PackLine(PackModel):
    """What every entry carries: where it comes from and whether a district may change it."""

    key: Key
    source: Annotated[str, Ref("sources")]
    article: str = ""
    effective_on: date
    local_edit: bool
    check_before_use: bool = False  # written from memory of the field: compare with the source first
    demo: bool = False  # a value for demonstration, to be set by the district
    note: Text | None = None


class Source(PackModel):
    """A law, norm, plan or practice that entries rest on."""

    key: Key
    title: Text
    issued_by: Text
    number: str = ""
    effective_on: date | None = None
    check_before_use: bool = False


class Manifest(PackModel):
    """The sheet pack.yaml: who this pack is and which pack it builds on."""

    name: Key
    title: Text
    description: Text
    extends: Key | None = None


@dataclass(frozen=True)
class Section:
    """A registered part of a pack: its file's name, the model of its entries, the field that is the key."""

    name: str
    model: type[BaseModel]
    key: str
    is_whole: bool


@dataclass(frozen=True)
class Entry:
    """One checked entry and the place it was written at."""

    section: str
    key: str
    body: BaseModel
    place: Place
    position: int


M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Pack:
    """A whole checked pack; `version` is the hash of its content."""

    name: str
    version: str
    title: Text
    sections: dict[str, list[Entry]]

    def bodies(self, model: type[M]) -> list[M]:
        """List the entries of the section whose model this is, in their order."""
        entries = self.sections.get(section_of(model).name, [])
        return [entry.body for entry in entries if isinstance(entry.body, model)]


_SECTIONS: dict[str, Section] = {}


def register_section(name: str, model: type[BaseModel], key: str = "key", *, is_whole: bool = False) -> None:
    """Let an app say what the entries of `<name>.yaml` or `.csv` look like; twice the same is harmless.

    What a pack writes in a section that is whole stands instead of what the packs below it wrote.
    """
    section = Section(name, model, key, is_whole)
    if _SECTIONS.setdefault(name, section) != section:
        raise ValueError(f"pack section {name} is already registered by {_SECTIONS[name].model.__module__}")


def registered_sections() -> dict[str, Section]:
    """Return what the apps have registered so far."""
    return dict(_SECTIONS)


def section_of(model: type[BaseModel]) -> Section:
    """Find the section registered with this model; raise LookupError where no app has registered it."""
    for section in _SECTIONS.values():
        if section.model is model:
            return section
    raise LookupError(f"{model.__name__} is not the model of a pack section")


register_section("sources", Source)


def read_pack(folder: Path, library: Path = LIBRARY) -> Pack:
    """Read and check a pack folder together with the packs it extends; raise PackInvalid with all faults."""
    errors: list[PackError] = []
    reading = _Reading(library, errors)
    chain = reading.chain(folder)
    merged: dict[str, dict[str, RawEntry]] = {}
    for _manifest, part in chain:
        reading.lay_over(merged, part)
    sections = reading.check(merged)
    errors.extend(_broken_references(merged))
    if errors or not chain:
        raise PackInvalid(errors)
    manifest = chain[-1][0]
    return Pack(manifest.name, _content_hash(manifest, sections), manifest.title, sections)


@dataclass
class _Reading:
    """One reading of a pack: collects faults instead of stopping at the first."""

    library: Path
    errors: list[PackError] = field(default_factory=list)

    def chain(self, folder: Path) -> list[tuple[Manifest, Path]]:
        """Return the packs from the one at the bottom to the one asked for."""
        chain: list[tuple[Manifest, Path]] = []
        folders: set[Path] = set()
        current: Path | None = folder
        while current is not None and current.resolve() not in folders:
            folders.add(current.resolve())
            raw = read_manifest(current, self.errors)
            manifest = self._manifest(raw) if raw else None
            if raw is None or manifest is None:
                break
            chain.insert(0, (manifest, current))
            current = self._below(manifest, raw, current, folders)
        return chain

    def _manifest(self, raw: RawEntry) -> Manifest | None:
        try:
            return Manifest.model_validate(raw.values)
        except ValidationError as error:
            self._refuse(raw, error)
            return None

    def _below(self, manifest: Manifest, raw: RawEntry, folder: Path, seen: set[Path]) -> Path | None:
        if manifest.extends is None:
            return None
        for base in (folder.parent, self.library):
            below = base / manifest.extends
            if (below / MANIFEST).is_file() and below.resolve() not in seen:
                return below
        place = raw.place_of(("extends",))
        wrong = f"找不到可继承的包 {manifest.extends}", f"there is no pack {manifest.extends} to extend"
        remedy = "请改正 extends，包不能继承自己", "Correct extends; a pack cannot extend itself"
        self.errors.append(fault(place, "extends", wrong, remedy))
        return None

    def lay_over(self, merged: dict[str, dict[str, RawEntry]], folder: Path) -> None:
        """Add a pack's entries to those below: new keys are added, fields of known keys replaced."""
        files: dict[str, Path] = {}
        for path in section_files(folder):
            if self._is_known(path, files):
                files[path.stem] = path
                section = _SECTIONS[path.stem]
                below = {} if section.is_whole else merged.get(path.stem, {})
                merged[path.stem] = below
                self._lay_section(below, section, path)

    def _is_known(self, path: Path, files: dict[str, Path]) -> bool:
        place = Place(f"{path.parent.name}/{path.name}", 1)
        if path.stem in files:
            wrong = f"{path.stem} 有两个文件", f"there are two files for {path.stem}"
            self.errors.append(fault(place, "", wrong, ("请合成一个", "Make them one")))
            return False
        if path.stem not in _SECTIONS:
            known = ", ".join(sorted(_SECTIONS))
            wrong = f"没有 {path.stem} 这一部分", f"there is no section {path.stem}"
            remedy = f"文件名只能是：{known}", f"Name the file after one of: {known}"
            self.errors.append(fault(place, "", wrong, remedy))
            return False
        return True

    def _lay_section(self, below: dict[str, RawEntry], section: Section, path: Path) -> None:
        own: dict[str, RawEntry] = {}
        for raw in read_entries(path, self.errors):
            key = raw.values.get(section.key)
            if not isinstance(key, str):
                key = f"?{raw.place}"  # the model will say what is wrong with it
            if key in own:
                first = own[key].place
                wrong = f"{key} 重复，{first} 已有", f"{key} is a duplicate of {first}"
                remedy = "请删除一个或改用别的 key", "Remove one or use another key"
                self.errors.append(fault(raw.place_of((section.key,)), section.key, wrong, remedy))
                continue
            own[key] = raw
            below[key] = self._laid(raw, below[key], section) if key in below else raw

    def _laid(self, raw: RawEntry, below: RawEntry, section: Section) -> RawEntry:
        if below.values.get("local_edit") is False:
            wrong = f"{below.place} 不许在本地修改", f"{below.place} may not be changed locally"
            remedy = "请删除本条", "Remove this entry"
            self.errors.append(fault(raw.place, section.key, wrong, remedy))
        return raw.over(below)

    def check(self, merged: dict[str, dict[str, RawEntry]]) -> dict[str, list[Entry]]:
        """Check every entry against its section's model; faulty ones are left out and told."""
        sections: dict[str, list[Entry]] = {}
        for name, raws in merged.items():
            section = _SECTIONS[name]
            sections[name] = entries = []
            for position, (key, raw) in enumerate(raws.items()):
                try:
                    body = section.model.model_validate(raw.values)
                except ValidationError as error:
                    self._refuse(raw, error)
                else:
                    entries.append(Entry(name, key, body, raw.place, position))
        return sections

    def _refuse(self, raw: RawEntry, error: ValidationError) -> None:
        for item in error.errors(include_url=False):
            path = tuple(item["loc"])
            name = ".".join(str(part) for part in path)
            self.errors.append(from_validation(raw.place_of(path), name, item))


def _broken_references(merged: dict[str, dict[str, RawEntry]]) -> Iterator[PackError]:
    """Find references to entries that are nowhere in the pack, in faulty entries too."""
    for section, raws in merged.items():
        for raw in raws.values():
            for path, ref, value in _references(_SECTIONS[section].model, raw.values, ()):
                if not any(value in merged.get(target, {}) for target in ref.sections):
                    targets = " / ".join(ref.sections)
                    wrong = f"{targets} 里没有 {value}", f"there is no {value} in {targets}"
                    remedy = "请改正拼写或先添加它", "Correct the spelling or add it first"
                    name = ".".join(str(part) for part in path)
                    yield fault(raw.place_of(path), name, wrong, remedy)


def _references(annotation: Any, value: Any, path: FieldPath) -> Iterator[tuple[FieldPath, Ref, str]]:
    """Walk written values along a model's annotations for texts marked with Ref, in lists and models too."""
    if get_origin(annotation) is Annotated:
        annotation, *marks = get_args(annotation)
        if isinstance(value, str):
            yield from ((path, mark, value) for mark in marks if isinstance(mark, Ref))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel) and isinstance(value, dict):
        for name, hint in get_type_hints(annotation, include_extras=True).items():
            if name in value:
                yield from _references(hint, value[name], (*path, name))
    elif get_origin(annotation) is list and isinstance(value, list):
        for index, item in enumerate(value):
            yield from _references(get_args(annotation)[0], item, (*path, index))
    elif get_origin(annotation) in (Union, UnionType):
        for member in get_args(annotation):
            yield from _references(member, value, path)


def _content_hash(manifest: Manifest, sections: dict[str, list[Entry]]) -> str:
    content = {
        "manifest": manifest.model_dump(mode="json"),
        "sections": {
            name: [entry.body.model_dump(mode="json") for entry in entries]
            for name, entries in sorted(sections.items())
        },
    }
    written = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest()[:VERSION_LENGTH]
