"""Encrypt everything anew under a new key, so that the old one can be destroyed.

Runs as the owner of the tables, which row security does not hold. Each row is changed only if it still holds
what was read, so work goes on meanwhile; a run that was cut short is simply run again.
"""

from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.conf import settings
from django.db.models import BinaryField, Model

from anlan.foundation.crypto import CannotDecrypt, decrypt_bytes, encrypt_bytes, key_id_of
from anlan.foundation.files import CONTEXT, write_whole
from anlan.foundation.keyring import read_keyring
from anlan.foundation.models import FieldChange
from anlan.foundation.register import context_of, read_register
from anlan.foundation.signing_in import SECRET_CONTEXT

OWNER = "owner"
AT_ONCE = 2000
SECRET_KEYS = ("secret", "seed")  # of one-time codes, of recovery codes


def rewrite_everything() -> Counter[str]:
    """Encrypt every stored value that uses an older key anew; return how many by kind.

    Raises CannotDecrypt, naming kind and row, for a value that does not open: nothing is thrown away.
    """
    done: Counter[str] = Counter()
    for label, name in encrypted_columns():
        done[f"{label}.{name}"] += _rewrite_column(apps.get_model(label), name, context_of(label, name))
    done["foundation.FieldChange"] += _rewrite_history()
    done["mfa.Authenticator"] += _rewrite_second_factors()
    done["files"] += _rewrite_files()
    return done


def encrypted_columns() -> Iterator[tuple[str, str]]:
    """Yield (model label, field) of every column that the register calls encrypted."""
    for label, entries in read_register().fields.items():
        for name, entry in entries.items():
            field = apps.get_model(label)._meta.get_field(name)
            if entry.encrypted is not False and isinstance(field, BinaryField):
                yield label, name


def _renewed(value: bytes, context: str, place: str) -> bytes | None:
    """Return the value under the key in use, or None where it is under it already."""
    try:
        if key_id_of(value) == read_keyring().current:
            return None
        return encrypt_bytes(decrypt_bytes(value, context=context), context=context)
    except CannotDecrypt as error:
        raise CannotDecrypt(f"{place}: {error}") from error


def _rewrite_column(model: type[Model], name: str, context: str) -> int:
    def renew(old: Any, place: str) -> Any:
        return _renewed(bytes(old), context, place) if old else None

    return _rewrite(model, name, renew)


def _rewrite_history() -> int:
    """Renew the old and new values that field history keeps of encrypted fields, in hexadecimal."""
    count = 0
    for side in ("old", "new"):
        for label, name in encrypted_columns():

            def renew(old: Any, place: str, context: str = context_of(label, name)) -> Any:
                fresh = _renewed(bytes.fromhex(old), context, place) if old else None
                return fresh.hex() if fresh else None

            count += _rewrite(FieldChange, side, renew, {"model": label, "field": name})
    return count


def _rewrite_second_factors() -> int:
    def renew(data: Any, place: str) -> Any:
        fresh = dict(data)
        for key in SECRET_KEYS:
            if key in data:
                value = _renewed(b64decode(data[key]), SECRET_CONTEXT, place)
                fresh[key] = b64encode(value).decode() if value else data[key]
        return None if fresh == data else fresh

    return _rewrite(Authenticator, "data", renew)


def _rewrite(
    model: type[Model], name: str, renew: Callable[[Any, str], Any], only: Mapping[str, str] | None = None
) -> int:
    """Go through a column in the order of its key; change a row only if it still holds what was read."""
    rows = model._default_manager.using(OWNER).filter(**only or {}).order_by("pk")
    count, after = 0, None
    while True:
        page = rows.filter(pk__gt=after) if after is not None else rows
        found = list(page.values_list("pk", name)[:AT_ONCE])
        for pk, old in found:
            fresh = renew(old, f"{model._meta.label}.{name} {pk}")
            if fresh is not None:
                same = model._default_manager.using(OWNER).filter(pk=pk, **{name: old})
                count += same.update(**{name: fresh})
        if len(found) < AT_ONCE:
            return count
        after = found[-1][0]


def _rewrite_files() -> int:
    count = 0
    for path in sorted(Path(settings.FILES_DIR).rglob("*")):
        if path.is_file() and path.suffix != ".half":
            fresh = _renewed(path.read_bytes(), CONTEXT, path.name)
            if fresh is not None:
                write_whole(path, fresh)
                count += 1
    return count
