"""Exercises: the synthetic district and practice districts.

Owns no tables.
Answers what a district to practise in looks like.
Does build_district, build_practice_district; announces nothing.
"""
