"""From counts to warnings: signals with their reasons, their assessment, and the notices that follow.

Owns daily counts, signals, their reasons and steps, risk assessments, warning products, receipts.
Answers why a signal was raised, what stands behind it, who was told and who answered.
Does count, raise, acknowledge, verify, exclude, assess, sign, close; announces SignalRaised … SignalClosed.
"""
