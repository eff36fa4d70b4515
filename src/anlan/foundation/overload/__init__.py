"""What the web process does when more comes than it can serve: bounded lines, early refusals, slow ones cut.

Every request belongs to a kind with a bound on work in flight and on those who wait (docs/decisions/0060).
"""
