"""Residents and households.

Owns households, residents, enrolments, search tokens, possible twins, merges, erasures, look-up alarms.
Answers who lives where, who is found by name, pinyin, number or door, who may be entered twice.
Does register, correct, move, merge, erase; announces ResidentRegistered, ResidentsMerged and the like.
"""
