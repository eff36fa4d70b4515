"""`anlan feed FILE.csv --source NAME --by USERNAME`: take a file of counts, row by row."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from anlan.foundation.actor import Actor
from anlan.foundation.clock import utc_now
from anlan.foundation.errors import Refused
from anlan.foundation.models import Account
from anlan.foundation.scope import scope
from anlan.health.actions import take_count_file
from anlan.health.presenting import kept_rows
from anlan.health.queries import count_forms
from anlan.organisation.queries import now_for, posts_of_account

ROWS_SHOWN = 50


class Command(BaseCommand):
    """Take a file of counts."""

    help = "Take a CSV of daily counts: day, unit or area, form, item, class, count, of."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file, what it comes from, and who hands it over."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--source", required=True, help="where the numbers come from, a short word")
        parser.add_argument("--by", required=True, help="username of who hands the file over")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, store, print rows in = stored + rejected + duplicate + parked."""
        actor = self._actor(options["by"])
        try:
            content = options["file"].read_bytes()
            with scope(actor):
                file = take_count_file(
                    actor=actor,
                    name=options["file"].name,
                    content=content,
                    source=options["source"],
                    now=now_for(actor),
                )
                kept = kept_rows(actor, file)
        except OSError as error:
            raise CommandError(str(error)) from error
        except Refused as refusal:
            raise CommandError(str(refusal.message)) from refusal
        for row in kept[:ROWS_SHOWN]:
            words = "退回 rejected" if row.outcome == "rejected" else "待定 parked"
            self.stdout.write(
                f"第 {row.number} 行 row {row.number}: {words}: {row.why}: {', '.join(row.raw)}"
            )
        if len(kept) > ROWS_SHOWN:
            self.stdout.write(f"… {len(kept) - ROWS_SHOWN} more; all are kept on the page of this file")
        self.stdout.write(
            f"行 rows {file.rows_in} = 入库 stored {file.stored} + 退回 rejected {file.rejected}"
            f" + 重复 duplicate {file.duplicate} + 待定 parked {file.parked}"
        )

    def _actor(self, username: str) -> Actor:
        account = Account.objects.filter(username=username).first()
        posts = posts_of_account(account.pk, now=utc_now()) if account else []
        sending = {role for form in count_forms() for role in (*form.senders, *form.relays)}
        found = next((post for post in posts if post.role in sending), None)
        if found is None:
            raise CommandError(f"{username} 没有报数的岗位 holds no post that sends counts")
        return found
