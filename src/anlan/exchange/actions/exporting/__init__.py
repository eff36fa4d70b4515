"""Every change to exports: ask, decide, make, recall, end."""
