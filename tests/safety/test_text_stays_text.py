"""Rows 5, 8 and 18: what people and systems write is shown as they wrote it and does nothing, anywhere."""

import http.client
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from playwright.sync_api import Browser, Page

from anlan.affairs.actions import NewRequest, request_admission
from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import day_of
from anlan.foundation.ids import new_id
from anlan.foundation.models import Envelope
from anlan.foundation.scope import duty, scope
from anlan.health.models import CountFile
from anlan.organisation.models import Member
from anlan.response.models import LiftingNotice
from anlan.surveillance.models import Signal, WarningReceipt
from anlan.workorders.models import WorkOrder
from tests.api.calling import system
from tests.foundation.asking import envelope, give_token, with_token
from tests.journeys.browser import DESK, listen, new_context, open_browser
from tests.journeys.town import ask, running, until
from tests.surveillance.test_loop import raise_signal
from tests.world import DISTRICT, GRID_A, SPRING, World, build_world

BAD = '"><script>hacked=1</script><img src=x onerror=hacked=1>{{7*7}}'
FORMULA = '=HYPERLINK("http://evil.example","x")'
FILE = "<img src=x onerror=hacked=1>.csv"
AGENT = "<script>hacked=1</script>"


def entered(world: World) -> dict[str, str]:
    """Write hostile text by pages and actions; return where single things are shown."""
    wang = world.sign_in(Client(headers={"User-Agent": AGENT}), "wang")
    home = world.households[GRID_A][3].pk
    person = {"resident_id": str(new_id()), "name": BAD[:60], "relation": FORMULA[:20], "phone": ""}
    assert wang.post(f"/households/{home}/register/", person).status_code == 302
    problem = {"order_id": str(new_id()), "area_code": GRID_A, "category": "waste"}
    told = wang.post("/orders/problem/", {**problem, "place_name": BAD, "words": f"{BAD} {FORMULA}"})
    assert told.status_code == 302, told.content.decode()[-3000:]
    content = SimpleUploadedFile(FILE, b"day,item,count\n2026-01-01,+cmd|x,1\n")
    chu = world.sign_in(Client(), "chu")
    assert chu.post("/counts/files/", {"file": content, "source": BAD[:40]}).status_code == 302
    with transaction.atomic():
        signal_id = raise_signal(world)
    with transaction.atomic(), duty("react", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        Signal.objects.filter(pk=signal_id).update(place_name=BAD)
        _notices(world)
        file_id = CountFile.objects.get().pk
    with transaction.atomic(), scope(world.actor("shen")):
        admission = request_admission(
            actor=world.actor("shen"),
            request=NewRequest(
                title=BAD, basis=BAD, minutes=30, frequency="monthly", ends_on=day_of(world.now),
                area_codes=(SPRING,),
            ),
            now=world.now,
        )  # fmt: skip
    Member.objects.filter(pk=world.members["shi"].pk).update(name=BAD, unit=FORMULA)
    return {
        "person": f"/people/{person['resident_id']}/",
        "household": f"/households/{home}/",
        "problem": f"/orders/{problem['order_id']}/",
        "signal": f"/signals/{signal_id}/",
        "file": f"/counts/files/{file_id}/",
        "admission": f"/gate/{admission.pk}/",
        "post": f"/posts/{world.posts['shi'].pk}/",
        "member": f"/members/{world.members['shi'].pk}/",
    }


def _notices(world: World) -> None:
    told = {"area_code": GRID_A, "from_area": BAD, "text": BAD, "sent_at": world.now}
    WarningReceipt.objects.create(product_id=new_id(), kind="warning_notification", **told)
    LiftingNotice.objects.create(proposal_id=new_id(), receiver=BAD, **told)


def sent_to(base: str, world: World) -> str:
    """Send a problem with hostile text to the inbox; return where its order is shown once it is applied."""
    body = {"category": "waste", "words": f"{BAD} inbox", "place_name": BAD}
    sent = envelope(GRID_A, body=body)
    link = http.client.HTTPConnection(base.removeprefix("http://"), timeout=60)
    token = with_token(give_token(world.appointments["wang"].pk, "problems"))
    link.request("POST", "/inbox/problems/", json.dumps(sent), token)
    assert link.getresponse().status == 201

    def applied() -> bool:
        with duty("apply_envelope", ranges=AreaRanges.everywhere(), cause="test"):
            return Envelope.objects.filter(key=sent["key"], state="applied").exists()

    until(applied)
    return f"/orders/{sent['record_id']}/"


PAGES: dict[str, list[tuple[str, bool]]] = {  # who looks where; whether the text must stand there
    "wang": [
        ("/people/", False), ("person", False), ("household", False), ("/orders/?view=open", True),
        ("problem", True), ("inbox", True), ("/work/", False), ("/warnings/", True), ("/lifting/", True),
        ("/", False),
    ],
    "kong": [
        ("/desk/community/", False), ("/orders/?view=check", True), ("problem", True), ("/gate/", True),
        ("admission", True), ("post", True), ("member", True), ("/posts/", True),
    ],
    "chu": [("/counts/files/", True), ("file", True), ("/reporting/", False)],
    "zhou": [("/signals/", True), ("signal", True), ("/desk/", False), ("/brief/", False)],
    "xu": [("/audit/", False)],
}  # fmt: skip


@pytest.fixture
def town_with_text(standard_pack: None) -> World:
    return build_world()


@pytest.fixture
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


def signed_in_page(browser: Browser, base: str, world: World, handle: str) -> tuple[Page, list[str]]:
    def session() -> str:
        world.accounts[handle].refresh_from_db()  # the running house gave everybody a password
        return str(world.sign_in(Client(), handle).session.session_key)

    context = new_context(browser, DESK)
    context.add_cookies([{"name": "sessionid", "value": ask(session), "url": base}])
    page = context.new_page()
    return page, listen(page)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_hostile_text_is_shown_and_does_nothing(town_with_text: World) -> None:
    """Nothing runs, nothing is fetched, the policy of content has nothing to report."""
    world, wrong = town_with_text, []
    places = entered(world)
    with running(world) as town:
        places["inbox"] = sent_to(town.base, world)
        with open_browser() as browser:
            for handle, pages in PAGES.items():
                page, complaints = signed_in_page(browser, town.base, world, handle)
                for path, must_show in pages:
                    address = places.get(path, path)
                    answer = page.goto(town.base + address)
                    where = f"{handle} {address}"
                    if answer is None or answer.status != 200 or "/accounts/" in page.url:
                        wrong.append(f"{where}: {answer.status if answer else 'no answer'}")
                    if page.evaluate("'hacked' in window"):
                        wrong.append(f"{where}: it ran")
                    if must_show and "onerror=hacked" not in page.inner_text("body"):
                        wrong.append(f"{where}: not shown as it was written")
                wrong += [f"{handle}: {one}" for one in complaints]
    assert not wrong, "\n".join(wrong)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_the_brief_as_a_file_holds_no_script(town_with_text: World) -> None:
    entered(town_with_text)

    answer = town_with_text.sign_in(Client(), "zhou").get("/brief.pdf")

    assert answer["Content-Type"] == "application/pdf" and answer.content.startswith(b"%PDF")
    assert not any(word in answer.content for word in (b"/JavaScript", b"/JS", b"/Launch", b"/OpenAction"))


def test_the_api_hands_hostile_text_out_as_text(world: World) -> None:
    wang, home = system(world, "wang"), world.households[GRID_A][3].pk
    sent: dict[str, Any] = {"id": str(new_id()), "name": f"{FORMULA}", "relation": "<b>"}

    entered_one = wang.ask("POST", f"/households/{home}/residents", sent)
    order = {"order_id": str(new_id()), "area_code": GRID_A, "category": "waste", "words": f"{BAD} {FORMULA}"}
    world.sign_in(Client(), "wang").post("/orders/problem/", order)
    shown = wang.ask("GET", f"/orders/{order['order_id']}")

    assert entered_one.status_code == 201
    assert json.loads(shown.content)["task"] == f"{BAD} {FORMULA}"
    for one in (entered_one, shown):
        assert one["Content-Type"].startswith("application/json")
        assert one["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in one["Content-Security-Policy"]


def test_a_name_is_found_by_either_form_over_the_api(world: World) -> None:
    """SAFETY.md 8: dots, full-width blanks, rare characters, names of 1 and of 30 characters."""
    wang, home = system(world, "wang"), world.households[GRID_A][3].pk
    names = {
        "阿依古丽·买买提": "阿依古丽买买提",
        "何　小满": "何小满",
        "𬘬㛃": "𬘬㛃",
        "丰": "丰",
        "阿卜杜热合曼江麦麦提艾力阿卜杜热西提吾守尔托合提阿布都拉江买": "阿卜杜热合曼江",
    }
    for name in names:
        sent = {"id": str(new_id()), "name": name}
        assert wang.ask("POST", f"/households/{home}/residents", sent).status_code == 201

    for name, written in names.items():
        for words in (written, name.replace("　", "")):
            found = json.loads(wang.ask("POST", "/residents/search", {"q": words}).content)["rows"]
            assert found, (name, words)
    with duty("react", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        assert not WorkOrder.objects.filter(task__contains="?").exists()
