"""Brings tables and static files up to date; on the first start loads the pack and makes the district."""

import time
from hashlib import sha256
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command, get_commands
from django.utils.module_loading import import_string

from anlan.foundation.clock import utc_now

FIRST_START_STEPS = ("load_pack", "create_district")  # management commands; each may be repeated without harm
MARK = "first-start-done"


def first_start_is_done() -> bool:
    """Say whether this house has its pack and, unless it does without, its district."""
    return (Path(settings.DATA_DIR) / MARK).exists()


def prepare() -> int:
    """Migrate as the owner, erase again whom a restore brought back, collect static files that changed.

    Once, load the pack and make the district.

    ANLAN_DEMO=0 leaves the district out: an installation for real work begins empty.
    """
    django.setup()
    timed("tables", call_command, "migrate", database="owner", verbosity=0, interactive=False)
    import_string("anlan.foundation.audit_numbering.go_on_counting")()
    again = import_string("anlan.people.actions.erase_again")(now=utc_now())
    if again:
        print(f"         erased again after a restore: {again}", flush=True)
    collect_static(settings.STATIC_ROOT)
    done = settings.DATA_DIR / MARK
    if done.exists():
        return 0
    known = get_commands()
    steps = FIRST_START_STEPS if settings.ANLAN_DEMO else FIRST_START_STEPS[:1]
    for step in steps:
        if step in known:
            timed(step, call_command, step)
    if all(step in known for step in steps):
        done.touch()
    return 0


def timed(name: str, act: Any, *arguments: Any, **options: Any) -> None:
    """Do one step and say how long it took, if a person could have noticed."""
    began = time.monotonic()
    act(*arguments, **options)
    seconds = time.monotonic() - began
    if seconds > 2:
        print(f"         {name}: {seconds:.0f} s", flush=True)


def collect_static(target: Path) -> None:
    """Collect and compress the static files, unless none has changed since the last time."""
    found = sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            facts = Path(storage.path(path)).stat()
            found.update(f"{path} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    stamp = target / ".digest"
    if stamp.exists() and stamp.read_text() == found.hexdigest():
        return
    timed("static files", call_command, "collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(found.hexdigest())
