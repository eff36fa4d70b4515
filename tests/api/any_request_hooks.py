"""Schemathesis's hooks, read in its own environment: who asks, and now and then something that exists."""

import json
import os
import random
import re
import uuid
from typing import Any

import schemathesis
from schemathesis.specs.openapi.checks import negative_data_rejection

GIVEN: dict[str, Any] = json.loads(os.environ["ANLAN_ANY_REQUEST"])
SUITED = 0.8  # so often by somebody to whom the address is open
EXISTING = 0.7  # so often about something that exists
OK, REFUSED = 200, 400
ID = re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """Ask as one of several callers; put what exists where well-formed ids and bodies were made up."""
    suited = next((GIVEN["suited"][path] for path in GIVEN["suited"] if case.path.startswith(path)), None)
    callers = suited if suited and random.random() < SUITED else GIVEN["callers"]
    case.headers.update(random.choice(callers))
    if random.random() < EXISTING:
        _name_what_exists(case)


def _name_what_exists(case: Any) -> None:
    for name, value in (case.path_parameters or {}).items():
        if name in GIVEN["ids"] and (ID.fullmatch(str(value)) or str(value).isdigit()):
            case.path_parameters[name] = random.choice(GIVEN["ids"][name])
    if not case.meta.generation.mode.is_positive:
        return  # what is wrong about it must stay wrong
    if "key" in (case.query or {}):
        case.query["key"] = GIVEN["key"]
    sample = GIVEN["bodies"].get(case.path)
    if sample is not None and isinstance(case.body, dict) and "envelopes" not in case.body:
        case.body = _mixed(sample, case.body)


def _mixed(sample: dict[str, Any], made_up: dict[str, Any]) -> dict[str, Any]:
    """Return a body that would be accepted, with one field of the made-up one in it."""
    body: dict[str, Any] = json.loads(json.dumps(sample).replace("NEW", str(uuid.uuid4())))
    name = random.choice(list(made_up)) if made_up else None
    if name == "body" and isinstance(body.get("body"), dict):
        body["body"] = _mixed(body["body"], made_up["body"])
    elif name is not None and name not in {"key", "record_id"}:
        body[name] = made_up[name]
    return body


@schemathesis.check
def wrong_data_rejection(ctx: Any, response: Any, case: Any) -> bool | None:
    """Expect that wrong data is refused; of several envelopes each has an answer of its own below a 200."""
    if response.status_code == OK and case.path.startswith("/inbox/"):
        answers = response.json().get("answers", [])
        if any(one["status"] >= REFUSED for one in answers):
            return None
    found: bool | None = negative_data_rejection(ctx, response, case)
    return found


schemathesis.hook(before_call)
