"""The closed loop: one order, one accountable post, seven stages, a clock each.

Owns work orders and their steps.
Answers what is due where, who answers for it, what is late.
Does open, handle, feed back, check, close, return; announces OrderOpened … OrderClosed.
"""
