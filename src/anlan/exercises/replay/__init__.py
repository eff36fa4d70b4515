"""Replay a line list or daily counts in a practice district, day by day, through the ordinary doors."""
