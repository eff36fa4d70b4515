"""SAFETY.md's twenty inputs at each door; matrix.py says which test stands for which."""
