"""The app."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig


class HealthConfig(AppConfig):
    """Health."""

    name = "anlan.health"
    label = "health"

    def ready(self) -> None:
        """Register this app's sections of a pack and its events."""
        for module in ("pack", "events"):
            if find_spec(f"anlan.health.{module}"):
                import_module(f"anlan.health.{module}")
