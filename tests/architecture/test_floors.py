"""Apps stand on floors; imports, foreign keys and templates point down only."""

import os
import re
import subprocess
import sys
from pathlib import Path

from django.apps import apps as registry

from tests.architecture.source import (
    ANLAN,
    ROOT,
    SRC,
    WITHOUT_FLOOR,
    app_imports,
    apps,
    floors,
    modules,
    shown,
)

ORDER = [
    {"urls"},
    {"views", "api", "intake", "jobs"},
    {"forms"},
    {"actions"},
    {"queries"},
    {"models"},
    {"rules", "events"},
]
RANK = {module: len(ORDER) - number for number, row in enumerate(ORDER) for module in row}
INCLUSION = re.compile(r"""\{%\s*(?:extends|include)\s+["']([^"']+)["']""")


def test_every_folder_has_a_floor() -> None:
    folders = {path.name for path in ANLAN.iterdir() if path.is_dir() and path.name != "__pycache__"}

    assert folders - floors().keys() - WITHOUT_FLOOR == set()


def test_the_import_contracts_hold() -> None:
    told = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(SRC)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert told.returncode == 0, told.stdout + told.stderr


def test_another_app_is_used_only_through_its_public_doors() -> None:
    public = {"models", "queries", "actions", "events", "rules", "presenting", "pack"}  # decisions/0003
    wrong = [
        f"{shown(path)}:{line} uses anlan.{other}.{module}"
        for app in apps()
        if app != "wiring"
        for path in modules(ANLAN / app)
        for line, other, module in app_imports(path)
        if other not in {app, "foundation"} and module not in public
    ]

    assert wrong == []


def test_inside_an_app_doors_call_actions_call_queries_call_models() -> None:
    wrong = []
    for app in apps():
        for path in modules(ANLAN / app):
            own = path.relative_to(ANLAN / app).with_suffix("").parts[0]
            for line, other, module in app_imports(path):
                if other != app or module == own or own not in RANK or module not in RANK:
                    continue
                if RANK[module] >= RANK[own]:
                    wrong.append(f"{shown(path)}:{line} ({own}) uses {module}")

    assert wrong == []


def test_foreign_keys_point_down() -> None:
    wrong = []
    for model in registry.get_models():
        own = app_of(model)
        for field in model._meta.get_fields():
            if own is None or not field.is_relation or field.auto_created or not field.related_model:
                continue
            other = app_of(field.related_model)
            if other not in {None, own} and floors()[other or ""] >= floors()[own]:
                wrong.append(f"{model._meta.label}.{field.name} points up or sideways to {other}")

    assert wrong == []


def app_of(model: object) -> str | None:
    """The Anlan app a model belongs to."""
    name = getattr(model, "__module__", "").split(".")
    return name[1] if name[0] == "anlan" and len(name) > 1 else None


def test_templates_point_down() -> None:
    owner = {
        path.relative_to(ANLAN / app / "templates").as_posix(): app
        for app in apps()
        for path in (ANLAN / app / "templates").rglob("*.html")
    }
    wrong = []
    for name, app in owner.items():
        for used in INCLUSION.findall((ANLAN / app / "templates" / name).read_text()):
            other = owner.get(used.partition("#")[0])
            if other not in {None, app} and floors()[other or ""] >= floors()[app]:
                wrong.append(f"{app}: {name} uses {used} of {other}")

    assert wrong == []
