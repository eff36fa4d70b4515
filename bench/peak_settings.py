"""The house's settings, with the resident's door of bench/resident_door.py."""

from anlan.wiring.settings import *  # noqa: F403

ROOT_URLCONF = "bench.resident_door"
ANLAN_PORTS = "bench.resident_door.PORTS"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
