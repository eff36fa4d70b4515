"""Doors of affairs: the gate, grants, and who may verify one."""
