"""The gate before a community is asked for anything, and the lists it goes by (准入制、事项清单).

Owns admissions, the log of the gate, objections 非社区职责; the lists are the pack's.
Answers what may be asked of a community, until when, and how many minutes it costs.
Does request, decide, admit in an emergency, review, end, object; announces TaskAdmitted … ObjectionDecided.
"""
