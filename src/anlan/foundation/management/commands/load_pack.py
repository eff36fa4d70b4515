"""Puts a regional pack in force: `load_pack standard`, or the folder of a pack of one's own."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from anlan.foundation.models import PackEntry
from anlan.foundation.pack_errors import PackInvalid
from anlan.foundation.pack_store import find_pack, load_pack


class Command(BaseCommand):
    """Check a pack and load it; say every fault with its file and line, or how much was loaded."""

    help = "检查并启用一个区域包 / check a regional pack and put it in force"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the name of a pack that comes with the product, or a folder; else the pack of this house."""
        parser.add_argument("pack", nargs="?", default=settings.PACK)

    def handle(self, *args: Any, **options: Any) -> None:
        """Load the pack."""
        try:
            version = load_pack(find_pack(options["pack"]), timezone.now())
        except PackInvalid as invalid:
            for error in invalid.errors:
                self.stderr.write(str(error))
            count = len(invalid.errors)
            raise CommandError(
                f"区域包有 {count} 处错误，未启用 / {count} faults; nothing was loaded"
            ) from invalid
        sections: dict[str, int] = {}
        for name in PackEntry.objects.filter(pack_version=version).values_list("section", flat=True):
            sections[name] = sections.get(name, 0) + 1
        for name, count in sorted(sections.items()):
            self.stdout.write(f"  {name}: {count}")
        self.stdout.write(f"{version.name} {version.version} 已启用 / is in force")
