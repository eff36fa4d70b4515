"""What is done about an assessed signal: a plan with the smallest scope, chosen by a person, and its end.

Owns plan proposals, their planned orders and timeline, lifting notices.
Answers what a plan would cost in each scope, who was asked, who answered, how quick the first steps were.
Does propose, prepare, activate (orders and notices in one act), decline, lift; announces PlanProposed ….
"""
