"""How people sign in: accounts are given by the district, never taken."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedSignUp(DefaultAccountAdapter):  # type: ignore[misc]
    """Close self-registration: an account comes with an appointment."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Answer no."""
        return False
