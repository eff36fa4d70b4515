"""The synthetic district: seeded, the same each time; no person, number or place in it is real."""
