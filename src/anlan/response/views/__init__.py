"""Doors of plans, responses and the notices that a response is over."""
