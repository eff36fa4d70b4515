"""Doors of the register: residents and households, and the end of a record."""
