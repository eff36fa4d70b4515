"""How the tree of areas was changed: each redraw with its plan, what it moved, and where ended codes lead."""

from django.db import models
from django.db.models import Q

from anlan.foundation.models import AreaCodeField, Scoped
from anlan.organisation.rules import RedrawKind, RedrawState


class Redraw(Scoped):
    """One change of the tree: planned, done at a moment, perhaps undone by another.

    It lies in the smallest area around all it touches and stays there as history.
    """

    on_redraw = "stays"

    kind = models.CharField(max_length=8, choices=RedrawKind.choices)
    title = models.TextField()
    reason = models.TextField()
    plan = models.JSONField()  # redrawing.plans.Plan: what begins, what ends, where each piece goes
    counts = models.JSONField(default=dict)  # how many rows moved, by model label
    links = models.JSONField(default=dict)  # ids of links and grids in patches it ended, began: for its undo
    state = models.CharField(max_length=9, choices=RedrawState.choices, default=RedrawState.PLANNED)
    takes_effect_at = models.DateTimeField()
    planned_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    problem = models.TextField(blank=True)  # why it could not be carried out at its time
    undoes = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="undone_by")
    post_title = models.TextField()
    member_name = models.TextField()
    version = models.IntegerField(default=1)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state=RedrawState.DONE, done_at__isnull=False)
                | (~Q(state=RedrawState.DONE) & Q(done_at=None)),
                name="redraw_done_has_a_moment",
            ),
            models.UniqueConstraint("undoes", condition=Q(state=RedrawState.DONE), name="redraw_undone_once"),
        )
        indexes = (
            models.Index(fields=("area_code", "-planned_at"), name="redraw_area"),
            models.Index("takes_effect_at", name="redraw_due", condition=Q(state=RedrawState.PLANNED)),
        )

    def __str__(self) -> str:
        return self.title


class RedrawMove(models.Model):
    """A row that a redraw moved by itself, not along with what it hangs on: what an undo takes back."""

    redraw = models.ForeignKey(Redraw, on_delete=models.CASCADE, related_name="moves")
    label = models.TextField()  # of the model
    row_id = models.UUIDField()
    from_code = AreaCodeField()
    to_code = AreaCodeField()
    moved_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint("redraw", "label", "row_id", name="redrawmove_once"),)
        indexes = (models.Index("label", "row_id", name="redrawmove_row"),)


class MapOrigin(models.Model):
    """Where the plane of a district's outlines has its zero (degrees, WGS-84); set by the first import."""

    district_code = AreaCodeField(primary_key=True)
    longitude = models.FloatField()
    latitude = models.FloatField()


class ForwardedCode(models.Model):
    """A code no area bears any more, and the area that took its place: so an old phone's report finds it."""

    code = AreaCodeField(primary_key=True)
    now_code = AreaCodeField()

    class Meta:
        indexes = (models.Index("now_code", name="forwardedcode_now"),)
