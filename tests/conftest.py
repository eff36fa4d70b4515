"""Gives each process of a run a PostgreSQL of its own (embedded, a temporary folder), or DATABASE_URL.

Of its own, because a seal waits for the open transactions of the whole server: tests would wait for others.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django
import pytest
from django.db import connections
from django.test import client
from django.test.utils import setup_databases, teardown_databases
from pytest_django.plugin import DjangoDbBlocker

from anlan.foundation.clock import utc_now
from anlan.foundation.postgres import Server, ensure_cluster
from tests.migrated import WHERE, begin_making, begin_with_tables, use_test_database
from tests.proof import Proving

if TYPE_CHECKING:
    from tests.world import World

PREFIX = "anlan-test-"

# Before Django reads its settings, which pytest-django does after this file.
FOLDER = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir="/tmp"))
FOLDER.chmod(0o711)  # for root the server runs as nobody
os.environ["ANLAN_DATA_DIR"] = str(FOLDER)
os.environ.setdefault(WHERE, str(FOLDER / "migrated"))  # of the process that starts the others
os.environ["DJANGO_SETTINGS_MODULE"] = "anlan.wiring.settings"
# Pages name their static files plainly here: nothing is collected for a test.
os.environ.setdefault("ANLAN_STATIC_STORAGE", "django.contrib.staticfiles.storage.StaticFilesStorage")

_making: list[subprocess.Popen[bytes]] = []
_keep_rendered = client.store_rendered_templates


def _keep_what_was_rendered_first(store: dict[str, Any], *given: Any, **named: Any) -> None:
    """Keep the context of the page itself; Django would copy those of its thirty pieces too."""
    if "context" not in store:
        _keep_rendered(store, *given, **named)


client.store_rendered_templates = _keep_what_was_rendered_first


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `make prove` ask for the acceptance sizes."""
    parser.addoption("--prove", action="store_true", help="run proofs at their acceptance sizes")


def pytest_configure(config: pytest.Config) -> None:
    """Make Django ready for collection; the process that starts others has their tables made meanwhile."""
    django.setup()
    config.pluginmanager.register(Proving(config), "proving")
    _remove_leftovers()
    if config.getoption("numprocesses", None) and not hasattr(config, "workerinput"):
        if not os.environ.get("DATABASE_URL"):
            _making.append(begin_making())
        del os.environ["DJANGO_SETTINGS_MODULE"]  # workers would read the settings of this one


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove what this process left."""
    for making in _making:
        making.terminate()
        making.wait()
    shutil.rmtree(FOLDER, ignore_errors=True)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that at the end no process works alone."""
    items.sort(key=_rank)


def _rank(item: pytest.Item) -> int:
    """Return 0 for what takes minutes (browsers, proofs, houses), 1 for tests of rights, 2 for others."""
    runs_long = any(item.get_closest_marker(name) for name in ("browser", "proof"))
    if runs_long or "short_folder" in getattr(item, "fixturenames", ()):
        return 0
    return 1 if "rights" in item.path.parts else 2


def _remove_leftovers() -> None:
    """Remove the folders of runs that were killed before they could."""
    for folder in Path("/tmp").glob(f"{PREFIX}*-*"):
        pid = folder.name.removeprefix(PREFIX).partition("-")[0]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists():
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """An empty folder with a path short enough for a socket, open for `nobody`."""
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir="/tmp"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def durable_server(short_folder: Path) -> Iterator[Server]:
    """A server of its own that keeps what it acknowledged (fsync on), for tests that kill things."""
    server = ensure_cluster(short_folder)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_modify_db_settings: None,
    django_db_blocker: DjangoDbBlocker,
    pytestconfig: pytest.Config,
) -> Iterator[None]:
    """Give this process its test database, the owner's; the application's login mirrors it."""
    with ExitStack() as after:
        with django_db_blocker.unblock():
            if os.environ.get("DATABASE_URL"):
                made = setup_databases(verbosity=0, interactive=False)
                after.callback(teardown_databases, made, verbosity=0)
            else:
                begin_with_tables(FOLDER)
                server = ensure_cluster(FOLDER, durable=pytestconfig.getoption("--prove"))
                server.start()
                after.callback(server.stop)
                use_test_database()
            put_standard_pack_in_force()
        yield
        with django_db_blocker.unblock():
            connections.close_all()  # an open connection would delay the drop
            after.close()


def put_standard_pack_in_force() -> None:
    """Load the standard pack unless one is in force; a flush after a transactional test removes it.

    In a connection of its own, so that it outlives the test that asks and is not read again for the next.
    """
    from anlan.foundation.models import PackVersion  # models exist only once Django is set up
    from anlan.foundation.pack_store import find_pack, load_pack

    def load() -> None:
        load_pack(find_pack("standard"), utc_now())
        connections.close_all()

    if not PackVersion.objects.filter(in_force=True).exists():
        with ThreadPoolExecutor(1) as beside:
            beside.submit(load).result()


@pytest.fixture
def standard_pack(db: None) -> None:
    """The pack `standard` in force."""
    put_standard_pack_in_force()


@pytest.fixture
def world(standard_pack: None) -> "World":
    """The small town of named people (tests/world.py), with the standard pack in force."""
    from tests.world import build_world  # models exist only once Django is set up

    return build_world()
