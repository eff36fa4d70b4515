"""Which models lie in an area and are therefore kept by row security, and which few are open to all staff."""

from collections.abc import Iterator

from django.db.models import Model

from anlan.foundation.register import own_apps

# Areas, posts and settings are no secret among staff (DESIGN.md section 3).
UNSCOPED = frozenset(
    {
        "organisation.Area",
        "organisation.AreaShape",
        "organisation.AreaLink",
        "organisation.Member",
        "organisation.Post",
        "organisation.PostRange",
        "organisation.Appointment",
        "organisation.Setting",
        "organisation.Patch",
        "foundation.AuditEntry",  # has a policy of its own: everybody writes, only the purpose audit reads
    }
)


def is_placed(model: type[Model]) -> bool:
    """Say whether the rows of a model lie in an area."""
    return any(field.name == "area_code" for field in model._meta.local_concrete_fields)


def scoped_models() -> Iterator[type[Model]]:
    """Yield every model whose rows the database shows only to those whose ranges cover them."""
    for config in own_apps():
        for model in config.get_models():
            if is_placed(model) and not model._meta.proxy and model._meta.label not in UNSCOPED:
                yield model


def references_to(target: type[Model]) -> Iterator[tuple[type[Model], str]]:
    """Yield (model, field) of every foreign key of this product that points to a model."""
    for config in own_apps():
        for model in config.get_models(include_auto_created=True):
            for field in model._meta.local_concrete_fields:
                if field.is_relation and field.related_model is target:
                    yield model, field.name


def follows(model: type[Model]) -> bool:
    """Say whether rows of a model lie where the person or place they belong to lies now."""
    return is_placed(model) and getattr(model, "on_redraw", "stays") == "moves"
