"""Residents and households.

Owns households, residents, enrolments, search tokens, the record of erasures, alarms of look-ups.
Answers who lives where, who is found by name, pinyin, number or door.
Does register, correct, move, erase; announces ResidentRegistered, ResidentCorrected, ResidentErased.
"""
