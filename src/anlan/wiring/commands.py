"""The command `anlan`: run the house, or one management command against its database.

What is not named here is a management command of an app: `anlan replay FILE` runs the app's `replay`. The
embedded PostgreSQL is started for it when nothing runs yet, and ends with it.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from django.core.management import execute_from_command_line
from django.core.management.base import CommandError

from anlan.foundation.ledger import ERASED
from anlan.foundation.postgres import Server, ServerFailed, ensure_cluster
from anlan.wiring.backup import back_up, restore
from anlan.wiring.first_start import first_start_is_done, prepare
from anlan.wiring.settings import DATA_DIR
from anlan.wiring.supervisor import run, sign_ins

OF_A_HOUSE = {"replay", "rebuild_counts"}  # what they work on is made first where it is not there yet
WITHOUT_DATABASE = {"collectstatic", "compilemessages", "help", "makemessages", "makemigrations"}
USAGE = """
  anlan run               start everything here: database, web, worker, scheduler; Ctrl-C ends it
  anlan prepare           bring the database up to date; on the first start load the pack, make the district
  anlan passwords         print the sign-ins made at the first start
  anlan migrate           change the tables, as their owner
  anlan replay FILE       play a line list or daily counts through a practice district
  anlan rebuild-counts    count reports and sheets anew, print and mend disagreements
  anlan feed FILE         take a file of daily counts, each row stored, rejected, duplicate or parked
  anlan count-place       the figures of the pack's place beside the rows; exit code 1 where they differ
  anlan verify-audit      find altered, missing or cut audit rows
  anlan backup FOLDER     database and encrypted files, without keys, into a new folder below this one
  anlan restore FOLDER    such a backup into an empty ANLAN_DATA_DIR
  anlan help              all management commands
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.wiring.settings")
    parser = argparse.ArgumentParser(
        prog="anlan", usage=USAGE, add_help=False, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", nargs="?", default="")
    parser.add_argument("rest", nargs=argparse.REMAINDER)
    chosen = parser.parse_args(sys.argv[1:] if arguments is None else list(arguments))
    if chosen.command in {"", "-h", "--help"}:
        print(f"usage:{USAGE}")
        return 0
    try:
        if chosen.command == "run":
            return run()
        if chosen.command == "passwords":
            return show_passwords()
        if chosen.command in {"prepare", "setup-demo"}:
            with database(needed=True):
                return prepare()
        if chosen.command in {"backup", "restore"} and len(chosen.rest) == 1:
            return copy_house(chosen.command, Path(chosen.rest[0]))
        return manage(chosen.command, chosen.rest)
    except (ServerFailed, CommandError) as error:
        print(f"anlan: {error}", file=sys.stderr)
        return 1


def manage(command: str, rest: Sequence[str]) -> int:
    """Run a management command, with the embedded database unless DATABASE_URL names another."""
    name = command.replace("-", "_")
    rest = list(rest)
    if name == "migrate" and not any(part.startswith("--database") for part in rest):
        rest.append("--database=owner")
    with database(needed=name not in WITHOUT_DATABASE):
        if name in OF_A_HOUSE and not first_start_is_done():
            prepare()
        execute_from_command_line(["anlan", name, *rest])
    return 0


@contextmanager
def database(*, needed: bool) -> Iterator[Server | None]:
    """Hold the embedded server while the block runs; one that runs already is used and left alone."""
    if not needed or os.environ.get("DATABASE_URL"):
        yield None
        return
    server = ensure_cluster(DATA_DIR)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def copy_house(direction: str, folder: Path) -> int:
    """Back up into the folder, or restore from it, and say what to do about the keys."""
    with database(needed=True) as server:
        if direction == "backup":
            print(back_up(server, folder))
        else:
            newer = restore(server, folder)
            print(
                f"{newer} people erased since this backup will be erased again at the next start; "
                f"if the house has a newer {ERASED}, put it into {DATA_DIR} before that",
                file=sys.stderr,
            )
    print(f"keys are not in a backup: keep {DATA_DIR / 'keys'} apart from it", file=sys.stderr)
    return 0


def show_passwords() -> int:
    """Print the file of sign-ins that the first start wrote for its owner alone."""
    path = sign_ins(DATA_DIR)
    if not path.exists():
        print(f"{path} does not exist: it is written at the first start", file=sys.stderr)
        return 1
    print(path.read_text(), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
