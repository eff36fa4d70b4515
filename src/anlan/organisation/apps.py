"""The app."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig


class OrganisationConfig(AppConfig):
    """Organisation."""

    name = "anlan.organisation"
    label = "organisation"

    def ready(self) -> None:
        """Register this app's sections of a pack and its events."""
        for module in ("pack", "pack_registers", "pack_mechanisms", "events"):
            if find_spec(f"anlan.organisation.{module}"):
                import_module(f"anlan.organisation.{module}")
