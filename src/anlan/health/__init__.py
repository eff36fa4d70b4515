"""Case reports and event files.

Owns reports, event files and the pack's diseases, symptoms and syndromes.
Answers what was reported where, by whom, and what it may show to whom.
"""
