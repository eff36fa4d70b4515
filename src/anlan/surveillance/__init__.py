"""Indicators, rules, signals, risk assessment and warning products.

Owns roll-ups, runs, signals and the pack's rules, clocks and grades.
Answers what is unusual where, and why.
"""
