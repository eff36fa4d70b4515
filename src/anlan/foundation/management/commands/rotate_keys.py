"""Makes a new key for encrypted fields; on request encrypts everything anew and destroys the old keys."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from anlan.foundation.crypto import forget_cached_keys
from anlan.foundation.key_rotation import rewrite_everything
from anlan.foundation.keyring import add_key, destroy_key, read_keyring


class Command(BaseCommand):
    """Rotate the key; old values stay readable until they are renewed and the old key is destroyed."""

    help = "更换加密密钥 / make a new encryption key"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take how far to go."""
        parser.add_argument("--rewrite", action="store_true", help="全部重新加密 / encrypt everything anew")
        parser.add_argument("--destroy-old", action="store_true", help="再销毁旧密钥 / then destroy old keys")

    def handle(self, *args: Any, **options: Any) -> None:
        """Rotate."""
        number = add_key()
        forget_cached_keys()
        self.stdout.write(f"新密钥 new key: {number}")
        if options["rewrite"] or options["destroy_old"]:
            for kind, count in rewrite_everything().items():
                self.stdout.write(f"  {kind}: {count}")
        if options["destroy_old"]:
            rewrite_everything()  # what running processes wrote under the old key before they saw the new one
            for old in sorted(set(read_keyring().secrets) - {number}):
                destroy_key(old)
                self.stdout.write(f"已销毁旧密钥 destroyed old key: {old}")
