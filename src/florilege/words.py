"""Wording for display: dates, counts, unknown values, refresh failures. Pure; `now` is an argument."""

from datetime import datetime, timedelta

from florilege.model import Group, Highlight, Item, ItemSummary, Outcome, Source, instant
from florilege.text import clean_line, counted

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LONG_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip

NO_LINK = "no link known"
NO_DATE = "date unknown"
NO_SHARER = "sharer unknown"
NO_TITLE = "(without title)"
NO_WORDS = "(without words)"
"""For a quote or a note without visible characters."""


def short_date(moment: datetime | None, now: datetime, style: str = "short") -> str:
    """A date for a list, in one of the styles offered in the settings.

    Args:
        moment: The date; None if unknown.
        now: The user's local time.
        style: `short`: `today`, `yesterday`, `12 Apr`, with the year if it is not the current one. `iso`: `2019-04-12`.
            `relative`: `3 days ago`.
    """
    if moment is None:
        return NO_DATE
    day, today = _local(moment, now).date(), now.date()
    if style == "iso":
        return day.isoformat()
    if style == "relative" and day < today - timedelta(days=1):
        return _how_long((today - day).days)
    if day == today:
        return "today"
    if day == today - timedelta(days=1):
        return "yesterday"
    month = MONTHS[day.month - 1]
    return f"{day.day} {month}" if day.year == today.year else f"{day.day} {month} {day.year}"


def long_date(moment: datetime | None, now: datetime, style: str = "short") -> str:
    """A date in full: `12 April 2019`; in the style `iso`, `2019-04-12`."""
    if moment is None:
        return NO_DATE
    day = _local(moment, now)
    if style == "iso":
        return day.date().isoformat()
    return f"{day.day} {LONG_MONTHS[day.month - 1]} {day.year}"


def ago(moment: datetime | None, now: datetime) -> str:
    """How long ago something happened: `never`, `just now`, `3 min ago`, `2 h ago`; the date if over a day ago."""
    if moment is None:
        return "never"
    seconds = instant(now) - instant(moment)
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{int(seconds // 60)} min ago"
    if seconds < 24 * 3600:
        return f"{int(seconds // 3600)} h ago"
    return short_date(moment, now)


def date_of(item: Item | ItemSummary) -> datetime | None:
    """When the item was shared, or else updated; None if unknown."""
    return item.shared_at or item.updated_at


def title_of(item: Item | ItemSummary | Group) -> str:
    """The title, or `NO_TITLE`."""
    return clean_line(item.title) or NO_TITLE


def are_blank(text: str) -> bool:
    """Whether a quote or comment has no visible characters."""
    return not clean_line(text).split()


def sharer_of(item: Item | ItemSummary) -> str:
    """The name of the sharer, or `NO_SHARER`."""
    return clean_line(item.sharer.label if item.sharer else "") or NO_SHARER


def other_author(highlight: Highlight, item: Item | ItemSummary) -> str | None:
    """The author of a highlight, if known and different from the sharer."""
    own = {item.sharer.name, item.sharer.handle} if item.sharer else set()
    return highlight.author if highlight.author not in own else None


def _how_long(days: int) -> str:
    """An elapsed number of days in the largest suitable unit: `3 days ago`, `5 weeks ago`, `2 years ago`."""
    for length, unit in ((365, "year"), (30, "month"), (7, "week")):
        if days >= 2 * length:
            return f"{counted(days // length, unit)} ago"
    return f"{counted(days, 'day')} ago"


def _local(moment: datetime, now: datetime) -> datetime:
    """The moment in the user's time zone; naive times are returned unchanged."""
    return moment.astimezone(now.tzinfo) if moment.tzinfo and now.tzinfo else moment


def news(items: int, highlights: int, revised: int = 0, more: int = 0, joined: int = 0) -> str:
    """What is new, in a few words: `3 new items, 1 new highlight`, or how many items were revised. May be empty.

    Args:
        items: Number of new items.
        highlights: Number of highlights added to items already read.
        revised: Number of items whose content changed.
        more: Number of highlights added to unread items.
        joined: Number of repeated entries that were joined with others.
    """
    parts = [counted(items, "new item")] if items else []
    if items and joined:
        parts.append(f"{counted(joined, 'repeated entry', 'repeated entries')} joined")
    if highlights:
        parts.append(counted(highlights, "new highlight"))
    if more:
        parts.append(f"{counted(more, 'more highlight')} on unread items")
    if revised and not parts:
        parts.append(f"{counted(revised, 'item')} revised")
    return ", ".join(parts)


def announced(items: int, highlights: int, groups: int, revised: int = 0, more: int = 0) -> str:
    """The summary after a refresh: `3 new items, 5 new highlights in 2 groups`. For the numbers, see `news`."""
    what = news(items, highlights, revised, more)
    return f"{what} in {counted(groups, 'group')}" if what else "Nothing new"


def failure_of(group: Group, now: datetime) -> str | None:
    """Why a group's refresh fails, since when, and when it is retried, in sentences; None if it does not fail.

    If several sources fail, only the first is described.
    """
    source = next((source for source in group.sources if source.outcome is Outcome.FAILED), None)
    return " ".join([source.error or "It could not be refreshed.", times_of(source, now)]).strip() if source else None


def times_of(source: Source, now: datetime) -> str:
    """Since when a source has been failing and when it is retried: a sentence, empty if neither is known."""
    parts = [f"failing since {_moment(source.failing_since, now)}"] if source.failing_since else []
    if not source.gone:
        due = source.next_due
        parts.append(f"next attempt {_ahead(due, now)}" if due and due > now else "next attempt at the next refresh")
    sentence = "; ".join(parts)
    return f"{sentence[:1].upper()}{sentence[1:]}." if sentence else ""


def _moment(moment: datetime, now: datetime) -> str:
    """A past time as `14:05`, `yesterday, 14:05`, `3 Nov, 14:05` or `3 Nov 2025`, in the user's time zone."""
    local = moment.astimezone(now.tzinfo)
    if local.date() == now.date():
        return f"{local:%H:%M}"
    if local.date() == now.date() - timedelta(days=1):
        return f"yesterday, {local:%H:%M}"
    day = f"{local.day} {MONTHS[local.month - 1]}"
    return f"{day}, {local:%H:%M}" if local.year == now.year else f"{day} {local.year}"


def _ahead(moment: datetime, now: datetime) -> str:
    """A future time, rounded up to the minute: `at 16:05`, `tomorrow at 09:00`, `on 3 Dec at 09:00`, in local time."""
    local = (moment + timedelta(seconds=59)).astimezone(now.tzinfo)
    if local.date() == now.date():
        return f"at {local:%H:%M}"
    if local.date() == now.date() + timedelta(days=1):
        return f"tomorrow at {local:%H:%M}"
    return f"on {local.day} {MONTHS[local.month - 1]} at {local:%H:%M}"
