"""Pages over several apps: my work, the command page.

Answers what waits for this post, how the district stands, how fast the loop turns.
Owns nothing.
"""
