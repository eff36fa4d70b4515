"""The tests of rights are tested: each of twenty mistakes in scope code turns them red."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.migrated import WHERE
from tests.proof import ROOT, Proof
from tests.rights.mutations import MUTATIONS, Edit, Mutation

TESTS_FAILED = 1  # pytest's own exit code; 2 and above: the run itself went wrong, which proves nothing
LONGEST_SECONDS = 300  # a wait limit for each test or file named: a run that hangs
# What failed must be what a test asserts: code that merely broke would be noticed by any test.
CAUGHT = re.compile(r"^FAILED \S+::(\S+) - (?:AssertionError|assert |Failed: DID NOT RAISE)", re.MULTILINE)
# A run inside a run: it has a server, a folder and options of its own.
OF_THE_OUTER_RUN = ("PYTEST_", "ANLAN_", "DATABASE_URL", "DJANGO_", "PYTHONPATH")
TABLES_OF_THE_OUTER_RUN = {WHERE: os.environ[WHERE]}  # the same migrations make the same tables


def copy_of_source(folder: Path) -> Path:
    """Copy what a test run needs; the checkout itself is never changed."""
    for name in ("src", "tests"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy2(ROOT / "pyproject.toml", folder)
    return folder


def apply(edits: Iterable[Edit], folder: Path) -> None:
    for edit in edits:
        path = folder / edit.path
        text = path.read_text(encoding="utf-8")
        assert text.count(edit.old) == 1, f"{edit.path} no longer holds: {edit.old}"
        path.write_text(text.replace(edit.old, edit.new), encoding="utf-8")


def run_tests(folder: Path, tests: Iterable[str], **given: str) -> tuple[int, str]:
    """Run tests of a copy, up to the first that fails; return the exit code and what was said."""
    named = sorted(set(tests))
    environment = {key: value for key, value in os.environ.items() if not key.startswith(OF_THE_OUTER_RUN)}
    environment |= given
    environment["COLUMNS"] = "400"  # the summary cuts its lines to the terminal
    environment["PYTHONPATH"] = os.pathsep.join([str(folder / "src"), str(folder)])
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", *named],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST_SECONDS * len(named),
    )
    return run.returncode, run.stdout + run.stderr


def caught_by(mutation: Mutation, folder: Path) -> str:
    """Return the test whose assertion failed because of the mutation."""
    apply(mutation.edits, copy_of_source(folder))
    tables = {} if mutation.makes_own_tables else TABLES_OF_THE_OUTER_RUN
    code, said = run_tests(folder, mutation.tests, **tables)
    shutil.rmtree(folder)
    failed = CAUGHT.search(said)
    assert code == TESTS_FAILED and failed, f"not caught: {mutation.name}\n{said[-3000:]}"
    return failed[1]


def test_every_mutation_finds_its_text_once_and_changes_it() -> None:
    lost = [
        f"{mutation.name}: {edit.path}"
        for mutation in MUTATIONS
        for edit in mutation.edits
        if (ROOT / edit.path).read_text(encoding="utf-8").count(edit.old) != 1 or edit.old == edit.new
    ]

    assert lost == []
    assert len({mutation.name for mutation in MUTATIONS}) == len(MUTATIONS) == 20


@pytest.mark.proof(test=2, prove=20)
def test_each_mistake_in_scope_code_turns_the_tests_red(proof: Proof, tmp_path: Path) -> None:
    chosen = [test for mutation in MUTATIONS[: proof.size] for test in mutation.tests]
    code, said = run_tests(copy_of_source(tmp_path / "unmutated"), chosen, **TABLES_OF_THE_OUTER_RUN)
    assert code == 0, said[-3000:]

    caught = proof.figures.setdefault("caught by", {})
    for step in proof.steps():
        mutation = MUTATIONS[step.number]
        caught[mutation.name] = caught_by(mutation, tmp_path / str(step.number))

    assert len(caught) == proof.size
