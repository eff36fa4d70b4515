"""What people fall ill with: reports, event files, the chain from suspected to confirmed or excluded.

Owns event files, case reports, their steps, and the pseudonyms that stand for residents.
Answers which reports lie behind a signal, what became of a report.
Does record, verify, exclude, enter a card; announces CaseReported, CaseVerified, CaseExcluded.
"""
