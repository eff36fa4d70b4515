"""How pages write moments, numbers, icons, tokens and form fields."""

from __future__ import annotations

import secrets
from collections.abc import Hashable, Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django import forms, template
from django.forms import BoundField
from django.forms.boundfield import BoundWidget
from django.template import Context
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from anlan.foundation.actor import Actor
from anlan.foundation.practice import now_in
from anlan.foundation.saved_filters import SavedFilters, saved_filters

register = template.Library()

DISTRICT_TIME = ZoneInfo("Asia/Shanghai")
CHOICE_WIDGETS = (forms.RadioSelect, forms.CheckboxSelectMultiple)
WEEKDAYS_ZH = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


def _here(moment: datetime) -> datetime:
    return moment.astimezone(DISTRICT_TIME)


def _machine(moment: datetime) -> str:
    """Write a moment for programs, in UTC: Shanghai had seconds in its offset before 1901, HTML has none."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _clock(moment: datetime) -> SafeString:
    return format_html('<time datetime="{}">{}</time>', _machine(moment), f"{_here(moment):%H:%M}")


@register.filter
def hour(moment: datetime | None) -> str:
    """Write a moment as 13:21 in the district's time."""
    return _clock(moment) if moment else ""


@register.filter(name="moment")
def write_moment(moment: datetime | None) -> str:
    """Write a moment as 今天 13:21, 昨天 13:21, 11-24 13:21 or, in another year, 2025-11-24 13:21."""
    if moment is None:
        return ""
    here, now = _here(moment), _here(timezone.now())
    if here.date() == now.date():
        words = gettext("今天") + f" {here:%H:%M}"
    elif here.date() == now.date() - timedelta(days=1):
        words = gettext("昨天") + f" {here:%H:%M}"
    elif here.year == now.year:
        words = f"{here:%m-%d %H:%M}"
    else:
        words = f"{here:%Y-%m-%d %H:%M}"
    return format_html('<time datetime="{}">{}</time>', _machine(moment), words)


@register.filter
def exact(moment: datetime | None) -> str:
    """Write a moment whole, to the second, as records need it."""
    return f"{_here(moment):%Y-%m-%d %H:%M:%S}" if moment else ""


@register.filter
def day(value: date | datetime | None) -> str:
    """Write a date as 2026-11-24 (a moment is first brought to the district's time)."""
    if value is None:
        return ""
    return f"{_here(value):%Y-%m-%d}" if isinstance(value, datetime) else f"{value:%Y-%m-%d}"


@register.filter
def weekday(value: date | datetime | None) -> str:
    """Write the weekday in the reader's language."""
    if value is None:
        return ""
    when = _here(value) if isinstance(value, datetime) else value
    return WEEKDAYS_ZH[when.weekday()] if (get_language() or "zh").startswith("zh") else f"{when:%a}"


@register.filter
def due(moment: datetime | None) -> str:
    """Write the time left until a moment; the page counts it down and marks it when it is over."""
    if moment is None:
        return ""
    return format_html(
        '<time class="clock-left" data-due datetime="{}">{}</time>',
        _machine(moment),
        f"{_here(moment):%m-%d %H:%M}",
    )


@register.filter
def practice_now(actor: Actor) -> str:
    """Write the time at which a practice district stands, for the clocks of its pages."""
    return _machine(now_in(actor.area_code))


@register.filter
def number(value: float | str | None) -> str:
    """Write a number with thousands separated; nothing for an unknown one."""
    if value is None or isinstance(value, str):
        return value or ""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"


@register.filter
def initial(name: str | None) -> str:
    """Return the first character of a name, for the round face."""
    return (name or "·").strip()[:1].upper()


@register.filter
def among(value: object, options: str | Iterable[object]) -> bool:
    """Tell whether a value is one of "a,b,c" or of a list."""
    listed = options.split(",") if isinstance(options, str) else options
    return value in listed


@register.simple_tag(takes_context=True)
def own_filters(context: Context) -> SavedFilters | None:
    """Return the reader's own filters of the list this page shows."""
    request = context.get("request")
    actor = getattr(request, "actor", None)
    match = getattr(request, "resolver_match", None)
    if request is None or actor is None or match is None or match.kwargs:
        return None
    return saved_filters(actor.account_id, match.url_name, request.META.get("QUERY_STRING", ""))


@register.simple_tag
def form_token() -> SafeString:
    """Write the hidden token that makes a form's second sending the same act as its first."""
    return format_html('<input type="hidden" name="form_token" value="{}">', secrets.token_hex(16))


@register.simple_tag
def kept(template_name: str, of: Hashable = None) -> SafeString:
    """Include a template that is rendered once in this process for each language and each value of `of`.

    It is given `of` alone, neither request nor person, so nobody's page can stand on another's.
    """
    return _kept(template_name, of, get_language())


@lru_cache(maxsize=2048)
def _kept(template_name: str, of: Hashable, _language: str | None) -> SafeString:
    return render_to_string(template_name, {"of": of})


@register.filter
def is_choice(field: BoundField) -> bool:
    """Tell whether a field is answered by pressing tiles."""
    return isinstance(field.field.widget, CHOICE_WIDGETS)


@register.filter
def is_check(field: BoundField) -> bool:
    """Tell whether a field is one box to tick."""
    return isinstance(field.field.widget, forms.CheckboxInput)


@register.filter
def tiles(field: BoundField, first: str) -> list[BoundWidget]:
    """Return the choices of a field that are shown at once: the first few, or all."""
    return list(field)[: int(first)] if first else list(field)


@register.filter
def more_tiles(field: BoundField, first: str) -> list[BoundWidget]:
    """Return the choices that wait behind 更多."""
    return list(field)[int(first) :] if first else []


@register.filter
def has_chosen(field: BoundField, options: list[BoundWidget]) -> bool:
    """Tell whether one of these choices is chosen, so that it is never hidden."""
    return any(option.data["selected"] for option in options)


@register.filter
def dressed(field: BoundField) -> SafeString:
    """Render a field's widget in the design language, tied to its hint and its error."""
    widget = field.field.widget
    if isinstance(widget, forms.Select):
        kind = "select"
    elif isinstance(widget, forms.Textarea):
        kind = "textarea"
    else:
        kind = "input"
    described = []
    if field.help_text:
        described.append(f"{field.auto_id}_hint")
    attributes: dict[str, str | bool] = {"class": f"{widget.attrs.get('class', '')} {kind}".strip()}
    is_code = widget.attrs.get("autocomplete") == "one-time-code"
    if is_code or widget.attrs.get("placeholder") == field.label:
        attributes["placeholder"] = False  # a label said twice helps nobody
    if is_code:
        attributes["inputmode"] = "numeric"
    if field.errors:
        described.append(f"{field.auto_id}_error")
        attributes["aria-invalid"] = "true"
    if described:
        attributes["aria-describedby"] = " ".join(described)
    return field.as_widget(attrs=attributes)
