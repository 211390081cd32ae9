"""The orders a list can be put in. Pure: keys to sort by, and their names."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from florilege.model import Head, instant, newest_first
from florilege.text import fold
from florilege.words import date_of


class Order(StrEnum):
    """An order; its value is how it is said."""

    NEWEST = "newest first"
    OLDEST_UNREAD = "oldest unread first"
    SHARER = "by sharer"
    TITLE = "by title"
    HIGHLIGHTS = "most highlighted first"
    VIEWS = "most viewed first"
    DAY = "by day, newest first"

    @property
    def next(self) -> "Order":
        """The order after this one, round and round."""
        orders = list(Order)
        return orders[(orders.index(self) + 1) % len(orders)]


def sort_key(order: Order, is_unread: Callable[[Head], bool]) -> Callable[[Head], Any]:
    """What to sort by. Equal items are newest first; what is unknown comes last.

    Args:
        order: Which order.
        is_unread: Whether an item is unread.
    """
    keys: dict[Order, Callable[[Head], Any]] = {
        Order.NEWEST: newest_first,
        Order.DAY: newest_first,
        Order.OLDEST_UNREAD: lambda head: (not is_unread(head), date_of(head) is None, instant(date_of(head))),
        Order.SHARER: lambda head: (head.sharer is None, fold(head.sharer.label) if head.sharer else ""),
        Order.TITLE: lambda head: (not head.title, fold(head.title)),
        Order.HIGHLIGHTS: lambda head: -len(head.highlights),
        Order.VIEWS: lambda head: (head.views is None, -(head.views or 0)),
    }
    first = keys[order]
    return first if first is newest_first else lambda head: (first(head), newest_first(head))
