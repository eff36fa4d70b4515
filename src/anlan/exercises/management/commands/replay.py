"""`anlan replay FILE`: replay a line list in a practice district and print what would have happened."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from anlan.exercises.replay.line_list import NotALineList, read_line_list
from anlan.exercises.replay.outcome import table
from anlan.exercises.replay.run import replay
from anlan.health.queries import condition_named

BAD_ROWS_SHOWN = 20


class Command(BaseCommand):
    """Replay a line list."""

    help = "Replay a line list (CSV) in a practice district, day by day, through the inbox."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file, and where the figures go."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--json", type=Path, help="write the figures to this file")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, replay, print."""
        try:
            listed = read_line_list(options["file"], lambda key: condition_named(key) is not None)
        except (NotALineList, OSError) as error:
            raise CommandError(str(error)) from error
        for bad in listed.bad_rows[:BAD_ROWS_SHOWN]:
            self.stdout.write(f"第 {bad.row} 行 row {bad.row}: {bad.reason}")
        ground, outcome = replay(listed, self.stdout.write)
        stored, refused = outcome.cases_stored, outcome.rows_refused
        self.stdout.write(f"行 rows {outcome.rows} = 入库 stored {stored} + 退回 refused {refused}")
        self.stdout.write("\n" + table(outcome) + "\n")
        for username, password in ground.passwords.items():
            self.stdout.write(f"登录查看 sign in to look: {username}  {password}")
        if options["json"]:
            text = json.dumps(outcome.as_json(), ensure_ascii=False, indent=1, default=str)
            options["json"].write_text(text, encoding="utf-8")
