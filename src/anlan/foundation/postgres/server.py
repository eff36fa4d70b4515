"""Makes, starts and ends the embedded server."""

import fcntl
import os
import pwd
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from anlan.foundation.parenthood import die_with_parent
from anlan.foundation.postgres.address import PORT, SUPERUSER, ServerFailed, socket_directory
from anlan.foundation.postgres.binaries import Binaries, choose_binaries
from anlan.foundation.postgres.cluster import (
    clean_environment,
    make_home,
    make_socket_directory,
    prepare,
    running_as,
    write_access_rules,
)

WAIT_SECONDS = 60  # for another process's start, or for the shutdown of a server whose holder has died
RELAUNCH_SECONDS = 15  # after kill -9 of a postmaster its children hold the shared memory for a moment


def ensure_cluster(folder: Path, *, durable: bool = True) -> "Server":
    """Return the server of this data folder, making its cluster when there is none yet."""
    server = Server(folder.absolute(), durable=durable)
    folder.mkdir(parents=True, exist_ok=True)
    make_home(server.home)
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
        command += binaries.locale_arguments() + ([] if durable else ["--no-sync"])
        made = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env=clean_environment(),
            **running_as(account),
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
        if self.is_ours():
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
                prepare(self.folder)
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

    def is_ours(self) -> bool:
        """Whether this process holds a server that lives: cheap enough to ask ten times a second."""
        return self.process is not None and self.process.poll() is None

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
        make_socket_directory(self.socket_dir, self.home, account)
        write_access_rules(self.data_dir, account)
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
                    env=clean_environment(),
                    start_new_session=True,
                    preexec_fn=die_with_parent(os.getpid(), signal.SIGINT),  # noqa: PLW1509 - only system calls after the fork
                    **running_as(account),
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
            "shared_buffers": f"{min(2048, max(64, memory_mb // 8))}MB",
            "effective_cache_size": f"{max(256, memory_mb // 2)}MB",
            "max_connections": "150",
            "max_wal_size": "4GB",
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


def _exclusive(path: Path) -> Any:
    handle = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600), "r+")
    fcntl.flock(handle, fcntl.LOCK_EX)
    return handle
