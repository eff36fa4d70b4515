"""The kinds of requests: which path belongs to which, and that together they fit into the database."""

import pytest
from django.db import connection

from anlan.wiring.asgi import entrances, kind_name
from anlan.wiring.kinds import KINDS, OTHER_CONNECTIONS
from tests.foundation.asking import request_scope


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/inbox/case-reports/", "intake"),
        ("/live/", "live"),
        ("/accounts/login/", "sign-in"),
        ("/static/built/style.css", "static"),
        ("/files/0190a0b0-0000-7000-8000-000000000001/", "files"),
        ("/api/signals/", "interface"),
        ("/readyz", "watch"),
        ("/", "pages"),
        ("/accountsx/", "pages"),
        ("//accounts/", "pages"),
    ],
)
def test_each_path_has_its_kind(path: str, name: str) -> None:
    assert kind_name(request_scope("GET", path, {})) == name


def test_what_carries_files_has_places_of_its_own() -> None:
    carrying = {"Content-Type": "multipart/form-data; boundary=x"}

    assert kind_name(request_scope("POST", "/counts/files/", carrying)) == "uploads"
    assert kind_name(request_scope("POST", "/inbox/counts/", carrying)) == "intake"


def test_every_kind_has_an_entrance_and_a_name_of_its_own() -> None:
    assert list(entrances) == [kind.name for kind in KINDS]
    assert len(set(entrances)) == len(KINDS)


@pytest.mark.django_db
def test_threads_and_other_processes_fit_into_the_connections_of_the_server() -> None:
    threads = sum(one.kind.threads for one in entrances.values() if hasattr(one, "threads"))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('max_connections')::int"
            " - current_setting('superuser_reserved_connections')::int"
        )
        room = cursor.fetchone()[0]

    assert threads > 0
    assert threads + sum(OTHER_CONNECTIONS.values()) <= room
