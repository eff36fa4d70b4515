"""The lists that can be exported, one file an app; to add one, declare it in its app's file."""

from anlan.exchange.lists import people
from anlan.exchange.lists.kinds import Filters, ListColumn, ListSheet

LISTS: dict[str, ListSheet] = {one.key: one for one in (*people.LISTS,)}

__all__ = ["LISTS", "Filters", "ListColumn", "ListSheet"]
