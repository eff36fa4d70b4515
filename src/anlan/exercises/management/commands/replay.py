"""`anlan replay FILE`: replay a line list or daily counts in a practice district and print what happened."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from anlan.exercises.replay.read import read_listed
from anlan.exercises.replay.rows import BadRow, NotReplayable
from anlan.exercises.replay.run import replay
from anlan.exercises.replay.table import table

BAD_ROWS_SHOWN = 20


class Command(BaseCommand):
    """Replay a file."""

    help = (
        "Replay a CSV in a practice district, day by day, through the inbox: a line list (one person ill a "
        "row), or daily counts (columns day, area, indicator, count; x_m and y_m where known)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file, and where the figures go."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--json", type=Path, help="write the figures to this file")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, replay, print."""
        try:
            listed = read_listed(options["file"])
        except (NotReplayable, OSError) as error:
            raise CommandError(str(error)) from error
        self._say_bad(listed.bad_rows)
        ground, outcome = replay(listed, self.stdout.write)
        self._say_bad([row for row in outcome.bad_rows if row not in listed.bad_rows])
        self.stdout.write(
            f"行 rows {outcome.rows} = 入库 stored {outcome.rows_stored}"
            f" + 退回 rejected {outcome.rows_rejected} + 重复 duplicate {outcome.rows_duplicate}"
        )
        self.stdout.write("\n" + table(outcome) + "\n")
        for username, password in ground.passwords.items():
            self.stdout.write(f"登录查看 sign in to look: {username}  {password}")
        if options["json"]:
            text = json.dumps(outcome.as_json(), ensure_ascii=False, indent=1, default=str)
            options["json"].write_text(text, encoding="utf-8")

    def _say_bad(self, rows: list[BadRow]) -> None:
        for bad in rows[:BAD_ROWS_SHOWN]:
            word = "重复 duplicate" if bad.outcome == "duplicate" else "退回 rejected"
            self.stdout.write(f"第 {bad.row} 行 row {bad.row}: {word}: {bad.reason}")
        if len(rows) > BAD_ROWS_SHOWN:
            self.stdout.write(f"… 另有 {len(rows) - BAD_ROWS_SHOWN} 行 more rows; --json 有全部 has them all")
