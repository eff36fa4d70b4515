"""Call the API as a system with a credential, or as somebody signed in."""

import json
from typing import Any, cast

from django.http import HttpResponse
from django.test import Client

from tests.foundation.asking import give_token
from tests.world import World


class Caller:
    """One caller of the API; answers are JSON or the test fails."""

    def __init__(self, client: Client, headers: dict[str, str] | None = None) -> None:
        self.client, self.headers = client, headers or {}

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        """Send one request; a body that is no bytes is written as JSON."""
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        both = {**self.headers, **headers}
        answer = self.client.generic(method, f"/api{path}", raw, "application/json", headers=both)
        assert answer["Content-Type"].startswith("application/json"), answer.content[:300]
        assert answer["Cache-Control"] == "private, no-store"
        return cast("HttpResponse", answer)

    def get(self, path: str) -> Any:
        """Return what an address shows; it must show something."""
        answer = self.ask("GET", path)
        assert answer.status_code == 200, answer.content
        return json.loads(answer.content)


def system(world: World, handle: str, source: str = "counts") -> Caller:
    """Return a system that acts through this person's appointment."""
    token = give_token(world.appointments[handle].pk, source)
    return Caller(Client(), {"Authorization": f"Bearer {token}"})


def signed_in(world: World, handle: str, *, checks_forgery: bool = False) -> Caller:
    """Return a signed-in person's browser."""
    return Caller(world.sign_in(Client(enforce_csrf_checks=checks_forgery), handle))


def said(answer: HttpResponse) -> tuple[int, str]:
    """Return the status and the code of a refusal."""
    return answer.status_code, json.loads(answer.content)["code"]
