"""The app."""

from django.apps import AppConfig


class FieldConfig(AppConfig):
    """Field."""

    name = "anlan.field"
    label = "field"
