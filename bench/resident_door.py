"""Stands for the resident's door of later: a source of the inbox with a light intake, and one public page."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.decorators.cache import cache_control

from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.models import Envelope
from anlan.wiring import ports

SOURCE = "resident-reports"
PUBLIC_PATH = "/for-residents/"
LARGE_PATH, LARGE = "/files/large/", 50 * 1024 * 1024
# About as long as the sign-in page; without a form, whose token would make it a page of one visitor.
PAGE = f"<!doctype html><html lang=zh-CN><title>安澜</title><main>{'<p>居民须知</p>' * 200}</main></html>"


def apply_resident_report(actor: Actor, envelope: Envelope, body: Mapping[str, Any], now: datetime) -> None:
    """Note that a resident reported."""
    audit.record("resident_report", "foundation.Envelope", [envelope.record_id], area_code=envelope.area_code)


@cache_control(public=True, max_age=5)
def for_residents(request: HttpRequest) -> HttpResponse:
    """Show a page that is the same for every stranger."""
    return HttpResponse(PAGE)


def large(request: HttpRequest) -> HttpResponse:
    """Answer fifty megabytes, as a large export does."""
    return HttpResponse(b"x" * LARGE, content_type="application/octet-stream")


PORTS = replace(ports.PORTS, sources={**ports.PORTS.sources, SOURCE: apply_resident_report})
urlpatterns = [
    path(PUBLIC_PATH.lstrip("/"), for_residents),
    path(LARGE_PATH.lstrip("/"), large),
    path("", include("anlan.wiring.urls")),
]
