"""Checks an uploaded table before anything reads it: cheap enough for a web request, unpacks nothing."""

from pathlib import PurePath
from typing import Literal

from anlan.foundation.sheets.bounds import MAX_FILE_BYTES
from anlan.foundation.sheets.directory import read_directory
from anlan.foundation.sheets.faults import Fault
from anlan.foundation.sheets.refusals import TableRefused

Kind = Literal["workbook", "text"]
KINDS: dict[str, Kind] = {".xlsx": "workbook", ".csv": "text", ".txt": "text"}
ZIP_BEGINNING = b"PK\x03\x04"
OLE_BEGINNING = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # a workbook of before 2007, or an encrypted one
ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")


def check_table(content: bytes, name: str) -> Kind:
    """Return which kind of table a file is, by name and beginning; raise TableRefused."""
    kind = KINDS.get(PurePath(name).suffix.lower())
    if kind is None:
        raise TableRefused("wrong_kind")
    if not content:
        raise TableRefused("empty")
    if len(content) > MAX_FILE_BYTES:
        raise TableRefused("too_large")
    if content.startswith(OLE_BEGINNING):
        raise TableRefused("encrypted" if ENCRYPTED_STREAM in content else "wrong_kind")
    if kind == "text" and content.startswith(ZIP_BEGINNING):
        raise TableRefused("wrong_kind")
    if kind == "workbook":
        check_archive(content)
    return kind


def check_archive(content: bytes) -> None:
    """Refuse a workbook by its ZIP directory alone: sizes, names, macros, links, what shares bytes."""
    if not content.startswith(ZIP_BEGINNING):
        raise TableRefused("damaged")
    try:
        read_directory(content)
    except Fault as fault:
        raise TableRefused.of(fault) from fault
