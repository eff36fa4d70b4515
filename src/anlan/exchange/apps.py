"""The exchange app."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """Tables in and out."""

    name = "anlan.exchange"
    label = "exchange"
