"""The app."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig


class ResponseConfig(AppConfig):
    """Response."""

    name = "anlan.response"
    label = "response"

    def ready(self) -> None:
        """Register this app's sections of a pack and its events."""
        for module in ("pack", "events"):
            if find_spec(f"anlan.response.{module}"):
                import_module(f"anlan.response.{module}")
