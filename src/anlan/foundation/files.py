"""Store files encrypted under the keyed hash of their content; open them through a scoped row.

Each row has a purpose (a post that does not serve it does not see the row) and an end. Bytes are shared by
rows with equal content and go with the last of them.
"""

import os
import re
import unicodedata
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.crypto import decrypt_bytes, encrypt_bytes, keyed_digest
from anlan.foundation.errors import Invalid, NotAllowed, NotFound
from anlan.foundation.models import StoredFile
from anlan.foundation.scope import duty, within

MAX_BYTES = 20 * 1024 * 1024
MAX_NAME = 120
AT_ONCE = 500  # expired rows removed in one run
CONTEXT = "file"

# ending → (media type, how its content begins); what a browser would run (SVG, HTML, XML) is not taken
KINDS: dict[str, tuple[str, bytes]] = {
    ".jpg": ("image/jpeg", b"\xff\xd8\xff"),
    ".jpeg": ("image/jpeg", b"\xff\xd8\xff"),
    ".png": ("image/png", b"\x89PNG\r\n\x1a\n"),
    ".pdf": ("application/pdf", b"%PDF-"),
    ".xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK\x03\x04"),
    ".docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", b"PK\x03\x04"),
    ".csv": ("text/csv", b""),
    ".txt": ("text/plain", b""),
}


class FileRefused(Invalid):
    """Say why a file is not taken."""

    code = "file_refused"
    sentence = _("这个文件不能上传：只收图片、PDF、Excel、Word、CSV 和纯文本，20 MB 以内。")


def store_file(
    *,
    actor: Actor,
    area_code: str,
    name: str,
    content: bytes,
    purpose: str,
    expires_at: datetime,
    now: datetime,
) -> StoredFile:
    """Store a file for an area in the actor's ranges; raise FileRefused for a kind or size not taken."""
    if not actor.ranges.covers(area_code):
        raise NotFound
    if not actor.has_purpose(purpose):
        raise NotAllowed
    if expires_at <= now:
        raise Invalid(code="already_expired")
    shown_name = _clean_name(name)
    media_type = _media_type(shown_name, content)
    digest = keyed_digest("file", content)
    with transaction.atomic():
        _lock(digest)
        if not _path(digest).exists():
            write_whole(_path(digest), encrypt_bytes(content, context=CONTEXT))
        row = StoredFile.objects.create(
            area_code=area_code,
            content_hash=digest,
            suite=settings.CRYPTO_SUITE,
            name=shown_name,
            media_type=media_type,
            byte_count=len(content),
            purpose=purpose,
            post_id=actor.post_id,
            stored_at=now,
            expires_at=expires_at,
        )
        audit.record("store_file", "foundation.StoredFile", [row.pk], area_code=area_code)
    return row


def access_file(actor: Actor, file_id: UUID, *, now: datetime) -> StoredFile:
    """Return the row of a file in the actor's ranges whose purpose the post serves, or raise NotFound."""
    rows = StoredFile.objects.filter(within(actor.ranges), expires_at__gt=now)
    row = rows.filter(pk=file_id).first()
    if row is None or not actor.has_purpose(row.purpose):
        raise NotFound
    return row


def open_file(actor: Actor, file_id: UUID, *, now: datetime) -> tuple[StoredFile, bytes]:
    """Return a file and its content, and put the opening on record."""
    row = access_file(actor, file_id, now=now)
    content = decrypt_bytes(_path(bytes(row.content_hash)).read_bytes(), context=CONTEXT)
    audit.record("open_file", "foundation.StoredFile", [row.pk], area_code=row.area_code)
    return row, content


def expire_files(*, now: datetime) -> int:
    """Remove rows past their end, and bytes that no row needs any more; return how many rows."""
    with transaction.atomic(), duty("expire_files", ranges=AreaRanges.everywhere(), cause="schedule"):
        past = StoredFile.objects.filter(expires_at__lte=now).order_by("expires_at")[:AT_ONCE]
        gone = list(past.values_list("pk", "content_hash"))
        StoredFile.objects.filter(pk__in=[pk for pk, _hash in gone]).delete()
        if gone:
            audit.record("expire_files", "foundation.StoredFile", [pk for pk, _hash in gone])
        for digest in {bytes(digest) for _pk, digest in gone}:
            transaction.on_commit(lambda digest=digest: _remove_unneeded(digest))  # type: ignore[misc]
    return len(gone)


def remove_file(file_id: UUID, *, cause: str) -> None:
    """Remove a file before its end, its bytes with it; the caller has seen to the right to do so."""
    with transaction.atomic(), duty("expire_files", ranges=AreaRanges.everywhere(), cause=cause):
        row = StoredFile.objects.filter(pk=file_id).first()
        if row is None:
            return
        audit.record("remove_file", "foundation.StoredFile", [row.pk], area_code=row.area_code)
        digest = bytes(row.content_hash)
        row.delete()
        transaction.on_commit(lambda: _remove_unneeded(digest))


def _remove_unneeded(digest: bytes) -> None:
    """Remove bytes unless a row has come to need them; after the commit, lest a rollback leave a row bare."""
    with transaction.atomic(), duty("expire_files", ranges=AreaRanges.everywhere(), cause="schedule"):
        _lock(digest)
        if not StoredFile.objects.filter(content_hash=digest).exists():
            _path(digest).unlink(missing_ok=True)


def _lock(digest: bytes) -> None:
    """Let nobody remove these bytes while they are stored, or the other way round, until the commit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(digest[1:9], "big", signed=True)])


def _path(digest: bytes) -> Path:
    name = digest.hex()
    return Path(settings.FILES_DIR) / name[2:4] / name


def write_whole(path: Path, sealed: bytes) -> None:
    """Put bytes at a path durably and all at once, readable by their owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    half = path.with_suffix(f".{os.getpid()}.half")
    handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(sealed)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)


def _clean_name(name: str) -> str:
    """Return the last part of a name, without characters that hide what it is (controls, direction marks)."""
    last = re.split(r"[/\\]", name)[-1]
    shown = "".join(c for c in last if unicodedata.category(c)[0] != "C").strip(" .")
    if not shown:
        raise FileRefused
    stem, dot, ending = shown.rpartition(".")
    return f"{stem[: MAX_NAME - len(ending) - 1]}{dot}{ending}" if dot else shown[:MAX_NAME]


def _media_type(name: str, content: bytes) -> str:
    if not 0 < len(content) <= MAX_BYTES:
        raise FileRefused
    media_type, beginning = KINDS.get(Path(name).suffix.lower(), ("", b""))
    if not media_type or not content.startswith(beginning) or (not beginning and _is_binary(content)):
        raise FileRefused
    return media_type


def _is_binary(content: bytes) -> bool:
    """Say whether a file is no text: it holds NUL, and is not marked as UTF-16, which does."""
    return b"\x00" in content[:4096] and not content.startswith((BOM_UTF16_LE, BOM_UTF16_BE))
