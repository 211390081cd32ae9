"""Parses dates as people and programs write them. Pure: independent of the clock and the local time zone.

A date keeps the UTC offset it was written with; one without an offset stays naive. Nothing is guessed: a date that
lacks the day, can't be parsed, or is in an implausible year is unknown, and callers keep its text.
"""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta, timezone
from functools import cache, lru_cache
from typing import Any
from unicodedata import normalize

_YEARS = range(1971, 2200)
"""Plausible years. 1970 is excluded, as broken programs write it for "no date"."""
_ISO = re.compile(
    r"(\d{4})(?:([-/.])(\d{1,2})\2(\d{1,2})|(\d\d)(\d\d)"
    r"|年 ?(\d{1,2})月 ?(\d{1,2})[日号](?: ?[(\uff08][^()]{1,3}[)\uff09])?)"
    r"(?:(?:[T ,]*| at )(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,6})\d*)?)?|T?(\d\d)(?:(\d\d)(\d\d)?)?)?"
    r"\s*([A-Za-z]{1,4}|[+-]\d{1,2}(?::?\d{2})?)?(?:\[[\w/+-]{1,40}\])?",
    re.ASCII,
)
"""ISO 8601 as in RFC 3339 and W3CDTF, its basic format, and variants with other separators (also 年, 月 and 日)."""
_YEAR_LAST = re.compile(
    r"(?:[^\W\d_]{2,12}\.?,? )?(\d{1,2})([./-]) ?(\d{1,2})\2 ?(\d{4})"
    r"(?:,? +(\d{1,2})[:.](\d\d)(?:[:.](\d\d))?(?: ?([AaPp])[Mm]| Uhr)?)?"
)
"""`04.05.2021 10:12`, `5/4/2021 10:12 PM`. With dots the day comes first, with AM or PM mostly the month."""
_CLOCK_WORDS = str.maketrans({"時": ":", "时": ":", "点": ":", "分": ":", "秒": ""})
_WEEK = re.compile(r"(\d{4})-?W(\d\d)-?([1-7])", re.ASCII)
"""An ISO 8601 week date."""
_OF_YEAR = re.compile(r"(\d{4})-(\d{3})", re.ASCII)
"""An ISO 8601 ordinal date."""
_ONWARDS = re.compile(r"(\d{4}-\d\d-\d\d)[/-]\d[\d/:-]*", re.ASCII)
"""A date followed by something that is ignored: the end of an interval, or a time in another form."""
_STRICT = re.compile(r"(?:19[7-9]|2[01]\d)\d([-/])\d\d\1\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{3})?(?:Z| ?\+00:?00)?", re.ASCII)
"""Usual forms of ISO 8601 that `datetime.fromisoformat` can parse directly."""
_FIRST_MILLENNIUM = re.compile(r"(?<![\d:+.-])0\d{3}(?=[\s-]|$)")
"""A year like 0001, which parsers of mail dates would take for 2001."""
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,9})?", re.ASCII)
_EPOCH = re.compile(r"\d{10}|\d{13}", re.ASCII)
"""Seconds or milliseconds since 1970, which some programs write instead of a date."""
_SECONDS = 1e10
"""Maximum plausible number of seconds since 1970 (the year 2286)."""
_MAIL = re.compile(
    r"(?:[A-Za-z]{3}, )?(\d{1,2}) ([A-Za-z]{3})[a-z]* (\d{4}|\d\d)(?: (\d\d):(\d\d):(\d\d) ([A-Z]{1,4}|[+-]\d{4}))?",
    re.ASCII,
)
"""The usual form of dates in mail and RSS; also `13 Mar 26`, as in Diigo's comments."""
_ZONE = re.compile(r"\s*([A-Za-z]{1,4}|[+-]\d{1,2}(?::?\d{2})?)?\s*(?:\([^()]*\))?$", re.ASCII)
_HOURS = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6,
    "pst": -8, "pdt": -7, "bst": 1, "cet": 1, "cest": 2, "eet": 2, "eest": 3, "msk": 3, "jst": 9, "kst": 9, "aest": 10,
}  # fmt: skip
"""UTC offsets in hours of zone names. Source: RFC 822, section 5.1; the others are common in practice."""
_WORD = re.compile(r"[A-Za-z]+")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NUMERIC = re.compile(r"(?<![\d./-])\d{1,2}[./-] ?\d{1,2}[./-] ?(?:\d{4}|\d\d)(?!\d)", re.ASCII)
"""A purely numeric date. It is not passed to dateparser, which would guess which number is the month."""
_IN_WORDS = re.compile(r"[^\W\d_]{2}")
_NUMBERS = re.compile(r"\d+")


def read_date(text: str | None) -> datetime | None:
    """Parse a date; naive if it names no zone, None if it can't be read or is implausible.

    `-0000` in RFC 822 dates means UTC, as feeds use it, Diigo's among them.
    """
    if not text or len(text) > 100:
        return None
    moment = _known(text)
    return moment if moment and moment.year in _YEARS else None


@lru_cache(maxsize=2048)
def _known(text: str) -> datetime | None:
    """Parse a date in any supported form. Cached: an unchanged bookmark gives the same text for both of its dates."""
    if moment := _iso_strict(text):
        return moment
    text = " ".join(text.split())
    if not text.isascii():
        text = normalize("NFKC", text).translate(_CLOCK_WORDS).rstrip(":")
    if _FIRST_MILLENNIUM.search(text):
        return None
    if (moment := _iso(text) or _mail(text) or _year_last(text) or _rfc822(text)) is not None:
        return moment
    return read_seconds(text) if _EPOCH.fullmatch(text) else _in_words(text)


def read_seconds(value: float | str | None) -> datetime | None:
    """The moment, in UTC, of a number of seconds since 1970; None if it is not a number or implausible.

    Numbers too large for seconds are taken as milliseconds or microseconds, as browsers and some services write them.
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


def _iso_strict(text: str) -> datetime | None:
    """Parse one of the usual forms of ISO 8601: see `_STRICT`."""
    if not _STRICT.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text.replace("/", "-").replace(" +", "+"))
    except ValueError:
        return None
    return moment if moment.year in _YEARS else None


def _iso(text: str) -> datetime | None:
    """Parse a date that begins with the year."""
    try:
        if week := _WEEK.fullmatch(text):
            return datetime.fromisocalendar(*map(int, week.groups()))
        if day := _OF_YEAR.fullmatch(text):
            return _moment(int(day[1]), 1, 1) + timedelta(days=int(day[2]) - 1) if 0 < int(day[2]) <= 366 else None
        if span := _ONWARDS.fullmatch(text):
            return datetime.fromisoformat(span[1])
        match = _ISO.fullmatch(text)
        if match is None:
            return None
        year, _, *days, hour, minute, second, fraction, basic_hour, basic_minute, basic_second, zone = match.groups()
        month, day_of_month = (int(each) for each in days if each)
        clock = (int(hour or basic_hour or 0), int(minute or basic_minute or 0), int(second or basic_second or 0))
        half = zone if zone and zone.lower() in {"am", "pm"} else ""
        moment = _moment(int(year), month, day_of_month, *clock, half=half)
        return _with_zone(moment.replace(microsecond=int(f"{fraction or 0:0<6}")), None if half else zone)
    except (ValueError, OverflowError):
        return None


def _moment(
    year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0, half: str = ""
) -> datetime:
    """A naive datetime; 24:00 and leap seconds roll over to what follows.

    Raises:
        ValueError: There is no such day or time.
    """
    if half:
        hour = hour % 12 + 12 * (half[0] in "pP")
    if minute > 59 or second > 60 or (seconds := hour * 3600 + minute * 60 + second) > 86400:
        raise ValueError(hour, minute, second)
    return datetime(year, month, day) + timedelta(seconds=seconds)  # noqa: DTZ001 -- naive on purpose


def _with_zone(moment: datetime, zone: str | None) -> datetime:
    """The datetime with a zone given by name or as an offset in hours and minutes; still naive if it is None.

    Raises:
        ValueError: The zone is unknown.
    """
    if not zone:
        return moment
    if zone[0] not in "+-":
        hours = _HOURS.get(zone.lower())
        if hours is None:
            raise ValueError(zone)
        return moment.replace(tzinfo=timezone(timedelta(hours=hours)) if hours else UTC)
    digits = zone[1:].replace(":", "")
    hours, minutes = (int(digits[:-2]), int(digits[-2:])) if len(digits) > 2 else (int(digits), 0)
    offset = timedelta(hours=hours, minutes=minutes) * (-1 if zone[0] == "-" else 1)
    return moment.replace(tzinfo=timezone(offset) if offset else UTC)


def column_reader(texts: Iterable[str]) -> Callable[[str], datetime | None]:
    """A variant of `read_date` for dates written by one program.

    If some of the dates are unambiguous about the order of day and month, the ambiguous ones are read in that order.

    Args:
        texts: All dates of the document.
    """
    found = [match for text in texts if (match := _YEAR_LAST.fullmatch(text.strip()))]
    orders = {int(match[1]) > 12 for match in found if (int(match[1]) > 12) != (int(match[3]) > 12)}
    day_first = orders.pop() if len(orders) == 1 else None
    return lambda text: _year_last(text.strip(), day_first) or read_date(text)


def _year_last(text: str, day_first: bool | None = None) -> datetime | None:
    """Parse a numeric date with the year last; None if the order of day and month is neither evident nor given.

    Args:
        text: The date.
        day_first: The order of day and month for ambiguous dates, if known.
    """
    match = _YEAR_LAST.fullmatch(text)
    if match is None:
        return None
    first, second = int(match[1]), int(match[3])
    half = match[8] or ""
    if match[2] == ".":
        day_first = True
    elif first > 12 or second > 12 or first == second:
        day_first = first > 12
    elif day_first is None and half and match[2] == "/":
        day_first = False  # the American order
    if day_first is None:
        return None
    day, month = (first, second) if day_first else (second, first)
    hour, minute, rest = (int(each or 0) for each in match.group(5, 6, 7))
    try:
        return _moment(int(match[4]), month, day, hour, minute, rest, half)
    except ValueError:
        return None


def _mail(text: str) -> datetime | None:
    """Parse a date in the usual form of mail, with or without a time."""
    match = _MAIL.fullmatch(text)
    if match is None or match[2].lower() not in _MONTHS:
        return None
    day, year, hour, minute, second = (int(each or 0) for each in match.group(1, 3, 4, 5, 6))
    if len(match[3]) == 2:
        year += 2000 if year < 69 else 1900
    try:
        moment = datetime(year, _MONTHS.index(match[2].lower()) + 1, day, hour, minute, second)  # noqa: DTZ001 -- zone added below
        return _with_zone(moment, match[7])
    except ValueError:
        return None


def _rfc822(text: str) -> datetime | None:
    """Parse a date in another form of mail; None if it contains words other than months, weekdays and the zone."""
    from email.utils import parsedate_to_datetime

    zone = _ZONE.search(text)
    written, named = text, zone[1] if zone else None
    if named and (named[0] in "+-" or named.lower() in _HOURS):
        written = text[: zone.start()] if zone else text
    elif named:
        named = None
    words = _WORD.findall(written.lower())
    if not all(word[:3] in _MONTHS or word[:3] in _WEEKDAYS for word in words):
        return None
    try:
        return _with_zone(parsedate_to_datetime(written).replace(tzinfo=None), named)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None


_failures: dict[str, int] = {}
"""How often dates of each shape (digits replaced with 0) could not be read; negative once one could."""
_SHAPES, _ENOUGH = 500, 3
_LANGUAGES = (
    "en ru es fr de ja tr pt fa it zh nl vi pl ar ko cs id uk el he th sv ro hu da fi sk bg sr nb hr lt sl ca et lv hi"
)
"""Languages in which month names are recognised. Trying all 205 of dateparser takes 2 s for the first date."""


def _in_words(text: str) -> datetime | None:
    """Parse a date with a month name in one of `_LANGUAGES`, in that language's order; None if it lacks the day."""
    numbers = _NUMBERS.findall(text)
    if _NUMERIC.search(text) or not _IN_WORDS.search(text):
        return None
    if len(numbers) < 2 or not any(len(number) == 4 for number in numbers):
        return None  # without a four-digit year, two digits could be a year or a day
    shape = _NUMBERS.sub("0", text)
    if _failures.get(shape, 0) >= _ENOUGH:  # trying all languages in vain takes 100 ms
        return None
    moment = _words_reader().get_date_data(text).date_obj
    if moment is not None and not {moment.year, moment.day} <= set(map(int, numbers)):
        moment = None  # dateparser takes 32 March 2026 for a day in 2032
    if len(_failures) > _SHAPES:
        _failures.clear()
    _failures[shape] = _failures.get(shape, 0) + 1 if moment is None else -_SHAPES
    return moment if isinstance(moment, datetime) else None


@cache
def _words_reader() -> Any:
    from dateparser.date import DateDataParser

    # Without `try_previous_locales`, the result does not depend on dates read before.
    return DateDataParser(
        languages=_LANGUAGES.split(),
        try_previous_locales=False,
        settings={"REQUIRE_PARTS": ["day", "month", "year"], "PARSERS": ["absolute-time"]},
    )
