"""Every table that moves when areas are redrawn says with which row, or is named here with the reason."""

from anlan.foundation.scoped_models import follows, scoped_models
from anlan.organisation.redrawing.placed import UNSCOPED, placed_models

# model.field: why a row does not lie with the row it points to, though both move
BY_ITSELF = {
    "affairs.AddressedArea.admission": "it is the area addressed; the admission lies around all of them",
    "affairs.Grant.renews": "both lie with their facility, which is the same",
    "workorders.WorkOrder.admission": "an order lies where its matter does",
    "people.Enrolment.group": "it lies where the pupil lives, not where the class is",
    "organisation.CallUpReceipt.seat": "it lies with the call, as the seat does",
    "workorders.OrderLeg.order": "it lies where the called post is",
}


def test_a_row_that_moves_says_with_what() -> None:
    moving = {model for model in scoped_models() if follows(model)}
    unsaid = {
        f"{model._meta.label}.{field.name}"
        for model in moving
        for field in model._meta.local_concrete_fields
        if field.is_relation and field.related_model in moving
        if field.name not in getattr(model, "redraw_with", ())
    }

    assert unsaid == BY_ITSELF.keys()


def test_all_that_moves_comes_after_what_it_moves_with() -> None:
    seen: set[str] = set()
    for placed in placed_models():
        assert {label for label, _column in placed.parents} <= seen
        seen.add(placed.label)

    assert seen == {model._meta.label for model in scoped_models() if follows(model)} | {
        placed.label for placed in UNSCOPED
    }
