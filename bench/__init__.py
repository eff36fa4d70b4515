"""Measures: one script a figure, each with the ceiling it is held against, from the same run.

A script has `main()`, which yields figures. `make bench` runs all, `make bench ONLY=inbox` one.
"""
