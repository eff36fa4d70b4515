"""The field: a grid worker's morning, and the page that works without a signal.

Answers what waits today, what a phone may keep, and with which key it keeps it.
Owns nothing: what a phone sends goes through the inbox like any other source.
"""
