"""The kinds of values that settings take, and the description of a setting. Pure."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec.structs import replace

from florilege.model import FlorilegeError
from florilege.quotes.templates import QUOTE_FIELDS, template
from florilege.text import clean_line, counted

Value: TypeAlias = str | bool | int | float | None
"""A value as it appears in the file; None means not set."""


class Kind(msgspec.Struct, frozen=True):
    """A kind of value: what is accepted, and how it is read and worded."""

    words: str
    """A description, used in messages and in the reference."""
    type: Any
    """Its type in the file, for msgspec."""
    use: Callable[[Any], Any] = lambda value: value
    """Converts to the value that the program uses; raises when the value is invalid after all."""
    wordings: tuple[tuple[Value, str], ...] = ()
    """Wording on the screen for values that the file spells differently. If false is among them, it stands for None."""
    steps: tuple[Value, ...] = ()
    """All possible values, where there are only a few."""

    @property
    def may_be_off(self) -> bool:
        """Whether false is accepted."""
        return any(value is False for value, _ in self.wordings)

    def read(self, value: Any) -> Any:
        """Convert a value of the file to the one that the program uses.

        Raises:
            ValueError: It is not of this kind.
        """
        if self.may_be_off and value is False:
            return None
        try:
            return self.use(msgspec.convert(value, self.type))
        except (RuntimeError, FlorilegeError) as error:  # `~` without a home: RuntimeError
            raise ValueError(str(error)) from error


class Setting(msgspec.Struct, frozen=True):
    """One setting: annotates a field of its section, and describes it in the reference and on the settings screen."""

    kind: Kind
    sentence: str
    """What the setting does."""
    title: str = ""
    """Its title on the settings screen; empty when it can be changed in the file only."""
    steps: tuple[Value, ...] = ()
    """The values to step through on the screen, in order; empty when the value has to be typed."""
    unit: str = ""
    """Suffix for numbers."""
    section: str = ""
    """The table it is in."""
    name: str = ""
    """Its name in the table."""
    default_value: Value = None
    """The value when the file does not set it."""

    @property
    def field(self) -> str:
        """Section and name, such as `reading.mark_after`."""
        return f"{self.section}.{self.name}"

    @property
    def default(self) -> str:
        """The default as TOML; empty when it is not set by default."""
        return "" if self.default_value is None else json.dumps(self.default_value)

    def wording(self, value: Value) -> str:
        """The wording of a value."""
        known = next((words for each, words in self.kind.wordings if same(each, value)), None)
        if known is not None:
            return known
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, (int, float)):
            return f"{value:g}{self.unit}"
        words = " ".join(str(value).split())
        return _in_words(words) if self.kind is TIME_OR_NEVER else words


def same(one: Value, other: Value) -> bool:
    """Whether two values are the same in the file, where `0` is not `false`."""
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def whole(least: int, most: int) -> Kind:
    """A whole number within these limits."""
    return Kind(f"a whole number from {least} to {most}", Annotated[int, msgspec.Meta(ge=least, le=most)])


def or_false(kind: Kind, off: str) -> Kind:
    """Extend a kind to accept false, which stands for None; `off` says what that means."""
    return replace(kind, words=f"{kind.words}, or false ({off})", wordings=((False, off), *kind.wordings))


def one_of(**wordings: str) -> Kind:
    """One of several words, given as the word in the file and its wording on the screen."""
    *others, last = (f'"{word}"' for word in wordings)
    words = f"{', '.join(others)} or {last}"
    return Kind(words, Literal[tuple(wordings)], wordings=tuple(wordings.items()), steps=tuple(wordings))


def text(words: str, pattern: str, use: Callable[[str], Any] = clean_line, *, unset: str = "") -> Kind:
    """Text that matches a JSON Schema pattern, which is not anchored.

    Args:
        words: A description of the text.
        pattern: The pattern.
        use: Converts to the value that the program uses; raises when the text is invalid after all.
        unset: Wording on the screen when nothing is set.
    """
    return Kind(words, Annotated[str, msgspec.Meta(pattern=pattern)], use, ((None, unset),))


_LONGEST = timedelta(days=3650)
"""Ten years: no calendar reaches much further, and nobody would mean a longer time."""
_TIME = re.compile(r"([0-9]{1,9}) ?([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def _length_of_time(value: str) -> timedelta:
    match = _TIME.fullmatch(value)
    length = timedelta(**{_UNITS[match[2]]: int(match[1])}) if match else None
    if length is None or length > _LONGEST:
        raise ValueError
    return length


def _in_words(value: str) -> str:
    """A length of time in words; any other value unchanged."""
    match = _TIME.fullmatch(value)
    return counted(int(match[1]), _UNITS[match[2]].removesuffix("s")) if match else value


def _command(words: list[str]) -> tuple[str, ...]:
    if not words[0].strip():
        raise ValueError
    return tuple(words)


YES_OR_NO = Kind("true or false", bool, steps=(True, False))
TIME = text('a length of time such as "30m", "1h" or "2d", at most ten years', f"^{_TIME.pattern}$", _length_of_time)
TIME_OR_NEVER = or_false(TIME, "only on request")
_BEGINS_WITH_WORDS = {"allOf": [{"items": [{"pattern": r"\S"}]}]}
"""JSON Schema: the first element of the list is not blank."""
COMMAND = Kind(
    'a program and its arguments, such as ["program", "argument"]',
    Annotated[list[str], msgspec.Meta(min_length=1, extra_json_schema=_BEGINS_WITH_WORDS)],
    _command,
)
FOLDER = text('the path of a folder, such as "~/Sync/florilege"', "^[/~]", lambda value: Path(value).expanduser())
TEMPLATE = text(
    f"text with fields such as {', '.join(f'{{{name}}}' for name in QUOTE_FIELDS)}", r"\S", template, unset="Markdown"
)
