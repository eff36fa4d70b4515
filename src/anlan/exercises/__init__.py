"""Exercises: the synthetic district, and line lists replayed in practice districts.

Owns no tables.
Answers what a district to practise in looks like.
Does build_district, replay; announces nothing.
"""
