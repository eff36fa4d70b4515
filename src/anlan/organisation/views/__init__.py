"""Doors of the organisation: areas and links, posts and appointments, members, settings and the pack."""
