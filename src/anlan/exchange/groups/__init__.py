"""Answers to a question in a chat group: the pasted text is read, matched with the register, and kept."""
