"""Roll-ups of the register: how many live in a grid, and how many answer for its households.

A trigger notes each place whose households, residents or assignments change (`Recount`); the clock counts it
again. Until then the views `people_gridtotal_now`, `people_linecount_now` and `people_lineload_now` count it
from the rows themselves: what a page shows is never behind.
"""

from django.db import models

from anlan.foundation.models import Scoped
from anlan.people.models.register import PURPOSES


class GridTotal(Scoped):
    """How many households and residents the register has in a place; higher levels are sums over a range."""

    on_redraw = "stays"
    read_purposes = PURPOSES

    households = models.IntegerField()
    residents = models.IntegerField()

    class Meta:
        constraints = (models.UniqueConstraint("area_code", name="gridtotal_once"),)


class LineCount(Scoped):
    """How many households of a place have this many holders on a line, in this many seats of its team."""

    on_redraw = "stays"
    read_purposes = PURPOSES

    line = models.TextField()  # a key of the pack's liaison_lines
    holders = models.IntegerField()
    seats = models.IntegerField()
    homes = models.IntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint("area_code", "line", "holders", "seats", name="linecount_once"),
        )


class LineLoad(Scoped):
    """For how many households of a place somebody answers on a line; of a team, in one seat."""

    on_redraw = "stays"
    read_purposes = PURPOSES

    line = models.TextField()  # a key of the pack's liaison_lines
    holder_id = models.UUIDField()  # of a member
    slot = models.TextField(blank=True)
    homes = models.IntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint("area_code", "line", "holder_id", "slot", name="lineload_once"),
        )


class Recount(Scoped):
    """A place whose roll-ups are to be counted again; any number of rows a place, nobody waits to add one."""

    on_redraw = "stays"

    class Meta:
        indexes = (models.Index("area_code", name="recount_area"),)
