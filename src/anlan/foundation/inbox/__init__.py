"""The inbox: a plain ASGI door for other systems and offline phones.

Accepted means stored durably: sender known, shape valid, key unused, right to the place checked in the
statement that stores it. What arrives together is committed together and answered after its commit.
"""
