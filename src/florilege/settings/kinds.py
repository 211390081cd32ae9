"""What the value of a setting may be, and a setting with all that is known of it. Pure."""

import re
import tomllib
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from florilege.quotes.templates import QUOTE_FIELDS, TemplateError, template
from florilege.text import clean_line

Value: TypeAlias = str | bool | int | float | None
"""A value as the file has it; None is not set."""


class Kind(msgspec.Struct, frozen=True):
    """What a value may be: in words, as JSON Schema, and as a function that gives None for what it is not."""

    words: str
    schema: Mapping[str, Any]
    read: Callable[[Any], Any]
    """Gives a tuple of the value as the program uses it, or None when the value will not do."""
    said: tuple[tuple[Value, str], ...] = ()
    """Values that the screen calls by other words than the file."""
    steps: tuple[Value, ...] = ()
    """All there is to choose from, where that is little."""


class Setting(msgspec.Struct, frozen=True):
    """One setting: it annotates the field of its section, and describes it in the reference and on the screen."""

    kind: Kind
    sentence: str
    """What it does."""
    title: str = ""
    """What it is called on the screen; empty when it is changed in the file only."""
    steps: tuple[Value, ...] = ()
    """What one goes through on the screen, in order; empty when it has to be typed."""
    unit: str = ""
    """What stands behind a number."""
    section: str = ""
    """The table it is in."""
    name: str = ""
    """Its name in the table."""
    default: str = ""
    """As it stands in TOML; empty when it is not set by default."""

    @property
    def field(self) -> str:
        """`reading.mark_after`."""
        return f"{self.section}.{self.name}"

    @property
    def default_value(self) -> Value:
        """What it is when the file does not say."""
        value: Value = tomllib.loads(f"value = {self.default}")["value"] if self.default else None
        return value

    def said(self, value: Value) -> str:
        """A value in words."""
        known = next((words for each, words in self.kind.said if same(each, value)), None)
        if known is not None:
            return known
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, (int, float)):
            return f"{value:g}{self.unit}"
        words = " ".join(str(value).split())
        return _in_words(words) if self.kind is TIME_OR_NEVER else words


def same(one: Value, other: Value) -> bool:
    """Whether two values are the same in the file: `0` is not `false` there."""
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def is_number(value: Any, least: float, most: float) -> bool:
    """Whether a value is a number within these limits."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and least <= value <= most


def seconds(words: str, least: int, most: int) -> Kind:
    """A number of seconds within these limits."""
    schema = {"type": "number", "minimum": least, "maximum": most}
    return Kind(words, schema, lambda value: (float(value),) if is_number(value, least, most) else None)


def whole(least: int, most: int) -> Kind:
    """A whole number within these limits."""
    return Kind(
        f"a whole number from {least} to {most}",
        {"type": "integer", "minimum": least, "maximum": most},
        lambda value: (value,) if isinstance(value, int) and is_number(value, least, most) else None,
    )


def or_false(kind: Kind, off: str) -> Kind:
    """The same, or false, which stands for None; `off` says what it means."""
    return Kind(
        f"{kind.words}, or false ({off})",
        {"anyOf": [kind.schema, {"enum": [False]}]},
        lambda value: (None,) if value is False else kind.read(value),
        ((False, off), *kind.said),
    )


def one_of(**said: str) -> Kind:
    """One of some words; each with what the screen calls it, where that is another one."""
    *others, last = (f'"{word}"' for word in said)
    return Kind(
        f"{', '.join(others)} or {last}",
        {"enum": list(said)},
        lambda value: (value,) if isinstance(value, str) and value in said else None,
        tuple(said.items()),
        tuple(said),
    )


def text(words: str, pattern: str, unset: str = "") -> Kind:
    """A text that a pattern of JSON Schema finds something in; `unset` is what the screen calls none."""
    found = re.compile(pattern, re.ASCII)
    return Kind(
        words,
        {"type": "string", "pattern": pattern},
        lambda value: (clean_line(value),) if isinstance(value, str) and found.search(value) else None,
        ((None, unset),),
    )


_LONGEST = timedelta(days=3650)
"""Ten years: no calendar reaches much further, and nobody means it."""
_TIME = re.compile(r"([0-9]{1,9}) ?([smhdw])")
_UNITS = {
    "s": ("seconds", "s", "s"),
    "m": ("minutes", "min", "min"),
    "h": ("hours", "h", "h"),
    "d": ("days", "day", "days"),
    "w": ("weeks", "week", "weeks"),
}
"""What a unit of time is for Python, and how one and several are said."""


def _length_of_time(value: Any) -> Any:
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    length = timedelta(**{_UNITS[match[2]][0]: int(match[1])}) if match else None
    return (length,) if length is not None and length <= _LONGEST else None


def _in_words(value: str) -> str:
    """A length of time in words; what is none as it is."""
    match = _TIME.fullmatch(value)
    return f"{match[1]} {_UNITS[match[2]][1 if match[1] == '1' else 2]}" if match else value


def _folder(value: Any) -> Any:
    try:
        path = Path(value).expanduser() if isinstance(value, str) and value.startswith(("/", "~")) else None
    except RuntimeError:  # there is no home
        return None
    return (path,) if path is not None else None


def _template(value: Any) -> Any:
    try:
        return (template(value),) if isinstance(value, str) and value.strip() else None
    except TemplateError:
        return None


def _command(value: Any) -> Any:
    is_list = isinstance(value, list) and all(isinstance(word, str) and "\x00" not in word for word in value)
    return (tuple(value),) if is_list and value and value[0].strip() else None


YES_OR_NO = Kind(
    "true or false",
    {"type": "boolean"},
    lambda value: (value,) if isinstance(value, bool) else None,
    steps=(True, False),
)
TIME = Kind(
    'a length of time such as "30m", "1h" or "2d", ten years at most',
    {"type": "string", "pattern": f"^{_TIME.pattern}$"},
    _length_of_time,
)
TIME_OR_NEVER = or_false(TIME, "only when you ask")
COMMAND = Kind(
    'a program and its words, such as ["program", "word"]',
    {
        "type": "array",
        "items": [{"type": "string", "pattern": r"\S"}],
        "additionalItems": {"type": "string"},
        "minItems": 1,
    },
    _command,
)
FOLDER = Kind('the path of a folder, such as "~/Sync/florilege"', {"type": "string", "pattern": "^[/~]"}, _folder)
TEMPLATE = Kind(
    f"text with fields such as {', '.join(f'{{{name}}}' for name in QUOTE_FIELDS)}",
    {"type": "string", "pattern": r"\S"},
    _template,
    ((None, "Markdown"),),
)
