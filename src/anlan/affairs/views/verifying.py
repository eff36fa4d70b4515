"""Doors at which a certificate is verified by its number: one for everybody, one for staff."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from anlan.affairs.grant_pages import certificate_today
from anlan.affairs.grant_rules import code_as_kept
from anlan.affairs.models import Grant
from anlan.affairs.queries.grants import issued_grant, visible_grants
from anlan.foundation.doors import behind_sign_in
from anlan.foundation.middleware import ActorRequest
from anlan.foundation.rates import Rate, refuse_spent, spend

LOOKS = Rate("verify", 300, seconds=60)
MISSES = Rate("verify_missed", 30, seconds=300)  # numbers that were not given out
LONGEST_WRITTEN = 60


@require_GET
def verify_home(request: HttpRequest) -> HttpResponse:
    """Ask for the number of a certificate; a number that was typed leads to its page."""
    written = request.GET.get("code", "").strip()[:LONGEST_WRITTEN]
    if not written:
        return render(request, "affairs/verify.html", {"written": ""})
    code = code_as_kept(written)
    return redirect("verify", code=code) if code else _shown(request, None, written)


@require_GET
def verify(request: HttpRequest, code: str) -> HttpResponse:
    """Say what a certificate says and whether it holds; 404 for a number that was not given out."""
    refuse_spent(request, LOOKS)
    refuse_spent(request, MISSES)
    found = issued_grant(code_as_kept(code))
    spend(request, LOOKS if found else MISSES)
    return _shown(request, found, code[:LONGEST_WRITTEN])


@require_GET
@behind_sign_in()
def grant_verify(request: ActorRequest) -> HttpResponse:
    """Verify a certificate while signed in; where the grant is one's own to see, lead to it."""
    written = request.GET.get("code", "").strip()[:LONGEST_WRITTEN]
    found = issued_grant(code_as_kept(written))
    is_near = found is not None and visible_grants(request.actor).filter(pk=found.pk).exists()
    context = _context(found, written) | {"grant_id": found.pk if found and is_near else None}
    return render(request, "affairs/grant_verify.html", context)


def _shown(request: HttpRequest, found: Grant | None, written: str) -> HttpResponse:
    return render(request, "affairs/verify.html", _context(found, written), status=200 if found else 404)


def _context(found: Grant | None, written: str) -> dict[str, object]:
    return {"certificate": certificate_today(found) if found else None, "written": written}
