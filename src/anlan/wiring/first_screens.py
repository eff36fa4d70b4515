"""Where each post begins: the pack names a first screen for a role, here stands its page."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET

from anlan.foundation.actor import Actor
from anlan.foundation.doors import behind_sign_in
from anlan.foundation.middleware import ActorRequest

ELSE = "my_work"
# the pack's first_screen: the name of its page; a screen without a page of its own begins at ELSE
FIRST_SCREENS = {
    "my_day": "my_day",
    "community_desk": "community_desk",
    "subdistrict_desk": "subdistrict_desk",
    "cdc_desk": "cdc_desk",
    "disease_control_desk": "disease_control_desk",
    "health_unit_desk": "reporting_desk",
    "reporting_desk": "reporting_desk",
    "department_desk": "department_desk",
    "command": "commander_desk",
}


def first_screen_of(actor: Actor) -> str:
    """Return the address at which this post begins."""
    try:
        return reverse(FIRST_SCREENS.get(actor.first_screen, ELSE))
    except NoReverseMatch:
        return reverse(ELSE)


@require_GET
@behind_sign_in()
def home(request: ActorRequest) -> HttpResponse:
    """Send everybody to where their post begins."""
    return redirect(first_screen_of(request.actor))
