"""Parses dates as people and programs write them. Pure: independent of the clock and the local time zone.

A date keeps the UTC offset it was written with; one without an offset stays naive. Nothing is guessed: a date that
lacks the day, can't be parsed, or is in an implausible year is unknown, and callers keep its text.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache, lru_cache
from typing import Any
from unicodedata import normalize

_YEARS = range(1971, 2200)
"""Plausible years. 1970 is excluded, as broken programs write it for "no date"."""
_STRICT = re.compile(
    r"\d{4}-?W\d\d-?[1-7]"
    r"|(?:19[7-9]|2[01]\d)\d([-/])\d\d\1\d\d(?:[T ]\d\d:\d\d:\d\d(?:\.\d{3})?(?:Z| ?[+-]\d\d:?\d\d)?)?",
    re.ASCII,
)
"""Usual forms of ISO 8601, and its week dates, which `datetime.fromisoformat` parses."""
_FIGURES = re.compile(
    r"(?:[^\W\d_]{2,12}\.?,? )?(?:"
    r"(?P<year>\d{4})(?:(?P<iso>[-/.] ?)(?P<month>\d{1,2})(?P=iso)(?P<day>\d{1,2})\.?|(?P<basic>\d{4}))"
    r"|(?P<first>\d{1,2})(?P<mark>[./-]) ?(?P<second>\d{1,2})(?P=mark) ?(?P<last>\d{4})"
    r"|(?P<mail>\d{1,2}) (?P<name>[A-Za-z]{3})[a-z]* (?P<years>\d{4}|\d\d)"
    r"|(?P<word>[A-Za-z]{3})[a-z]*\.? (?P<after>\d{1,2})(?:,? (?P<next>\d{4}))?)(?: ?\([^()]{1,3}\))?"
    r"(?:(?:[T ,]*| at )(?P<h>\d{1,2})[:.](?P<m>\d\d)(?:[:.](?P<s>\d\d)(?:[.,](?P<fraction>\d{1,6})\d*)?)?"
    r"|T?(?P<hh>\d\d)(?:(?P<mm>\d\d)(?P<ss>\d\d)?)?|[/-]\d[\d/:-]*)?"
    r"(?: ?(?P<half>[AaPp])[Mm]| Uhr)?\s*(?:(?:GMT|UTC)(?=[+-]))?(?P<zone>[A-Za-z]{1,4}|[+-]\d{1,2}(?::?\d{2})?)?"
    r"(?: (?P<end>\d{4}))?(?: ?\([^()]*\)|\[[\w/+-]{1,40}\])?"
)
"""A date in figures, or with an English month as in mail: the year first (ISO 8601 and variants with other separators,
perhaps followed by the end of an interval), the year last (`04.05.2021 10:12`, `5/4/2021 10:12 PM`),
`13 Mar 26 09:14:05 GMT`, or the month first (`Mar 13, 2026 09:14`, `Mar 13 09:14:05 UTC 2026`). Each perhaps after a
day of the week."""
_EAST_ASIAN = str.maketrans(
    {"年": "-", "月": "-", "日": " ", "号": " ", "時": ":", "时": ":", "点": ":", "分": ":", "秒": ""}
)
_OF_YEAR = re.compile(r"\d{4}-\d{3}", re.ASCII)
"""An ISO 8601 ordinal date."""
_MONTHS = {
    "jan": "1", "feb": "2", "mar": "3", "apr": "4", "may": "5", "jun": "6",
    "jul": "7", "aug": "8", "sep": "9", "oct": "10", "nov": "11", "dec": "12",
}  # fmt: skip
_NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,9})?", re.ASCII)
_EPOCH = re.compile(r"\d{10}|\d{13}", re.ASCII)
"""Seconds or milliseconds since 1970, which some programs write instead of a date."""
_SECONDS = 1e10
"""Maximum plausible number of seconds since 1970 (the year 2286)."""
_HOURS = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6,
    "pst": -8, "pdt": -7, "bst": 1, "cet": 1, "cest": 2, "eet": 2, "eest": 3, "msk": 3, "jst": 9, "kst": 9, "aest": 10,
}  # fmt: skip
"""UTC offsets in hours of zone names. Source: RFC 822, section 5.1; the others are common in practice."""
_NUMERIC = re.compile(r"(?<![\d./-])\d{1,2}[./-] ?\d{1,2}[./-] ?(?:\d{4}|\d\d)(?!\d)", re.ASCII)
"""A purely numeric date. It is not passed to dateparser, which would guess which number is the month."""
_IN_WORDS = re.compile(r"[^\W\d_]{2}")
_NUMBERS = re.compile(r"\d+")
_SPELT_HALF = re.compile(r"\b([ap])\. m\.", re.IGNORECASE)
_SPELT_HOUR = re.compile(r"\b(\d{1,2}) h (\d\d) min (\d\d) s\b")
"""Spanish and French forms that dateparser does not know: `9:58:52 p. m.`, `21 h 58 min 52 s`."""


def read_date(text: str | None) -> datetime | None:
    """Parse a date; naive if it names no zone, None if it can't be read or is implausible.

    `-0000` in RFC 822 dates means UTC, as feeds use it, Diigo's among them.
    """
    moment = _known(text) if text and len(text) <= 100 else None
    return moment if moment and moment.year in _YEARS else None


# Cached because dates repeat: of creation and of change, and those of items that were imported together.
@lru_cache(maxsize=2048)
def _known(text: str) -> datetime | None:
    """Parse a date in any supported form."""
    text = " ".join(text.split())
    if not text.isascii():
        text = normalize("NFKC", text)
    with suppress(ValueError):
        if _STRICT.fullmatch(text):
            return datetime.fromisoformat(text.replace("/", "-").replace(" +", "+").replace(" -", "-"))
        if _OF_YEAR.fullmatch(text):
            return datetime.strptime(text, "%Y-%j")  # noqa: DTZ007 -- naive on purpose
    if (moment := _in_figures(text)) is not None:
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


def column_reader(texts: Iterable[str]) -> Callable[[str], datetime | None]:
    """A variant of `read_date` for dates written by one program.

    If some of the dates are unambiguous about the order of day and month, the ambiguous ones are read in that order.

    Args:
        texts: All dates of the document.
    """
    found = [match for text in texts if (match := _FIGURES.fullmatch(text.strip()[:100])) and match["first"]]
    orders = {int(match["first"]) > 12 for match in found if (int(match["first"]) > 12) != (int(match["second"]) > 12)}
    day_first = orders.pop() if len(orders) == 1 else None
    return lambda text: _in_figures(text.strip()[:100], day_first) or read_date(text)


def _in_figures(text: str, day_first: bool | None = None) -> datetime | None:
    """Parse a date in one of the forms of `_FIGURES`; None if the order of day and month is neither evident nor given.

    Args:
        text: The date.
        day_first: The order of day and month for ambiguous dates, if known.
    """
    match = _FIGURES.fullmatch(text if text.isascii() else " ".join(text.translate(_EAST_ASIAN).rstrip(": ").split()))
    if match is None:
        return None
    year, month, day, basic, name, fraction, half, zone = match.group(
        "year", "month", "day", "basic", "name", "fraction", "half", "zone"
    )
    if bool(match["end"]) != bool(match["word"] and not match["next"]):
        return None  # the year is missing, or there are two
    if name := name or match["word"]:
        year, day = match["years"] or match["next"] or match["end"], match["mail"] or match["after"]
        if (month := _MONTHS.get(name.lower())) is None:
            return None
        year = f"{20 if year < '69' else 19}{year}" if len(year) == 2 else year
    elif match["first"]:
        is_day_first = _is_day_first(match, day_first)
        if is_day_first is None:
            return None
        year, day, month = match.group("last", *(("first", "second") if is_day_first else ("second", "first")))
    elif basic:
        month, day = basic[:2], basic[2:]
    hour, minute, second = match.group("h", "m", "s") if match["h"] else match.group("hh", "mm", "ss")
    hours, minutes, seconds = int(hour or 0), int(minute or 0), int(second or 0)
    if half:
        hours = hours % 12 + 12 * (half in "pP")
    try:
        if minutes > 59 or seconds > 60 or (seconds := hours * 3600 + minutes * 60 + seconds) > 86400:
            return None
        moment = datetime(int(year), int(month), int(day), tzinfo=_zone(zone)) + timedelta(seconds=seconds)
        # 24:00 and leap seconds have rolled over.
        return moment.replace(microsecond=int(f"{fraction:0<6}")) if fraction else moment
    except (ValueError, OverflowError):
        return None


def _is_day_first(match: re.Match[str], day_first: bool | None) -> bool | None:
    """Whether the day is the first number of a numeric date with the year last; None if that is not known."""
    first, second = int(match["first"]), int(match["second"])
    if match["mark"] == ".":
        return True
    if first > 12 or second > 12 or first == second:
        return first > 12
    is_american = day_first is None and match["half"] and match["mark"] == "/"
    return False if is_american else day_first


@cache
def _zone(name: str | None) -> tzinfo | None:
    """A zone given by name, or as an offset in hours and minutes; None if there is none. Those that match are few.

    Raises:
        ValueError: The zone is unknown.
    """
    if not name:
        return None
    if name[0] not in "+-":
        if name.lower() not in _HOURS:
            raise ValueError(name)
        return timezone(timedelta(hours=_HOURS[name.lower()]))
    digits = name[1:].replace(":", "")
    hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "0")
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-offset if name[0] == "-" else offset)


_failures: Counter[str] = Counter()
"""How often dates of each shape (digits replaced with 0) could not be read; negative once one could."""
_ENOUGH = 3
_months: dict[str, int] = {}
"""The months of shapes of which one date was read: reading each date by its words would take 1 ms."""
_FIGURES_IN_WORDS = re.compile(r"\D*(\d{1,2})\D+(\d{4})(?:\D+(\d{1,2}):(\d\d)(?::(\d\d))?\W*|\D*)")
_LANGUAGES = (
    "en ru es fr de ja tr pt fa it zh nl vi pl ar ko cs id uk el he th sv ro hu da fi sk bg sr nb hr lt sl ca et lv hi"
)
"""Languages in which month names are recognised. Trying all 205 of dateparser takes 2 s for the first date."""


def _in_month(text: str, month: int) -> datetime | None:
    """A date with the day, the year and perhaps a time in figures, in a month known from its words."""
    found = _FIGURES_IN_WORDS.fullmatch(text)
    if found is None:
        return None
    day, year, hour, minute, second = (int(number or 0) for number in found.groups())
    try:
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 -- naive on purpose
    except ValueError:
        return None


def _in_words(text: str) -> datetime | None:
    """Parse a date with a month name in one of `_LANGUAGES`, in that language's order; None if it lacks the day."""
    numbers = _NUMBERS.findall(text)
    if _NUMERIC.search(text) or not _IN_WORDS.search(text):
        return None
    if len(numbers) < 2 or not any(len(number) == 4 for number in numbers):
        return None  # without a four-digit year, two digits could be a year or a day
    text = _SPELT_HOUR.sub(r"\1:\2:\3", _SPELT_HALF.sub(r"\1.m.", text))
    shape = _NUMBERS.sub("0", text)
    if _failures[shape] >= _ENOUGH:  # trying all languages in vain takes 100 ms
        return None
    if shape in _months and _FIGURES_IN_WORDS.fullmatch(text):
        return _in_month(text, _months[shape])
    moment = _words_reader().get_date_data(text).date_obj
    if isinstance(moment, datetime) and {moment.year, moment.day} <= set(map(int, numbers)):
        _failures[shape] = -1000
        # From an hour in the afternoon it is certain that no word for the half of the day counts.
        if moment == _in_month(text, moment.month) and moment.hour not in range(1, 13):
            _months[shape] = moment.month
        return moment
    _failures[shape] += 1
    return None  # or dateparser takes 32 March 2026 for a day in 2032


@cache
def _words_reader() -> Any:
    from dateparser.date import DateDataParser

    # Without `try_previous_locales`, the result does not depend on dates read before.
    return DateDataParser(
        languages=_LANGUAGES.split(),
        try_previous_locales=False,
        settings={"REQUIRE_PARTS": ["day", "month", "year"], "PARSERS": ["absolute-time"]},
    )
