"""Residents and households, and care for them.

Owns households, residents, tokens, twins, merges, erasures; key people, visits, assignments, arrivals.
Answers who lives where, who is found by what, whose turn it is, who answers for whom.
Does register, correct, move, merge, erase, mark, visit, assign; announces ResidentRegistered and the like.
"""
