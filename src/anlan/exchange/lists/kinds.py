"""What a list declares so that it can be exported: its page, its rows and what each column shows of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import resolve, reverse

from anlan.exchange.export_rules import CHUNK_ROWS
from anlan.foundation.actor import Actor
from anlan.foundation.clock import SHANGHAI
from anlan.foundation.errors import Text
from anlan.foundation.keyset import page_of
from anlan.foundation.sheets.styles import ColumnKind
from anlan.foundation.sheets.writing import Value

Filters = Mapping[str, str]
LONGEST_FILTER = 200


@dataclass(frozen=True, slots=True)
class ListColumn:
    """One column: what of a line it shows, as the page shows it."""

    key: str
    title: Text
    value: Callable[[Any], Value]
    is_personal: bool = False  # off until it is ticked
    width: int = 14
    kind: ColumnKind = "text"
    is_on_page: bool = True  # False: shown on the record's own page


@dataclass(frozen=True, slots=True)
class Plain:
    """Reads the same rows as plain values: `made` makes of a page what the presenting function looks at."""

    narrow: Callable[[QuerySet[Any]], QuerySet[Any]]
    made: Callable[[Sequence[Any]], Sequence[Any]]


@dataclass(frozen=True, slots=True)
class ListSheet:
    """One list of a page as a table.

    `found` gives the rows as the page finds them (NotFound for a filter beyond the ranges), `lines` what the
    page shows of some of them: masks are decided there, once for both.
    """

    key: str
    title: Text
    url_name: str  # of its page
    subject: str  # model label of its rows, for the audit
    columns: tuple[ListColumn, ...]
    order: tuple[str, ...]
    found: Callable[[Actor, Filters, datetime], QuerySet[Any]]
    lines: Callable[[Actor, Sequence[Any], datetime], Sequence[Any]]
    filters: tuple[str, ...] = ()
    by_ranges: bool = False  # several ranges are read one by one, as the page does
    is_personal: bool = False  # tells of persons: somebody else must approve
    hidden: tuple[ListColumn, ...] = ()  # come along unseen, so that the workbook can come back
    register: str = ""  # the register it can come back to
    plain: Plain | None = None  # how a long list is read without making a model of each row
    further: Callable[[Filters], tuple[ListColumn, ...]] | None = None  # columns that the filters bring along
    filter_words: Callable[[], Mapping[str, str]] | None = None  # what the keys in its filters are called

    @property
    def purposes(self) -> frozenset[str]:
        """Return the purposes one of which its page demands; none for a page open to all staff."""
        found: frozenset[str] = getattr(resolve(reverse(self.url_name)).func, "purposes", frozenset())
        return found

    def columns_of(self, filters: Filters) -> tuple[ListColumn, ...]:
        """Return the columns of the list as it is narrowed."""
        return self.columns + (self.further(filters) if self.further else ())

    def is_open_to(self, actor: Actor) -> bool:
        """Say whether a post may open its page."""
        return not self.purposes or actor.has_purpose(*self.purposes)

    def chosen(self, sent: Mapping[str, str]) -> dict[str, str]:
        """Return the filters of an address as they are kept."""
        texts = {name: str(sent.get(name, "")).strip()[:LONGEST_FILTER] for name in self.filters}
        return {name: text for name, text in texts.items() if text}

    def page(
        self, actor: Actor, filters: Filters, now: datetime, *, after: str | None, size: int = CHUNK_ROWS
    ) -> tuple[Sequence[Any], Sequence[Any], str | None]:
        """Return the next rows with what is shown of each, and where it goes on; None at the end."""
        found = self.found(actor, filters, now)
        page = page_of(
            self.plain.narrow(found) if self.plain else found,
            order=self.order,
            after=after,
            size=size,
            ranges=actor.ranges if self.by_ranges else None,
        )
        rows = self.plain.made(page.rows) if self.plain else page.rows
        return rows, self.lines(actor, rows, now), page.after

    def rows(self, actor: Actor, filters: Filters, now: datetime) -> Iterator[Any]:
        """Yield all lines, page by page, in the caller's transaction."""
        after: str | None = None
        while True:
            _rows, lines, after = self.page(actor, filters, now, after=after)
            yield from lines
            if after is None:
                return


def moment(value: datetime | None) -> datetime | None:
    """Return a moment as a cell holds it: by the district's clock."""
    return value.astimezone(SHANGHAI).replace(tzinfo=None, second=0, microsecond=0) if value else None
