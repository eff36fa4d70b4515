"""Makes the district whose house is killed while it is told reports and counts; prints who tells.

A program of its own, run by tests/faults/house.py, as its database is not the tests'.
"""

import json
from dataclasses import asdict

import django


def main() -> None:
    """Make town, units and pack, and a credential for everybody who tells and every door."""
    django.setup()
    from django.db import transaction

    from anlan.foundation.clock import utc_now
    from anlan.foundation.pack_store import find_pack, load_pack
    from tests.foundation.asking import give_token
    from tests.surveillance.telling import open_units
    from tests.world import build_world

    load_pack(find_pack("standard"), utc_now())
    with transaction.atomic():
        tellers = [asdict(one) for one in open_units(build_world())]
        for one in tellers:
            doors = ("case-reports", "counts")
            one["tokens"] = {door: give_token(one["appointment_id"], door) for door in doors}
    print(json.dumps(tellers))


if __name__ == "__main__":
    main()
