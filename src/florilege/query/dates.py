"""Dates as people type them in a query: `2019`, `2019-04`, `2019-04-12`, or a span before now: `7d`, `2w`, `3m`, `1y`.

Pure: now is an argument.
"""

import re
from calendar import monthrange
from datetime import datetime, timedelta

_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)
_SPAN = re.compile(r"(\d{1,6})([dwmy])", re.ASCII | re.IGNORECASE)
_DAYS = {"d": 1, "w": 7}
_MONTHS = {"m": 1, "y": 12}


def is_moment(text: str) -> bool:
    """Whether `moment` can read this."""
    if _SPAN.fullmatch(text):
        return True
    match = _DATE.fullmatch(text)
    if match is None:
        return False
    try:
        _first_day(match)
    except ValueError:
        return False
    return True


def moment(text: str, now: datetime) -> datetime:
    """The instant a date or span names: the beginning of the day, month or year; or now less the span.

    Spans follow the calendar: a month before 31 March is the last day of February. What lies before the year 1 is the
    beginning of the year 1.

    Args:
        text: A date or span, as `is_moment` accepts it.
        now: With zone; dates are days of this zone.

    Raises:
        ValueError: `is_moment` would have said no.
    """
    if match := _SPAN.fullmatch(text):
        return _before(now, int(match[1]), match[2].lower())
    if match := _DATE.fullmatch(text):
        return _first_day(match).replace(tzinfo=now.tzinfo)
    raise ValueError(f"{text} is neither a date nor a span")


def is_before(asked: datetime, limit: datetime) -> bool:
    """Whether a moment is earlier than a limit with zone. One without zone counts as written in the limit's zone."""
    return (asked if asked.tzinfo else asked.replace(tzinfo=limit.tzinfo)) < limit


def _first_day(match: re.Match[str]) -> datetime:
    """The beginning of what a date names, without zone. Raises ValueError for a day there is not."""
    year, month, day = (int(part or 1) for part in match.groups())
    return datetime(year, month, day)  # noqa: DTZ001 -- the caller knows the zone


def _before(now: datetime, number: int, unit: str) -> datetime:
    """Now less a number of days, weeks, months or years."""
    earliest = datetime.min.replace(tzinfo=now.tzinfo)
    if unit in _DAYS:
        try:
            return now - timedelta(days=number * _DAYS[unit])
        except OverflowError:
            return earliest
    year, month = divmod(now.year * 12 + now.month - 1 - number * _MONTHS[unit], 12)
    if year < 1:
        return earliest
    return now.replace(year=year, month=month + 1, day=min(now.day, monthrange(year, month + 1)[1]))
