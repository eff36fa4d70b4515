"""Replay a line list of a past outbreak in a practice district, day by day, through the ordinary doors."""
