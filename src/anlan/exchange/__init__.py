"""Tables in and out of the house, by page and file.

Owns import batches with their rows, exports, and lists out of group texts.
Answers what a file would change, what became of each row, what can be undone; who answered in a group.
Does read, try, write and undo a batch; announces nothing of its own: the registers do.
"""
