"""What the API's document says of the inbox: one address a source, its envelope, batch and answers."""

from typing import Any

from django.utils.translation import gettext_noop as _
from pydantic import BaseModel

from anlan.foundation.inbox.shape import MAX_ENVELOPES
from anlan.health.intake import CaseReportBody, CountsBody
from anlan.workorders.intake import OrderWorkBody, ProblemBody

REF = "#/components/schemas/"
BODIES: dict[str, type[BaseModel]] = {
    "case-reports": CaseReportBody,
    "counts": CountsBody,
    "problems": ProblemBody,
    "order-work": OrderWorkBody,
}
TITLES = {
    "case-reports": _("送病例报告"),
    "counts": _("送一天的数字"),
    "problems": _("送居民提出的问题"),
    "order-work": _("送路上办理的工单"),
}
ABOUT = _(
    "收下（201）即已持久保存，由后台按发送岗位的范围采用；同一个键再送得 200 和同样的回答，同键不同内容得 409。去向用 GET /api/envelopes 查询。一次可送一件，或以 envelopes 送多件，逐件回答。"  # noqa: E501 - one paragraph
)
OF_BODIES = _("不符合这一来源格式的内容也先收下，随后搁置，由发送方和复核人处理。")
REFUSED = (400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 503)
ID = {"type": "string", "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"}
ANSWERED = {
    "type": "object",
    "properties": {
        "status": {"type": "integer"},
        "id": ID,
        "code": {"type": "string"},
        "message": {"type": "string"},
    },
    "required": ["status"],
}
TAKEN = {"type": "object", "properties": {"id": ID}, "required": ["id"], "additionalProperties": False}
REFUSAL = {
    "type": "object",
    "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
    "required": ["code", "message"],
}
OF_A_BATCH = {
    "type": "object",
    "properties": {"answers": {"type": "array", "items": {"$ref": f"{REF}InboxAnswer"}}},
    "required": ["answers"],
}


def inbox_paths() -> dict[str, Any]:
    """Return the address of each source."""
    return {f"/inbox/{source}/": {"post": _operation(source)} for source in BODIES}


def inbox_bodies() -> dict[str, Any]:
    """Return the shapes that the addresses name."""
    shapes: dict[str, Any] = {
        "InboxAnswer": ANSWERED,
        "InboxRefusal": REFUSAL,
        "InboxTaken": TAKEN,
        "OfABatch": OF_A_BATCH,
    }
    for source, model in BODIES.items():
        made = model.model_json_schema(ref_template=REF + "{model}")
        shapes |= made.pop("$defs", {})
        shapes[model.__name__] = made
        shapes[_envelope(source)] = _envelope_of(model)
    return shapes


def _envelope(source: str) -> str:
    return f"Envelope-{source}"


def _envelope_of(model: type[BaseModel]) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["key", "record_id", "area_code", "body"],
        "properties": {
            "key": {"type": "string", "pattern": r"^[^\x00-\x20\x7f]{1,200}$"},
            "record_id": ID,
            "area_code": {"type": "string", "pattern": "^[0-9]{6}([0-9]{3}){0,4}$"},
            "device_at": {"type": ["string", "null"], "format": "date-time"},
            "appointment_id": ID,
            "body": {
                "description": OF_BODIES,
                "anyOf": [{"$ref": REF + model.__name__}, {"type": "object"}],
            },
        },
    }


def _operation(source: str) -> dict[str, Any]:
    one = {"$ref": REF + _envelope(source)}
    many = {
        "type": "object",
        "additionalProperties": False,
        "required": ["envelopes"],
        "properties": {
            "envelopes": {"type": "array", "items": one, "minItems": 1, "maxItems": MAX_ENVELOPES}
        },
    }
    taken, batch = {"$ref": f"{REF}InboxTaken"}, {"$ref": f"{REF}OfABatch"}
    return {
        "operationId": f"send_{source.replace('-', '_')}",
        "summary": TITLES[source],
        "description": ABOUT,
        "tags": ["inbox"],
        "security": [{"Credential": []}, {"SignedIn": []}],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"oneOf": [one, many]}}},
        },
        "responses": {
            "200": _said("OK", {"anyOf": [taken, batch]}),
            "201": _said("Created", taken),
            **{str(status): _said("", {"$ref": f"{REF}InboxRefusal"}) for status in REFUSED if status != 503},
            "503": _said("", {"anyOf": [{"$ref": f"{REF}InboxRefusal"}, batch]}),
        },
    }


def _said(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}
