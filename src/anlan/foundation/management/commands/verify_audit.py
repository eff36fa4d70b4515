"""Finds altered, missing and inserted audit entries, altered seals and a cut tail: `anlan verify-audit`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from anlan.foundation.seal_check import check_seals

SHOWN = 20


class Command(BaseCommand):
    """Check the audit against its seals; fail where anything is not as it was sealed."""

    help = "核对审计记录与封印 / check the audit against its seals"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take how many faults to print."""
        parser.add_argument("--show", type=int, default=SHOWN, help="最多列出几处 / faults to list")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, and print what was found."""
        findings = check_seals()
        until = findings.sealed_until.isoformat(timespec="seconds") if findings.sealed_until else "—"
        self.stdout.write(f"封印 seals: {findings.seal_count}")
        self.stdout.write(f"已封存记录 sealed entries: {findings.entry_count}")
        self.stdout.write(f"待封存记录 entries not sealed yet: {findings.unsealed_count}")
        self.stdout.write(f"封存至 sealed until: {until}")
        if not findings.faults:
            self.stdout.write("全部相符 / everything is as it was sealed")
            return
        for fault in findings.faults[: options["show"]]:
            self.stdout.write(f"✗ {fault}")
        raise CommandError(f"共 {len(findings.faults)} 处不符 / {len(findings.faults)} faults")
