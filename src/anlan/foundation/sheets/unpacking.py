"""Unpacks members of an archive piece by piece, trusting nothing that its directory says."""

import zlib
from collections.abc import Iterator

from anlan.foundation.sheets.bounds import MAX_UNPACKED_BYTES
from anlan.foundation.sheets.directory import Member
from anlan.foundation.sheets.faults import Fault

PACKED_PIECE = 1 << 16
UNPACKED_PIECE = 1 << 20


class Unpacker:
    """Counts what it unpacks, of all members together, and stops at the first byte too many."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.unpacked = 0

    def pieces(self, member: Member) -> Iterator[bytes]:
        """Yield a member's bytes; raise Fault where size or checksum is not what the directory says."""
        packed = memoryview(self.content)[member.starts_at : member.starts_at + member.packed]
        crc = size = 0
        for piece in _inflated(packed) if member.is_deflated else iter([bytes(packed)]):
            size += len(piece)
            self.unpacked += len(piece)
            if size > member.unpacked or self.unpacked > MAX_UNPACKED_BYTES:
                raise Fault("unpacked_too_large")
            crc = zlib.crc32(piece, crc)
            yield piece
        if size != member.unpacked or crc != member.crc:
            raise Fault("damaged")


def _inflated(packed: memoryview) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for start in range(0, len(packed), PACKED_PIECE):
            piece = unpacker.decompress(packed[start : start + PACKED_PIECE], UNPACKED_PIECE)
            while piece:
                yield piece
                piece = unpacker.decompress(unpacker.unconsumed_tail, UNPACKED_PIECE)
    except zlib.error as error:
        raise Fault("damaged") from error
    if not unpacker.eof:
        raise Fault("damaged")
