"""Exercises: the place of a pack made synthetic, and files of past outbreaks replayed in practice districts.

Owns no tables.
Answers what a district to practise in looks like.
Does build_district, replay; announces nothing.
"""
