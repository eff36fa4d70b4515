"""The app."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig


class AffairsConfig(AppConfig):
    """Affairs."""

    name = "anlan.affairs"
    label = "affairs"

    def ready(self) -> None:
        """Register this app's sections of a pack and its events."""
        for module in ("pack", "pack_grants", "events"):
            if find_spec(f"anlan.affairs.{module}"):
                import_module(f"anlan.affairs.{module}")
