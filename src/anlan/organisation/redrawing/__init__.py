"""How a redraw of the tree is planned, looked at beforehand, carried out and undone (docs/decisions/0070).

Every kind of redraw (split, merge, move, …) becomes one `Plan`; one set of statements finds what it moves,
the same for a preview and for the act.
"""
