"""Carries one batch on, a line on standard output after each step; made to be killed."""

import sys
from uuid import UUID

import django


def main() -> None:
    """Step until there is nothing more to do."""
    django.setup()
    from anlan.exchange.actions.carrying import Carrier

    carrier = Carrier(*(UUID(word) for word in sys.argv[1:3]))
    while carrier.step():
        print("step", flush=True)


if __name__ == "__main__":
    main()
