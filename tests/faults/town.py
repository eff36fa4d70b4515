"""Makes the small town in a house that was just started, and prints who sends, with tokens and places.

A program of its own, run in the house's environment. The posts have been held for a month: a clock that is
some days off finds them there.
"""

import json
from datetime import timedelta

import django

SENDERS = ("wang", "liu", "hou", "du", "gao", "tao", "kong", "li")


def main() -> None:
    """Load the pack, make the town and the credentials."""
    django.setup()
    from django.db import transaction

    from anlan.foundation.clock import utc_now
    from anlan.foundation.pack_store import find_pack, load_pack
    from tests.faults.loader import NOTES, REPORTS
    from tests.foundation.asking import give_token
    from tests.world import AREAS, PEOPLE, build_world

    a_month_ago = utc_now() - timedelta(days=30)
    load_pack(find_pack("standard"), a_month_ago)
    with transaction.atomic():
        world = build_world(a_month_ago)
    grids = [code for code in sorted(AREAS) if len(code) == 15]
    made = [
        {
            "account": str(world.accounts[handle].pk),
            "own": PEOPLE[handle][2],
            "foreign": next(code for code in grids if not code.startswith(PEOPLE[handle][2])),
            "tokens": {
                source: give_token(world.appointments[handle].pk, source) for source in (NOTES, REPORTS)
            },
        }
        for handle in SENDERS
    ]
    print(json.dumps(made))


if __name__ == "__main__":
    main()
