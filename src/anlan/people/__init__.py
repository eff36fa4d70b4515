"""Residents and households.

Owns households, residents, enrolments, search tokens.
Answers who lives where, who is found by name, pinyin, number or door.
Does register, correct, move; announces ResidentRegistered, ResidentCorrected.
"""
