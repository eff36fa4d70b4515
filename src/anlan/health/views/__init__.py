"""Doors of health's pages."""
