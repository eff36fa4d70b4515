"""What set-up installs is pinned to the byte and comes from wherever this machine gets its packages."""

import json
import re
import tomllib

from tests.architecture.source import ROOT

ADDRESS = re.compile(r"\b(?:https?|git\+\w+|ssh|file)://")


def test_every_python_package_is_pinned_with_its_hashes_and_no_address() -> None:
    lock = (ROOT / "requirements.txt").read_text()
    entries = re.split(r"\n(?=\S)", lock.strip())

    loose = [
        entry.splitlines()[0]
        for entry in entries
        if not re.match(r"[A-Za-z0-9._-]+(\[[\w,-]+\])?==\S+", entry) or "--hash=sha256:" not in entry
    ]

    assert loose == []
    assert ADDRESS.findall(lock) == []


def test_every_wanted_package_is_in_the_lock() -> None:
    lock = (ROOT / "requirements.txt").read_text()
    locked = {
        name.lower().replace("_", "-") for name in re.findall(r"^([A-Za-z0-9._-]+)(?:\[|==)", lock, re.M)
    }
    with (ROOT / "pyproject.toml").open("rb") as file:
        needed = tomllib.load(file)["build-system"]["requires"]  # built without isolation
    files = sorted(ROOT.glob("requirements*.in"))
    wanted = [line for file in files for line in file.read_text().splitlines()] + needed

    names = {re.split(r"[\[<>=!~ ;]", line)[0].lower().replace("_", "-") for line in wanted if line.strip()}

    assert names - locked == set()


def test_the_library_needs_three_packages_and_every_extra_is_one_of_the_lists() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)

    extras = project["tool"]["setuptools"]["dynamic"]["optional-dependencies"]
    assert project["project"]["dependencies"] == ["numpy", "scipy", "numba"]
    assert {name for extra in extras.values() for name in extra["file"]} == {
        path.name for path in ROOT.glob("requirements*.in")
    }
    assert extras["anlan"] == {"file": ["requirements.in"]}


def test_every_frontend_package_is_pinned_with_its_digest_and_no_address() -> None:
    text = (ROOT / "frontend" / "package-lock.json").read_text()
    packages = json.loads(text)["packages"]

    loose = [name for name, facts in packages.items() if name and not facts.get("integrity")]

    assert loose == []
    assert ADDRESS.findall(text) == []
