"""The settings: what can be set, what it means, and how config.toml is read. Pure but for reading that one file.

Every setting says itself what it is (`setting`); reading, warnings and the reference of README and `florilege config`
come from there. A mistake in the file costs that one setting, never the start.
"""

import dataclasses
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from florilege.config.rules import DESCRIBED, Rule, read_rule
from florilege.templates import QUOTE_FIELDS, Template, TemplateError, template
from florilege.text import clean_line

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value may be: in words, and as a function that gives None for what it is not."""

    words: str
    read: Callable[[Any], Any]
    """Gives a tuple of the value as the program uses it, or None when the value will not do."""


def setting(default: T, kind: Kind, sentence: str, written: str) -> T:
    """A field of a settings class, with what describes it. `written` is the default as it stands in TOML."""
    metadata = {"kind": kind, "sentence": sentence, "written": written}
    field: T = dataclasses.field(default=default, metadata=metadata)
    return field


def _number(least: float, most: float) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return (float(value),) if is_number and least <= value <= most else None

    return read


def _whole(least: int, most: int) -> Kind:
    def read(value: Any) -> Any:
        return (value,) if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most else None

    return Kind(f"a whole number from {least} to {most}", read)


def _or_false(kind: Kind) -> Kind:
    return Kind(f"{kind.words}, or false", lambda value: (None,) if value is False else kind.read(value))


def _one_of(*words: str) -> Kind:
    quoted = [f'"{word}"' for word in words]
    return Kind(f"{', '.join(quoted[:-1])} or {quoted[-1]}", lambda value: (value,) if value in words else None)


_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def _length_of_time(value: Any) -> Any:
    match = re.fullmatch(r"(\d{1,6}) ?([smhdw])", value, re.ASCII) if isinstance(value, str) else None
    return (timedelta(**{_UNITS[match[2]]: int(match[1])}),) if match else None


YES_OR_NO = Kind("true or false", lambda value: (value,) if isinstance(value, bool) else None)
SECONDS = Kind("a number of seconds", _number(0, 3600))
TIMEOUT = Kind("a number of seconds from 1 to 600", _number(1, 600))
TIME = Kind('a length of time such as "30m", "1h" or "2d"', _length_of_time)
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


@dataclass(frozen=True, kw_only=True)
class Reading:
    """When an item counts as read."""

    mark: str = setting(
        "rest",
        _one_of("rest", "leave", "hand"),
        "When items are marked read by themselves: after resting on one, when you leave it, or never (by hand).",
        '"rest"',
    )
    mark_after: float | None = setting(
        1.0,
        _or_false(SECONDS),
        "Seconds of rest: how long an item's annotations are on screen before it is marked; 0 is at once, false never.",
        "1.0",
    )
    """In seconds; None is never."""
    same_page: str = setting(
        "separate",
        _one_of("separate", "common"),
        "Whether items of one page, in several groups or by several sharers, are read each for itself, or together.",
        '"separate"',
    )
    mark_on_open: bool = setting(True, YES_OR_NO, "Opening the page of an item marks it read.", "true")
    mark_on_copy: bool = setting(True, YES_OR_NO, "Copying from an item marks it read.", "true")


@dataclass(frozen=True, kw_only=True)
class Refresh:
    """When and how politely groups are fetched."""

    every: timedelta | None = setting(  # noqa: RUF009 -- the value is frozen like all others here
        HOUR,
        _or_false(TIME),
        "Shortest time between two fetches of one group; servers may ask for longer. "
        "With false, groups are fetched only when you ask.",
        '"1h"',
    )
    """None is only when asked."""
    on_start: bool = setting(True, YES_OR_NO, "Fetch what is due, quietly, when the app opens.", "true")
    timeout: float = setting(30.0, TIMEOUT, "Seconds a server may stay silent before it is given up.", "30.0")
    """In seconds."""
    per_host: int = setting(2, _whole(1, 10), "Requests sent to one host at the same time.", "2")
    at_once: int = setting(16, _whole(1, 100), "Requests sent at the same time, to all hosts together.", "16")


@dataclass(frozen=True, kw_only=True)
class Look:
    """How the app looks."""

    theme: str | None = setting(None, NAME, "Name of the theme; when not set, the one you chose last.", "")
    """None is the last one chosen."""
    density: str = setting(
        "comfortable", _one_of("comfortable", "compact"), "How many lines an item takes in a list.", '"comfortable"'
    )
    fold_after: int | None = setting(
        30,
        _or_false(_whole(1, 10_000)),
        "Highlights shown of a long item before the others are folded away; false folds nothing.",
        "30",
    )
    """None folds nothing."""
    dates: str = setting(
        "short",
        _one_of("short", "iso", "relative"),
        'How dates are written: "12 Apr", "2019-04-12", or "3 days ago".',
        '"short"',
    )
    animation: str = setting(
        "full",
        _one_of("full", "none"),
        'Whether what comes and goes may glide; with "none" nothing moves by itself.',
        '"full"',
    )


@dataclass(frozen=True, kw_only=True)
class Copy:
    """How quotes are copied."""

    quote: Template | None = setting(  # noqa: RUF009 -- the value is frozen like all others here
        None,
        TEMPLATE,
        "What copying a quote gives; when not set, a Markdown quote with its source.",
        "",
    )
    """None is a Markdown quote."""


@dataclass(frozen=True, kw_only=True)
class Keeping:
    """How long and how much of a group is kept. Off by default: nothing is ever purged."""

    keep_days: int | None = setting(
        None,
        _or_false(_whole(1, 36500)),
        "Days that read items are kept after they came, changed or were read; false keeps them for ever. "
        "Starred and newly highlighted ones always stay. Applied after `florilege refresh`, and when the app closes.",
        "false",
    )
    """None is for ever."""
    keep_items: int | None = setting(
        None,
        _or_false(_whole(1, 1_000_000)),
        "Items kept of each group, the newest first; false keeps all. Unread, starred and newly highlighted ones "
        "always stay. What was purged does not come back.",
        "false",
    )
    """None is all."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """All settings, as the file gives them or by default."""

    reading: Reading = Reading()
    refresh: Refresh = Refresh()
    look: Look = Look()
    copy: Copy = Copy()
    library: Keeping = Keeping()
    keys: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    """Keys of commands that the reader has bound anew, by the command's id; empty when it shall have none.
    Whether there is such a command is for `commands` to say."""
    sources: tuple[Rule, ...] = ()
    """What holds for some sources only."""
    warnings: tuple[str, ...] = ()
    """What could not be understood in the file, a sentence each."""


_SECTIONS: dict[str, type[Reading] | type[Refresh] | type[Look] | type[Copy] | type[Keeping]] = {
    "reading": Reading,
    "refresh": Refresh,
    "look": Look,
    "copy": Copy,
    "library": Keeping,
}
_SOURCE = "source"
"""The name of the tables, as many as one likes, that hold for some sources only."""
_KEYS_SENTENCE = "Key, or list of keys, of a command; [] for none. `florilege bindings` lists the commands."


@dataclass(frozen=True, slots=True)
class Described:
    """One line of the reference of settings."""

    field: str
    """`reading.mark_after`."""
    type: str
    """What it may be, in words."""
    default: str
    """As it stands in TOML; empty when it is not set by default."""
    sentence: str


def describe() -> list[Described]:
    """Every setting there is, in the order of the reference."""
    lines = [
        Described(f"{section}.{name}", meta["kind"].words, meta["written"], meta["sentence"])
        for section, settings in _SECTIONS.items()
        for name, meta in _settings(settings).items()
    ]
    keys = Described("keys.COMMAND", "a key or a list of keys, in quotes", "", _KEYS_SENTENCE)
    return [*lines, keys, *(Described(f"{_SOURCE}.{name}", kind, "", said) for name, kind, said in DESCRIBED)]


def load(path: Path) -> Config:
    """The settings of a file. One that does not exist is no mistake; one that cannot be read gives the defaults.

    What is not understood is told in `warnings`, and its default is used. Nothing is raised.
    """
    try:
        text = path.read_text("utf-8-sig")
        document = tomllib.loads(text)
    except FileNotFoundError:
        return Config()
    except UnicodeDecodeError as error:
        return _without(path, f"it is not UTF-8 text (byte {error.start})")
    except OSError as error:
        return _without(path, f"it can't be opened ({error.strerror or 'no reason given'})")
    except tomllib.TOMLDecodeError as error:
        return _without(path, f"it is not TOML: {error}")
    except RecursionError:
        return _without(path, "it is nested too deeply")
    return _Reader(path, text).config(document)


class _Reader:
    """Turns one document into settings, keeping count of what was odd."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._lines = text.splitlines()
        self._warnings: list[str] = []

    def config(self, document: dict[str, Any]) -> Config:
        """The settings of the document, with the warnings about it."""
        found: dict[str, Any] = {}
        for name, table in document.items():
            if name == _SOURCE:
                found["sources"] = tuple(self._rules(table))
            elif name != "keys" and name not in _SECTIONS:
                near = _nearest(name, [*_SECTIONS, "keys", _SOURCE])
                self._warn(name, "", f"{name} is not known{near}; it is left out")
            elif not isinstance(table, dict):
                self._warn(name, "", f"{name} has to be a table: write [{name}] on a line of its own")
            elif name == "keys":
                found[name] = dict(self._keys(table))
            else:
                found[name] = _SECTIONS[name](**dict(self._values(name, table)))
        return Config(**found, warnings=tuple(self._warnings))

    def _values(self, section: str, table: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        """The settings of one section that can be used."""
        known = _settings(_SECTIONS[section])
        for name, value in table.items():
            if name not in known:
                self._warn(section, name, f"[{section}] {name} is not known{_nearest(name, [*known])}; it is left out")
                continue
            kind: Kind = known[name]["kind"]
            if (read := kind.read(value)) is None:
                written = known[name]["written"] or "the default"
                self._warn(section, name, f"[{section}] {name} has to be {kind.words}; {written} is used")
            else:
                yield name, read[0]

    def _keys(self, table: dict[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The bindings that can be used."""
        for command, value in table.items():
            keys = [value] if isinstance(value, str) else value
            if isinstance(keys, list) and all(isinstance(key, str) and key.strip() for key in keys):
                yield command, tuple(key.strip() for key in keys)
            else:
                self._warn("keys", command, f"[keys] {command} has to be a key or a list of keys; it is left as it was")

    def _rules(self, tables: Any) -> Iterator[Rule]:
        """The rules that can be used. What is wrong costs its own table."""
        headers = [number for number, line in enumerate(self._lines, 1) if _header(line.strip()) == _SOURCE]
        if not isinstance(tables, list):
            self._warn(_SOURCE, "", f"{_SOURCE} has to be a table of its own: write [[{_SOURCE}]]")
            return
        for place, table in enumerate(tables):
            wrong = "it has to be a table" if not isinstance(table, dict) else None
            rule = wrong or read_rule(table, self._path.parent, TIME.read)
            if isinstance(rule, Rule):
                yield rule
            else:
                line = headers[place] if len(headers) == len(tables) else None
                self._warn_at(line, f"[[{_SOURCE}]] {rule}; the table is left out")

    def _warn(self, section: str, name: str, sentence: str) -> None:
        self._warn_at(_line_of(self._lines, section, name), sentence)

    def _warn_at(self, line: int | None, sentence: str) -> None:
        place = f"{self._path}, line {line}" if line else f"{self._path}"
        self._warnings.append(clean_line(f"{place}: {sentence}."))


def _line_of(lines: list[str], section: str, name: str) -> int | None:
    """The line, from 1, where a table or a setting of it is written; None when it is written in an unusual way.

    tomllib forgets lines, so this looks for the usual spelling only.
    """
    inside = not name
    wanted = name or section
    for number, line in enumerate(lines, 1):
        bare = line.strip()
        if bare.startswith("["):
            header = _header(bare)
            if not name and header == section:
                return number
            inside = header == section if name else False
        elif inside and bare.partition("=")[0].strip(" \"'") == wanted:
            return number
    return None


def _header(line: str) -> str:
    """The name of the table a line begins; empty when it begins none."""
    return line.partition("]")[0].strip("[ \"'") if line.startswith("[") else ""


def _settings(section: type[Any]) -> dict[str, Mapping[str, Any]]:
    """What is known of each setting of a section, by name."""
    return {field.name: field.metadata for field in dataclasses.fields(section)}


def _nearest(name: str, known: list[str]) -> str:
    """The question whether a known name was meant; else what there is to choose from."""
    near = get_close_matches(name, known, 1, 0.6)
    return f" (did you mean {near[0]}?)" if near else f" (there are {', '.join(known)})"


def _without(path: Path, reason: str) -> Config:
    """The defaults, and why the file could not be used."""
    return Config(warnings=(clean_line(f"The settings were not read from {path}: {reason}. The defaults are used."),))
