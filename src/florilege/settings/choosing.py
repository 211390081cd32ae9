"""The settings people change from within the app: what they are called, what they may be set to, how that is said.

Values are those of the file (`false`, `"1h"`), so what is chosen is what is written. What a setting means is told by
`settings.describe`, which a test holds against this table.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from florilege.settings.settings import Described, describe

Value: TypeAlias = str | bool | int | float | None
"""A value as the file has it; None is not set."""


def same(one: Value, other: Value) -> bool:
    """Whether two values are the same in the file: `0` is not `false` there."""
    return isinstance(one, bool) == isinstance(other, bool) and one == other


SECTIONS = {"reading": "Reading", "refresh": "Refreshing", "look": "Look", "copy": "Copying", "library": "Keeping"}
"""What the tables of the file are called on the screen."""


@dataclass(frozen=True, slots=True)
class Changeable:
    """One setting that can be changed."""

    described: Described
    title: str
    steps: tuple[Value, ...]
    """What one goes through, in order; empty when it has to be typed."""
    unit: str = ""
    """What stands behind a number."""

    @property
    def section(self) -> str:
        """The table it is in."""
        return self.described.field.partition(".")[0]

    @property
    def name(self) -> str:
        """Its name in the table."""
        return self.described.field.partition(".")[2]

    @property
    def default(self) -> Value:
        """What it is when the file does not say."""
        value: Value = tomllib.loads(f"value = {self.described.default}")["value"] if self.described.default else None
        return value

    def after(self, value: Value, direction: int) -> Value:
        """The step after a value (1) or before it (-1), round and round; a value of one's own lies between steps."""
        steps = self.steps
        place = next((place for place, step in enumerate(steps) if same(step, value)), None)
        if place is not None:
            return steps[(place + direction) % len(steps)]
        return steps[0 if direction > 0 else -1] if steps else value

    def said(self, value: Value) -> str:
        """A value in words."""
        if value is None:
            return "the usual" if self.name == "quote" else "the one chosen last"
        if isinstance(value, bool):
            return "yes" if value else self.described.off
        if isinstance(value, (int, float)):
            return f"{value:g}{self.unit}" if value or self.name != "mark_after" else "at once"
        words = " ".join(value.split())
        return _WORDS.get(value) or _length(words) or words if self.steps else words


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

_UNITS = {"s": ("s", "s"), "m": ("min", "min"), "h": ("h", "h"), "d": ("day", "days"), "w": ("week", "weeks")}


def _length(value: str) -> str | None:
    """A length of time in words, or None when it is none."""
    match = re.fullmatch(r"(\d+) ?([smhdw])", value, re.ASCII)
    return f"{match[1]} {_UNITS[match[2]][match[1] != '1']}" if match else None


_KNOWN: dict[str, tuple[str, tuple[Value, ...], str]] = {
    "reading.mark": ("Mark items read", (), ""),
    "reading.mark_after": ("Mark read after", (0, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, False), " s"),
    "reading.same_page": ("Items of one page", (), ""),
    "reading.mark_on_open": ("Opening marks read", (), ""),
    "reading.mark_on_copy": ("Copying marks read", (), ""),
    "refresh.every": ("Fetch again after", ("15m", "30m", "1h", "2h", "6h", "12h", "1d", False), ""),
    "refresh.on_start": ("Refresh at the start", (), ""),
    "refresh.timeout": ("Wait for a server", (10.0, 20.0, 30.0, 60.0, 120.0), " s"),
    "refresh.per_host": ("Requests to one host", (1, 2, 4, 6, 10), " at once"),
    "refresh.at_once": ("Requests to all hosts", (4, 8, 16, 32, 64), " at once"),
    "refresh.older_pages": ("History at one go", (20, 50, 200, 1000, 5000), " pages"),
    "refresh.older_items": ("Of it, at most", (1000, 5000, 20000, 100_000), " items"),
    "look.theme": ("Theme", (), ""),
    "look.density": ("Density", (), ""),
    "look.dates": ("Dates", (), ""),
    "look.fold_after": ("Fold long items", (10, 20, 30, 50, 100, False), " highlights on"),
    "look.animation": ("Animation", (), ""),
    "copy.quote": ("A quote is copied as", (), ""),
    "library.keep_days": ("Keep read items", (30, 90, 180, 365, 730, False), " days"),
    "library.keep_items": ("Keep of each group", (100, 500, 1000, 5000, 10000, False), " items"),
}
"""Title, steps, unit. Steps of settings that have but some words are those words."""


def changeable(themes: Sequence[str] = ()) -> list[Changeable]:
    """The settings that can be changed from within the app, in the order of the reference.

    Args:
        themes: Names of the themes there are.
    """
    found = []
    for described in describe():
        section = described.field.partition(".")[0]
        if section not in SECTIONS:
            continue
        unknown = (described.field.partition(".")[2].replace("_", " ").capitalize(), (), "")
        title, steps, unit = _KNOWN.get(described.field, unknown)
        if described.field == "look.theme":
            steps = (None, *themes)
        elif described.type == "true or false":
            steps = (True, False)
        elif not steps and described.default:
            steps = tuple(re.findall(r'"([\w-]+)"', described.type))
        found.append(Changeable(described, title, steps, unit))
    return found


def written(path: Path | None) -> Mapping[str, Any]:
    """The values a file sets, by `section.name`; none when it can't be read (`settings.load` says why)."""
    try:
        document = tomllib.loads(path.read_text("utf-8-sig")) if path is not None else {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError):
        return {}
    return {
        f"{section}.{name}": value
        for section, table in document.items()
        if isinstance(table, dict)
        for name, value in table.items()
    }
