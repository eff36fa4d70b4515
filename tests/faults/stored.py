"""Prints what the house holds of every envelope, one a line, its body deciphered and digested.

A program of its own, run in the house's environment, which has the keys.
"""

import json
import sys

import django
from django.db import connections


def main() -> None:
    """Read as the owner, who sees every place."""
    django.setup()
    from anlan.foundation.crypto import decrypt
    from anlan.foundation.inbox.shape import BODY
    from tests.faults.ledger import digest_of

    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT key, record_id::text, account_id::text, area_code, source, state, body"
            " FROM foundation_envelope ORDER BY id"
        )
        for *facts, body in cursor.fetchall():
            digest = digest_of(json.loads(decrypt(bytes(body), context=BODY)))
            sys.stdout.write(json.dumps([*facts, digest]) + "\n")


if __name__ == "__main__":
    main()
