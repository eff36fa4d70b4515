"""Work orders in seven stages with one accountable post, and calls to departments.

Owns orders and their legs, and the pack's kinds of order.
Answers what is to be done, by whom, by when.
"""
