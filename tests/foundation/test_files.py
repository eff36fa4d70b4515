"""Files: encrypted, scoped, with a purpose and an end, handed out as attachments."""

import stat
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from anlan.foundation.errors import NotAllowed, NotFound
from anlan.foundation.files import MAX_BYTES, FileRefused, expire_files, open_file, store_file
from anlan.foundation.models import StoredFile
from anlan.foundation.scope import scope
from tests.world import GRID_A, GRID_B, World

pytestmark = pytest.mark.django_db
PICTURE = b"\xff\xd8\xff\xe0 a door in spring"


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, settings: Settings) -> None:
    settings.FILES_DIR = tmp_path / "files"


def store(
    world: World,
    handle: str = "wang",
    *,
    name: str = "门牌.jpg",
    content: bytes = PICTURE,
    area: str = GRID_A,
    purpose: str = "grid_work",
    days: int = 7,
) -> StoredFile:
    actor = world.actor(handle)
    with scope(actor):
        return store_file(
            actor=actor, area_code=area, name=name, content=content, purpose=purpose,
            expires_at=world.now + timedelta(days=days), now=world.now,
        )  # fmt: skip


def stored_bytes(folder: Path) -> list[Path]:
    return [path for path in (folder / "files").rglob("*") if path.is_file()]


def test_a_file_comes_back_as_it_was_and_lies_encrypted(world: World, tmp_path: Path) -> None:
    row = store(world)

    with scope(world.actor("wang")):
        found, content = open_file(world.actor("wang"), row.pk, now=world.now)

    assert (found.name, found.media_type, content) == ("门牌.jpg", "image/jpeg", PICTURE)
    [path] = stored_bytes(tmp_path)
    assert b"door" not in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_equal_contents_are_stored_once_and_go_with_the_last_row(
    world: World, tmp_path: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    store(world, days=1)
    store(world, "liu", area=GRID_B, days=3)
    assert len(stored_bytes(tmp_path)) == 1

    with django_capture_on_commit_callbacks(execute=True):
        assert expire_files(now=world.now + timedelta(days=2)) == 1
    assert len(stored_bytes(tmp_path)) == 1

    with django_capture_on_commit_callbacks(execute=True):
        assert expire_files(now=world.now + timedelta(days=4)) == 1
    assert stored_bytes(tmp_path) == []


def test_a_file_past_its_end_is_not_found_even_before_it_is_removed(world: World) -> None:
    row = store(world, days=1)

    with scope(world.actor("wang")), pytest.raises(NotFound):
        open_file(world.actor("wang"), row.pk, now=world.now + timedelta(days=2))


@pytest.mark.parametrize("handle", ["liu", "li", "han", "zhao", "he"])
def test_a_neighbour_and_a_post_of_another_purpose_do_not_find_it(
    world: World, client: Client, handle: str
) -> None:
    row = store(world)

    assert world.sign_in(client, handle).get(f"/files/{row.pk}/").status_code == 404


def test_a_health_file_is_not_found_by_the_grid_worker_of_its_place(world: World) -> None:
    row = store(world, "zhou", purpose="health")

    with scope(world.actor("wang")), pytest.raises(NotFound):
        open_file(world.actor("wang"), row.pk, now=world.now)
    with scope(world.actor("zheng")):
        assert open_file(world.actor("zheng"), row.pk, now=world.now)[1] == PICTURE


def test_it_is_handed_out_as_an_attachment_that_no_browser_runs(world: World, client: Client) -> None:
    row = store(world)

    answer = world.sign_in(client, "wang").get(f"/files/{row.pk}/")

    assert answer.content == PICTURE
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"


def test_a_stranger_is_asked_to_sign_in(world: World, client: Client) -> None:
    assert client.get(f"/files/{store(world).pk}/").status_code == 302


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.svg", b"<svg onload=alert(1)>"),
        ("a.html", b"<script>"),
        ("a.jpg", b"<script>alert(1)</script>"),
        ("a.pdf", PICTURE),
        ("a", PICTURE),
        ("a.jpg.exe", PICTURE),
        ("a.txt", b"\x00\x01"),
        ("a.jpg", b""),
        ("", PICTURE),
        ("a.jpg", PICTURE + bytes(MAX_BYTES)),
    ],
)
def test_what_is_not_taken_is_refused(world: World, tmp_path: Path, name: str, content: bytes) -> None:
    with pytest.raises(FileRefused):
        store(world, name=name, content=content)

    assert stored_bytes(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/门.jpg", "门.jpg"),
        ("C:\\文档\\门.jpg", "门.jpg"),
        ("a\u202egpj.jpg", "agpj.jpg"),
        ("a\r\nX: y.jpg", "aX: y.jpg"),
        ("长" * 300 + ".jpg", "长" * 116 + ".jpg"),
    ],
)
def test_names_are_kept_without_what_deceives(world: World, name: str, shown: str) -> None:
    assert store(world, name=name).name == shown


def test_one_stores_in_ones_own_place_and_for_ones_own_purpose_alone(world: World) -> None:
    with pytest.raises(NotFound):
        store(world, area=GRID_B)
    with pytest.raises(NotAllowed):
        store(world, purpose="health")
