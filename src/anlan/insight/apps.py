"""The app."""

from django.apps import AppConfig


class InsightConfig(AppConfig):
    """Insight."""

    name = "anlan.insight"
    label = "insight"
