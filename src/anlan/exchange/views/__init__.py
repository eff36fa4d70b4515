"""Doors of imports and exports."""
