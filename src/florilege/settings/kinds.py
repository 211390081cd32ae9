"""What the value of a setting may be, and how a setting says what it is. Pure."""

import dataclasses
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from florilege.quotes.templates import QUOTE_FIELDS, TemplateError, template
from florilege.text import clean_line

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value may be: in words, and as a function that gives None for what it is not."""

    words: str
    read: Callable[[Any], Any]
    """Gives a tuple of the value as the program uses it, or None when the value will not do."""
    off: str = "no"
    """How `false` is said, where it may be false."""


def setting(default: T, kind: Kind, sentence: str, written: str) -> T:
    """A field of a settings class, with what describes it. `written` is the default as it stands in TOML."""
    metadata = {"kind": kind, "sentence": sentence, "written": written}
    field: T = dataclasses.field(default=default, metadata=metadata)
    return field


def number(least: float, most: float) -> Callable[[Any], Any]:
    """Reads a number within these limits."""

    def read(value: Any) -> Any:
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return (float(value),) if is_number and least <= value <= most else None

    return read


def whole(least: int, most: int) -> Kind:
    """A whole number within these limits."""

    def read(value: Any) -> Any:
        return (value,) if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most else None

    return Kind(f"a whole number from {least} to {most}", read)


def or_false(kind: Kind, off: str) -> Kind:
    """The same, or false, which stands for None; `off` says what it means."""
    return Kind(f"{kind.words}, or false ({off})", lambda value: (None,) if value is False else kind.read(value), off)


def one_of(*words: str) -> Kind:
    """One of some words."""
    quoted = [f'"{word}"' for word in words]
    return Kind(f"{', '.join(quoted[:-1])} or {quoted[-1]}", lambda value: (value,) if value in words else None)


_LONGEST = timedelta(days=3650)
"""Ten years: no calendar reaches much further, and nobody means it."""
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def _length_of_time(value: Any) -> Any:
    match = re.fullmatch(r"(\d{1,9}) ?([smhdw])", value, re.ASCII) if isinstance(value, str) else None
    length = timedelta(**{_UNITS[match[2]]: int(match[1])}) if match else None
    return (length,) if length is not None and length <= _LONGEST else None


YES_OR_NO = Kind("true or false", lambda value: (value,) if isinstance(value, bool) else None)
SECONDS = Kind("a number of seconds", number(0, 3600))
TIMEOUT = Kind("a number of seconds from 1 to 600", number(1, 600))
TIME = Kind('a length of time such as "30m", "1h" or "2d", ten years at most', _length_of_time)
HOUR = timedelta(hours=1)
NAME = Kind(
    "a name in quotes", lambda value: (clean_line(value),) if isinstance(value, str) and value.strip() else None
)


def _template(value: Any) -> Any:
    try:
        return (template(value),) if isinstance(value, str) and value.strip() else None
    except TemplateError:
        return None


TEMPLATE = Kind(f"text with fields such as {', '.join(f'{{{name}}}' for name in QUOTE_FIELDS)}", _template)
