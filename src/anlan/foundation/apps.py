"""The app."""

from django.apps import AppConfig


class FoundationConfig(AppConfig):
    """Foundation."""

    name = "anlan.foundation"
    label = "foundation"
