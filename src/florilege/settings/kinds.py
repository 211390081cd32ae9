"""What the value of a setting may be, and a setting with all that is known of it. Pure."""

import dataclasses
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from florilege.quotes.templates import QUOTE_FIELDS, TemplateError, template
from florilege.text import clean_line

T = TypeVar("T")
Value: TypeAlias = str | bool | int | float | None
"""A value as the file has it; None is not set."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value may be: in words, and as a function that gives None for what it is not."""

    words: str
    read: Callable[[Any], Any]
    """Gives a tuple of the value as the program uses it, or None when the value will not do."""
    off: str = "no"
    """How `false` is said, where it may be false."""
    steps: tuple[Value, ...] = ()
    """All there is to choose from, where that is little."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One line of the reference of settings."""

    field: str
    """`reading.mark_after`."""
    type: str
    """What it may be, in words."""
    default: str
    """As it stands in TOML; empty when it is not set by default."""
    sentence: str
    title: str = ""
    """What it is called on the screen; empty when it is changed in the file only."""
    off: str = "no"
    """How `false` is said, where it may be false."""
    steps: tuple[Value, ...] = ()
    """What one goes through on the screen, in order; empty when it has to be typed."""
    unit: str = ""
    """What stands behind a number."""

    @property
    def section(self) -> str:
        """The table it is in."""
        return self.field.partition(".")[0]

    @property
    def name(self) -> str:
        """Its name in the table."""
        return self.field.partition(".")[2]

    @property
    def default_value(self) -> Value:
        """What it is when the file does not say."""
        value: Value = tomllib.loads(f"value = {self.default}")["value"] if self.default else None
        return value

    def said(self, value: Value) -> str:
        """A value in words."""
        if value is None:
            return "Markdown" if self.name == "quote" else "the one chosen last"
        if isinstance(value, bool):
            return "yes" if value else self.off
        if isinstance(value, (int, float)):
            return f"{value:g}{self.unit}" if value or self.name != "mark_after" else "at once"
        words = " ".join(value.split())
        return _WORDS.get(value) or _in_words(words) or words if self.steps else words


def setting(
    default: T, kind: Kind, sentence: str, title: str, steps: tuple[Value, ...] = (), unit: str = "", written: str = ""
) -> T:
    """A field of a settings class, with what describes it.

    Args:
        default: The default as the program uses it.
        kind: What it may be.
        sentence: What it does.
        title: What it is called on the screen.
        steps: What one goes through there; all that `kind` offers, when there is nothing else.
        unit: What stands behind a number.
        written: The default as it stands in TOML, when that is not how Python writes it.
    """
    if not written and default is not None:
        written = str(default).lower() if isinstance(default, bool) else repr(default).replace("'", '"')
    described = {"kind": kind, "sentence": sentence, "title": title, "steps": steps or kind.steps, "unit": unit}
    field: T = dataclasses.field(default=default, metadata=described | {"written": written})
    return field


def same(one: Value, other: Value) -> bool:
    """Whether two values are the same in the file: `0` is not `false` there."""
    return isinstance(one, bool) == isinstance(other, bool) and one == other


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
    *others, last = (f'"{word}"' for word in words)
    return Kind(f"{', '.join(others)} or {last}", lambda value: (value,) if value in words else None, steps=words)


_LONGEST = timedelta(days=3650)
"""Ten years: no calendar reaches much further, and nobody means it."""
_TIME = re.compile(r"(\d{1,9}) ?([smhdw])", re.ASCII)
_UNITS = {
    "s": ("seconds", "s", "s"),
    "m": ("minutes", "min", "min"),
    "h": ("hours", "h", "h"),
    "d": ("days", "day", "days"),
    "w": ("weeks", "week", "weeks"),
}
"""What a unit of time is for Python, and how one and several are said."""
_WORDS = {
    "rest": "after a rest",
    "leave": "on leaving",
    "hand": "by hand",
    "separate": "each for itself",
    "common": "read together",
    "short": "12 Apr",
    "iso": "2019-04-12",
    "relative": "3 days ago",
}
"""Words of the file that say more in others."""


def _length_of_time(value: Any) -> Any:
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    length = timedelta(**{_UNITS[match[2]][0]: int(match[1])}) if match else None
    return (length,) if length is not None and length <= _LONGEST else None


def _in_words(value: str) -> str | None:
    """A length of time in words, or None when it is none."""
    match = _TIME.fullmatch(value)
    return f"{match[1]} {_UNITS[match[2]][1 if match[1] == '1' else 2]}" if match else None


def _folder(value: Any) -> Any:
    try:
        path = Path(value).expanduser() if isinstance(value, str) and value.strip() else None
    except RuntimeError:  # there is no home
        return None
    return (path,) if path is not None and path.is_absolute() else None


def _template(value: Any) -> Any:
    try:
        return (template(value),) if isinstance(value, str) and value.strip() else None
    except TemplateError:
        return None


YES_OR_NO = Kind("true or false", lambda value: (value,) if isinstance(value, bool) else None, steps=(True, False))
SECONDS = Kind("a number of seconds", number(0, 3600))
TIMEOUT = Kind("a number of seconds from 1 to 600", number(1, 600))
TIME = Kind('a length of time such as "30m", "1h" or "2d", ten years at most', _length_of_time)
COMMAND = Kind(
    'a program and its words, such as ["notify-send", "News"]',
    lambda value: (
        (tuple(value),)
        if isinstance(value, list) and value and all(isinstance(word, str) for word in value) and value[0].strip()
        else None
    ),
)
NAME = Kind(
    "a name in quotes", lambda value: (clean_line(value),) if isinstance(value, str) and value.strip() else None
)
FOLDER = Kind('the path of a folder, such as "~/Sync/florilege"', _folder)
TEMPLATE = Kind(f"text with fields such as {', '.join(f'{{{name}}}' for name in QUOTE_FIELDS)}", _template)
