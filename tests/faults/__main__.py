"""Look at some kinds of fault by hand: python -m tests.faults 1000 backend_killed disk_full."""

import json
import shutil
import sys
import tempfile
from pathlib import Path
from random import Random

from tests.faults.house import NotRun
from tests.faults.kinds import KINDS
from tests.faults.running import go_through, standing


def main() -> int:
    """Take a size, perhaps `x3` runs, and kinds (none is all); return how many runs disagreed."""
    size, *words = sys.argv[1:]
    runs = int(words.pop(0)[1:]) if words and words[0].startswith("x") else 1
    failed = 0
    for kind in words or KINDS:
        folder = Path(tempfile.mkdtemp(prefix="anlan-fault-", dir="/tmp"))
        folder.chmod(0o711)
        try:
            with standing(folder, kind) as at:
                for number in range(runs):
                    random = Random(f"{kind} {number}")
                    figures = go_through(at, kind, int(size), random, number)
                    disagreements = at.disagreements(random)
                    print(kind, json.dumps(figures), *disagreements, sep="\n  ", flush=True)
                    failed += bool(disagreements)
        except NotRun as error:
            print(f"{kind} NOT RUN: {error}")
            failed += 1
        except AssertionError:
            print(f"{kind}: left as it is in {folder}", flush=True)
            raise
        shutil.rmtree(folder, ignore_errors=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
