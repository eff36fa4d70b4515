"""The ground everything stands on.

Owns accounts, scope, audit, inbox, outbox, files, crypto, errors and the base page.
Answers who acts, through which post and what that post may see.
Does nothing of the domain; knows no area, person or disease by name.
"""
