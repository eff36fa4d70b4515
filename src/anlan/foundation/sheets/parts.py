"""Streams the XML parts of a workbook through expat: no DOCTYPE, no entities, never a whole tree."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from xml.parsers import expat

from anlan.foundation.sheets.bounds import MAX_TOKEN_BYTES
from anlan.foundation.sheets.faults import Fault

StartElement = Callable[[str, dict[str, str]], None]
REFUSED_KINDS = {
    "vbaProject": "macros",
    "xlMacrosheet": "macros",
    "xlIntlMacrosheet": "macros",
    "dialogsheet": "macros",
    "externalLink": "external_links",
    "connections": "external_links",
    "queryTable": "external_links",
    "powerPivotData": "external_links",
    "volatileDependencies": "external_links",
    "oleObject": "embedded_objects",
    "package": "embedded_objects",
    "control": "embedded_objects",
}


def stream(pieces: Iterable[bytes], start: StartElement | None = None) -> None:
    """Parse one part, calling `start` with names as written; raise Fault for what no table needs."""
    parser = new_parser()
    if start is not None:
        parser.StartElementHandler = start
    feed(parser, pieces)


def new_parser() -> expat.XMLParserType:
    """Return a parser that refuses document types and entities."""
    parser = expat.ParserCreate()
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.buffer_text = True
    return parser


def feed(parser: expat.XMLParserType, pieces: Iterable[bytes]) -> None:
    """Give a parser all its bytes; raise Fault("damaged") for what is not XML.

    A token that does not end is refused: expat would begin it anew with every piece.
    """
    given = 0
    try:
        for piece in pieces:
            parser.Parse(piece, False)
            given += len(piece)
            if given - parser.CurrentByteIndex > MAX_TOKEN_BYTES:
                raise Fault("damaged")
        parser.Parse(b"", True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise Fault("damaged") from error


def _refuse(*_declared: Any) -> None:
    raise Fault("entities")


def local(name: str) -> str:
    """Return a name without its prefix: which prefix a writer chose says nothing."""
    return name.rpartition(":")[2]


@dataclass(frozen=True, slots=True)
class Relation:
    """What one part of the archive says of another."""

    kind: str  # the last word of the type's address
    target: str
    is_outside: bool


def relations(pieces: Iterable[bytes]) -> dict[str, Relation]:
    """Read a .rels part: the relations by their ids."""
    found: dict[str, Relation] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        if local(name) == "Relationship":
            kind = attributes.get("Type", "").rpartition("/")[2]
            is_outside = attributes.get("TargetMode", "").lower() == "external"
            found[attributes.get("Id", "")] = Relation(kind, attributes.get("Target", ""), is_outside)

    stream(pieces, start)
    return found


def refuse_dangerous(found: Mapping[str, Relation]) -> None:
    """Refuse macros, foreign objects and whatever leads out of the file, but for links a person clicks."""
    for relation in found.values():
        if relation.kind in REFUSED_KINDS:
            raise Fault(REFUSED_KINDS[relation.kind])
        if relation.is_outside and relation.kind != "hyperlink":
            raise Fault("external_links")


@dataclass(frozen=True, slots=True)
class ListedSheet:
    """One sheet as the workbook lists it."""

    name: str
    state: str  # visible, hidden, veryHidden
    relation: str


@dataclass(slots=True)
class Book:
    """What the workbook part says."""

    sheets: list[ListedSheet]
    date_1904: bool = False


def book(pieces: Iterable[bytes]) -> Book:
    """Read the workbook part."""
    found = Book([])

    def start(name: str, attributes: dict[str, str]) -> None:
        own = local(name)
        if own == "workbookPr":
            found.date_1904 = attributes.get("date1904", "").lower() in ("1", "true")
        elif own == "sheet":
            relation = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            found.sheets.append(
                ListedSheet(attributes.get("name", ""), attributes.get("state") or "visible", relation)
            )

    stream(pieces, start)
    return found
