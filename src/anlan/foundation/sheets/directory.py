"""Reads the directory of a ZIP archive and refuses what a table never has; unpacks nothing.

Without Django, since the child process uses it too.
"""

import io
import struct
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

from anlan.foundation.sheets.bounds import (
    MAX_MEMBERS,
    MAX_RATIO,
    MAX_UNPACKED_BYTES,
    RATIO_FROM_BYTES,
)
from anlan.foundation.sheets.faults import Fault

DIRECTORY_ENTRY = b"PK\x01\x02"
LOCAL_HEADER = struct.Struct("<4s5H3I2H")  # signature … name length, length of what follows it
LOCAL_SIGNATURE = b"PK\x03\x04"
IS_ENCRYPTED = 0x1
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}

MACROS = ("xl/vbaproject", "xl/macrosheets/", "xl/dialogsheets/", "xl/intlmacrosheets/")
OUTSIDE = (
    "xl/externallinks/",
    "xl/connections",
    "xl/querytables/",
    "xl/model/",
    "xl/webextensions/",
    "xl/volatiledependencies",
)
EMBEDDED = ("xl/embeddings/", "xl/activex/")


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive, as the directory and its own header state it alike."""

    name: str
    starts_at: int  # of the packed bytes within the archive
    packed: int
    unpacked: int
    crc: int
    is_deflated: bool


def read_directory(content: bytes) -> list[Member]:
    """List the members of a workbook; raise Fault for a broken, dangerous or excessive directory."""
    if content.count(DIRECTORY_ENTRY) > MAX_MEMBERS * 2:
        raise Fault("unpacked_too_large")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, struct.error, NotImplementedError) as error:
        raise Fault("damaged") from error
    if len(entries) > MAX_MEMBERS:
        raise Fault("unpacked_too_large")
    _refuse_sizes(entries)
    _refuse_names([_name(entry) for entry in entries])
    members = [_member(content, entry) for entry in entries if not entry.is_dir()]
    _refuse_overlap(members)
    return members


def _refuse_sizes(entries: Sequence[zipfile.ZipInfo]) -> None:
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
        raise Fault("unpacked_too_large")
    for entry in entries:
        if entry.file_size > RATIO_FROM_BYTES and entry.file_size > MAX_RATIO * max(1, entry.compress_size):
            raise Fault("unpacked_too_large")


def _refuse_names(names: Sequence[str]) -> None:
    lowered = [name.lower() for name in names]
    if len(set(lowered)) != len(lowered):
        raise Fault("damaged")
    for name in lowered:
        if not name or name.startswith("/") or ":" in name or ".." in name.split("/"):
            raise Fault("damaged")
        if name.startswith(MACROS) or "vbaproject" in name or "vbadata" in name:
            raise Fault("macros")
        if name.startswith(OUTSIDE):
            raise Fault("external_links")
        if name.startswith(EMBEDDED):
            raise Fault("embedded_objects")


def _name(entry: zipfile.ZipInfo) -> str:
    """Return a member's name as others would write it: some Windows programs separate by backslashes."""
    return entry.filename.replace("\\", "/")


def _member(content: bytes, entry: zipfile.ZipInfo) -> Member:
    """Return where a member's packed bytes lie; its own header has to agree with the directory."""
    if entry.flag_bits & IS_ENCRYPTED:
        raise Fault("encrypted")
    if entry.compress_type not in METHODS:
        raise Fault("damaged")
    header = content[entry.header_offset : entry.header_offset + LOCAL_HEADER.size]
    if entry.header_offset < 0 or len(header) < LOCAL_HEADER.size:
        raise Fault("damaged")
    signature, _version, flags, method, *_rest, name_length, extra_length = LOCAL_HEADER.unpack(header)
    if signature != LOCAL_SIGNATURE or method != entry.compress_type or flags & IS_ENCRYPTED:
        raise Fault("damaged")
    starts_at = entry.header_offset + LOCAL_HEADER.size + name_length + extra_length
    if starts_at + entry.compress_size > len(content):
        raise Fault("damaged")
    return Member(
        _name(entry),
        starts_at,
        entry.compress_size,
        entry.file_size,
        entry.CRC,
        method == zipfile.ZIP_DEFLATED,
    )


def _refuse_overlap(members: Sequence[Member]) -> None:
    """Refuse members that share packed bytes: the way to make much of little."""
    end = 0
    for member in sorted(members, key=lambda member: member.starts_at):
        if member.starts_at < end:
            raise Fault("unpacked_too_large")
        end = member.starts_at + member.packed


def repack(content: bytes, members: Sequence[Member]) -> bytes:
    """Return a plain archive of members that were checked, their packed bytes taken over as they are.

    What reads values then sees exactly what was checked, however it would have understood the original.
    """
    out = io.BytesIO()
    directory = io.BytesIO()
    for member in members:
        name = member.name.encode()
        method = zipfile.ZIP_DEFLATED if member.is_deflated else zipfile.ZIP_STORED
        facts = (20, 0x800, method, 0, 0x21, member.crc, member.packed, member.unpacked, len(name), 0)
        directory.write(
            struct.pack("<4s6H3I5H2I", DIRECTORY_ENTRY, 20, *facts, 0, 0, 0, 0, out.tell()) + name
        )
        out.write(LOCAL_HEADER.pack(LOCAL_SIGNATURE, *facts) + name)
        out.write(memoryview(content)[member.starts_at : member.starts_at + member.packed])
    begins_at, listed = out.tell(), directory.getvalue()
    count = len(members)
    out.write(listed + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, len(listed), begins_at, 0))
    return out.getvalue()
