"""Writes and compiles the English catalogue from the Chinese sentences of code and pages, without msgfmt."""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import polib
from babel.messages.extract import extract
from django.conf import settings
from django.utils.translation.template import templatize

ANLAN = Path(__file__).resolve().parents[1]
CATALOGUE = ANLAN / "foundation" / "locale" / "en" / "LC_MESSAGES" / "django.po"
CALLS: dict[str, tuple[int, int] | None] = {
    **dict.fromkeys(["_", "gettext", "gettext_lazy", "gettext_noop"]),
    "ngettext": (1, 2),  # found to be refused
}
METADATA = {"Language": "en", "MIME-Version": "1.0", "Content-Type": "text/plain; charset=UTF-8"}


def sources() -> Iterator[tuple[Path, str]]:
    """Each file that may hold sentences, as Python text."""
    for path in sorted(ANLAN.rglob("*")):
        if path.suffix == ".py" and "migrations" not in path.parts:
            yield path, path.read_text()
        elif path.suffix in {".html", ".txt"} and "templates" in path.parts:
            yield path, templatize(path.read_text())


def sentences() -> dict[str, str]:
    """Every msgid in the order of files, with the file that holds it first."""
    found: dict[str, str] = {}
    for path, text in sources():
        for _line, message, _comments, _context in extract(
            "python", io.BytesIO(text.encode()), keywords=CALLS
        ):
            if not isinstance(message, str):
                raise ValueError(f"{path}: plural forms and contexts are not used here: {message}")
            found.setdefault(message, path.relative_to(ANLAN).as_posix())
    return found


def refreshed(old: polib.POFile) -> polib.POFile:
    """Return the catalogue of today's sentences with the translations the old one has."""
    kept = {entry.msgid: entry.msgstr for entry in old}
    new = polib.POFile(wrapwidth=110)
    new.metadata = METADATA
    for msgid, file in sentences().items():
        new.append(polib.POEntry(msgid=msgid, msgstr=kept.get(msgid, ""), occurrences=[(file, "")]))
    return new


def main() -> int:
    """Bring the catalogue up to date, compile it, and name what has no English yet."""
    settings.configure(USE_I18N=True)
    catalogue = refreshed(polib.pofile(str(CATALOGUE)) if CATALOGUE.exists() else polib.POFile())
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    catalogue.save(str(CATALOGUE))
    catalogue.save_as_mofile(str(CATALOGUE.with_suffix(".mo")))
    missing = [entry for entry in catalogue if not entry.msgstr]
    for entry in missing:
        print(f"{entry.occurrences[0][0]}: {entry.msgid}")
    print(f"{len(catalogue)} sentences, {len(missing)} without English")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
