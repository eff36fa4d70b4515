"""Doors of surveillance: signals, products and their receivers, the desks."""
