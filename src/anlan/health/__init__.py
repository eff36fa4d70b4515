"""What people fall ill with: reports, counts of units, event files, the chain from suspected to confirmed.

Owns event files, case reports and their steps, pseudonyms, the count sheets of units and areas.
Answers which reports lie behind a signal, what became of a report, who has not reported today.
Does record, verify, exclude, enter a card; announces CaseReported, CaseExcluded, CountsReported.
"""
