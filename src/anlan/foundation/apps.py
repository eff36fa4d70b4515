"""The app."""

from importlib import import_module

from django.apps import AppConfig


class FoundationConfig(AppConfig):
    """Foundation."""

    name = "anlan.foundation"
    label = "foundation"

    def ready(self) -> None:
        """Register the checks that fail a build."""
        import_module("anlan.foundation.checks")  # needs the models
