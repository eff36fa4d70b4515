"""Fail the build where a field is held without a reason on record, or a scoped model is incomplete."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register

from anlan.foundation.register import (
    FILE,
    RegisterInvalid,
    fields_of_models,
    own_apps,
    read_register,
)
from anlan.foundation.scoped_models import UNSCOPED, is_placed


@register(Tags.models)
def every_field_is_registered(app_configs: Any, **kwargs: Any) -> Iterable[CheckMessage]:
    """Compare the models with the registers of fields."""
    read_register.cache_clear()
    try:
        registered = read_register().fields
    except RegisterInvalid as invalid:
        return [Error(str(invalid), id="foundation.E003")]
    held, found = defaultdict(set), []
    for label, field in fields_of_models():
        held[label].add(field)
    for label, fields in held.items():
        missing = sorted(fields - set(registered.get(label, {})))
        if missing:
            app = label.split(".")[0]
            found.append(
                Error(
                    f"{label}: no word in the register of fields about {' '.join(missing)}",
                    hint=f"Say purpose, basis, necessity, level, retention, who (and mask) in {app}/{FILE}; "
                    "technical fields: a line `id version: technical`. See foundation/register.py.",
                    id="foundation.E001",
                )
            )
    for label, entries in registered.items():
        gone = sorted(set(entries) - held[label])
        if gone:
            found.append(
                Error(f"{label}: the register of fields names {' '.join(gone)}, which no model has",
                      id="foundation.E002")
            )  # fmt: skip
    return found


@register(Tags.models)
def every_placed_model_says_what_a_redraw_does(app_configs: Any, **kwargs: Any) -> Iterable[CheckMessage]:
    """Ask of each model with an area_code whether it moves or stays when areas are redrawn."""
    return [
        Error(f"{model._meta.label} lies in an area but does not say on_redraw = 'moves' or 'stays'",
              hint="See DESIGN.md section 4, Redraw, and foundation/models/scoped.py.", id="foundation.E004")
        for config in own_apps()
        for model in config.get_models()
        if is_placed(model)
        and model._meta.label not in UNSCOPED
        and getattr(model, "on_redraw", None) not in ("moves", "stays")
    ]  # fmt: skip
