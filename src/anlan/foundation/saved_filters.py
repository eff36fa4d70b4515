"""Keep the filters of a list under a name, for the person who chose them alone.

What is kept is what stands in the list's address but for pages and words of a search: those may name people.
A list ignores what it does not know, so a filter whose area has ended does no harm.
"""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from django.db import transaction
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from anlan.foundation.errors import Invalid
from anlan.foundation.models import SavedFilter
from anlan.foundation.plain_text import has_control

NOT_KEPT = frozenset({"after", "before", "q", "page"})
KEY = re.compile(r"[a-z_]{1,30}")
MOST_OF_A_LIST, LONGEST_NAME, LONGEST_VALUE, LONGEST_QUERY = 20, 30, 80, 500


class FilterInvalid(Invalid):
    """A filter cannot be kept as it is."""

    code = "filter_invalid"


@dataclass(frozen=True, slots=True)
class SavedFilters:
    """What a list offers of one's own filters: those kept, and the one in use that may be kept."""

    route: str
    query: str  # of the filter in use; '' where the list is not narrowed
    rows: tuple[SavedFilter, ...]

    @property
    def is_kept(self) -> bool:
        """Say whether the filter in use is kept already."""
        return any(row.query == self.query for row in self.rows)


def kept_part(query: str) -> str:
    """Return what of an address's query may be kept, sorted; '' if it narrows nothing."""
    pairs = [
        (key, value)
        for key, value in parse_qsl(query)
        if key not in NOT_KEPT
        and KEY.fullmatch(key)
        and len(value) <= LONGEST_VALUE
        and not has_control(value)
    ]
    return urlencode(sorted(pairs))


def saved_filters(account_id: UUID, route: str, query: str) -> SavedFilters:
    """Return the person's own filters of a list, by name, and the one in use."""
    rows = SavedFilter.objects.filter(account=account_id, route=route).order_by("name")
    return SavedFilters(route, kept_part(query), tuple(rows))


def save_filter(account_id: UUID, *, route: str, name: str, query: str) -> SavedFilter:
    """Keep a filter under a name; one of that name is replaced. Raises FilterInvalid."""
    name, kept = " ".join(name.split()), kept_part(query)
    address_of(route)
    if not 1 <= len(name) <= LONGEST_NAME or has_control(name):
        raise FilterInvalid(_("请给这组筛选起一个 1 到 30 个字的名称。"))
    if not kept or len(kept) > LONGEST_QUERY:
        raise FilterInvalid(_("列表现在没有筛选，没有可保存的条件。搜索词不保存。"))
    with transaction.atomic():
        own = SavedFilter.objects.filter(account=account_id, route=route)
        if own.exclude(name=name).count() >= MOST_OF_A_LIST:
            raise FilterInvalid(_("一个列表最多保存 20 组筛选。请先删除不用的。"))
        row, _is_new = SavedFilter.objects.update_or_create(
            account_id=account_id, route=route, name=name, defaults={"query": kept}
        )
    return row


def forget_filter(account_id: UUID, filter_id: str) -> None:
    """Delete one of the person's filters; one that is gone, or another's, is left as it is."""
    try:
        wanted = UUID(filter_id)
    except ValueError:
        return
    SavedFilter.objects.filter(account=account_id, pk=wanted).delete()


def address_of(route: str) -> str:
    """Return where a list stands; raise FilterInvalid for what is no page without arguments."""
    try:
        return reverse(route)
    except NoReverseMatch as error:
        raise FilterInvalid(_("找不到这个列表，请回到列表再保存。")) from error
