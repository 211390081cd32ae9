"""What is said of a group that could not be refreshed: why, since when, and when it is tried again. Pure."""

from datetime import datetime, timedelta

from florilege.model import Group, Outcome, Source
from florilege.words import MONTHS


def failure_of(group: Group, now: datetime) -> str | None:
    """Why a group fails, since when, and when it is tried again, in sentences; None when it does not fail.

    Of several failing sources it tells the first.
    """
    source = next((source for source in group.sources if source.outcome is Outcome.FAILED), None)
    return " ".join([source.error or "It could not be refreshed.", times_of(source, now)]).strip() if source else None


def times_of(source: Source, now: datetime) -> str:
    """Since when a source fails and when it is tried again: a sentence, empty when neither is known."""
    parts = [f"failing since {_moment(source.failing_since, now)}"] if source.failing_since else []
    if not source.gone:
        due = source.next_due
        parts.append(f"next attempt {_ahead(due, now)}" if due and due > now else "next attempt at the next refresh")
    sentence = "; ".join(parts)
    return f"{sentence[:1].upper()}{sentence[1:]}." if sentence else ""


def _moment(moment: datetime, now: datetime) -> str:
    """`14:05`, `yesterday, 14:05`, `3 Nov, 14:05`, `3 Nov 2025`, on the reader's clock."""
    local = moment.astimezone(now.tzinfo)
    if local.date() == now.date():
        return f"{local:%H:%M}"
    if local.date() == now.date() - timedelta(days=1):
        return f"yesterday, {local:%H:%M}"
    day = f"{local.day} {MONTHS[local.month - 1]}"
    return f"{day}, {local:%H:%M}" if local.year == now.year else f"{day} {local.year}"


def _ahead(moment: datetime, now: datetime) -> str:
    """`at 16:05`, `tomorrow at 09:00`, `on 3 Dec at 09:00`, on the reader's clock; never earlier than it is."""
    local = (moment + timedelta(seconds=59)).astimezone(now.tzinfo)
    if local.date() == now.date():
        return f"at {local:%H:%M}"
    if local.date() == now.date() + timedelta(days=1):
        return f"tomorrow at {local:%H:%M}"
    return f"on {local.day} {MONTHS[local.month - 1]} at {local:%H:%M}"
