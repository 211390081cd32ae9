"""Dates as feeds write them. Pure: no clock, no zone of this machine.

A date keeps the offset it was written with; one without offset stays without. What can't be read, or lies in a year
that can't be meant, is unknown, and its text is kept by the caller.
"""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache

_YEARS = range(1971, 2200)
"""Years that can be meant. 1970 is how broken programs write "no date"."""
_ISO = re.compile(
    r"(\d{4})[-/](\d{1,2})(?:[-/](\d{1,2}))?"
    r"(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,6})\d*)?)?)?"
    r"\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
"""ISO 8601 as in RFC 3339 and W3CDTF, and the same with slashes (Diigo API v2)."""
_STRICT = re.compile(r"(?:19[7-9]|2[01]\d)\d([-/])\d\d\1\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{3})?(?:Z| ?\+00:?00)?", re.ASCII)
"""The usual forms of it, which need no taking apart."""
_DAY = re.compile(r"(\d{1,2}) ([A-Za-z]{3})[a-z]* (\d{4}|\d{2})")
"""`13 Mar 26`, as Diigo dates comments."""
_FIRST_MILLENNIUM = re.compile(r"(?<![\d:+.-])0\d{3}(?=[\s-]|$)")
"""A year like 0001, which mail readers would take for 2001."""
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,9})?", re.ASCII)
_SECONDS = 1e10
"""Seconds since 1970 that can be meant; it is the year 2286."""
_UTC_MARK = re.compile(r"([+-]00:?00|\b(GMT|UTC?|Z))\s*(\([^()]*\))?\s*$", re.IGNORECASE)


def read_date(text: str | None, otherwise: datetime | None = None) -> datetime | None:
    """The moment a text names, without zone when it names none; None when it can't be read or can't be meant.

    `-0000` in RFC 822 dates is a time in UTC: feeds use it so, Diigo's among them.

    Args:
        text: The date as it was written.
        otherwise: What another reader made of it, for texts that can't be read here.
    """
    if not text or len(text) > 100:
        return None
    if moment := _iso_strict(text):
        return moment
    text = " ".join(text.split())
    if _FIRST_MILLENNIUM.search(text):
        return None
    moment = _iso(text) or _day(text) or _rfc822(text) or otherwise
    return moment if moment and moment.year in _YEARS else None


def read_seconds(value: float | str | None) -> datetime | None:
    """The moment, in UTC, of a number of seconds since 1970; None when it is none or can't be meant.

    Numbers too large for seconds are milliseconds or microseconds, as browsers and some services write them.
    """
    if isinstance(value, str):
        if not _NUMBER.fullmatch(value := value.strip()):
            return None
        value = float(value)
    if not value or value != value or abs(value) > 1e18:
        return None
    while abs(value) > _SECONDS:
        value /= 1000
    try:
        moment = datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment.year in _YEARS else None


@lru_cache(maxsize=1024)
def _iso_strict(text: str) -> datetime | None:
    """A date in a usual form of ISO 8601. A bookmark that was never changed says the same one twice."""
    if not _STRICT.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text.replace("/", "-").replace(" +", "+"))
    except ValueError:
        return None
    return moment if moment.year in _YEARS else None


def _iso(text: str) -> datetime | None:
    """A date that begins with its year."""
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    clock = f"{int(hour or 0):02}:{minute or '00'}:{second or '00'}.{(fraction or '0'):0<6}"
    offset = "+00:00" if zone and zone[0] not in "+-" else zone or ""
    try:
        moment = datetime.fromisoformat(f"{year}-{int(month):02}-{int(day or 1):02}T{clock}{offset}")
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo and not moment.utcoffset() else moment


def _day(text: str) -> datetime | None:
    """A day with the name of its month."""
    match = _DAY.fullmatch(text)
    if match is None or match[2].lower() not in _MONTHS:
        return None
    year = int(match[3]) if len(match[3]) == 4 else 2000 + int(match[3])
    try:
        return datetime(year, _MONTHS.index(match[2].lower()) + 1, int(match[1]))  # noqa: DTZ001 -- it names no zone
    except ValueError:
        return None


def _rfc822(text: str) -> datetime | None:
    """A date as in mail."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None and _UTC_MARK.search(text) else moment
