"""Forms of health: one person ill, and the counts of a day."""
