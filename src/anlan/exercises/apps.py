"""The app."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig


class ExercisesConfig(AppConfig):
    """Exercises."""

    name = "anlan.exercises"
    label = "exercises"

    def ready(self) -> None:
        """Register this app's sections of a pack and its events."""
        for module in ("pack", "events"):
            if find_spec(f"anlan.exercises.{module}"):
                import_module(f"anlan.exercises.{module}")
