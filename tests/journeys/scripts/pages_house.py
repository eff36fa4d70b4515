"""A small house of rendered pages for the scripts: no database, our own content policy, a live stream."""

import json
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import ClassVar

from csp.utils import build_policy
from django.http import HttpRequest
from django.template import engines
from django.test import RequestFactory
from django_cotton.compiler_regex import CottonCompiler
from playwright.sync_api import Browser, Page

from tests.foundation.test_page_pieces import actor
from tests.journeys.browser import DESK, ROOT, new_context

STATIC = ROOT / "src/anlan/foundation/static"
KINDS = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


class House(BaseHTTPRequestHandler):
    """Serves rendered pages under the product's own content policy, a live stream and shapes for a map."""

    pages: ClassVar[dict[str, str]] = {}
    live: ClassVar["queue.Queue[str | None]"] = queue.Queue()
    posts: ClassVar[list[str]] = []
    visits: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        self.visits.append(path)
        if path.startswith("/static/"):
            file = STATIC / path.removeprefix("/static/")
            self._answer(file.read_bytes(), KINDS[file.suffix])
        elif path == "/live/":
            self._stream()
        elif path == "/shapes/":
            self._answer(self.pages[path].encode(), "application/geo+json")
        elif path in self.pages:
            self._answer(self.pages[path].encode(), "text/html; charset=utf-8")
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        self.posts.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self._answer(b"<!doctype html><title>done</title>", "text/html")

    def _answer(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", build_policy())
        self.end_headers()
        self.wfile.write(body)

    def _stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write(b": open\n\n")
        self.wfile.flush()
        while (topic := self.live.get()) is not None:
            self.wfile.write(f"event: changed\ndata: {json.dumps({'topic': topic})}\n\n".encode())
            self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


@contextmanager
def open_house() -> Iterator[str]:
    """Serve an empty house and yield its address."""
    House.pages, House.posts, House.visits, House.live = {}, [], [], queue.Queue()
    server = ThreadingHTTPServer(("127.0.0.1", 0), House)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    House.live.put(None)
    server.shutdown()
    server.server_close()


def request() -> HttpRequest:
    """Return a request of somebody signed in."""
    made = RequestFactory().get("/design/")
    made.user = SimpleNamespace(is_authenticated=True)  # type: ignore[assignment]
    made.actor = actor()  # type: ignore[attr-defined]
    made.posts = [made.actor]  # type: ignore[attr-defined]
    return made


def page_with(content: str, scripts: str = "") -> str:
    """Render a page of the house with this content."""
    source = (
        '{% extends "base.html" %}{% load static i18n page %}{% block title %}试{% endblock %}'
        "{% block content %}" + content + "{% endblock %}{% block scripts %}" + scripts + "{% endblock %}"
    )
    return engines["django"].from_string(CottonCompiler().process(source)).render({}, request())


def visit(browser: Browser, address: str, size: tuple[int, int] = DESK) -> Page:
    """Open a page in a fresh profile."""
    page = new_context(browser, size).new_page()
    page.goto(address)
    return page
