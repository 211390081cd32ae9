"""The settings: what can be set, and what it means. Pure values; `loading` reads them from config.toml.

Every setting says itself what it is (`kinds.setting`); reading, warnings and the reference of README and `florilege
config` come from there.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from florilege.quotes.templates import Template
from florilege.settings.kinds import (
    HOUR,
    NAME,
    SECONDS,
    TEMPLATE,
    TIME,
    TIMEOUT,
    YES_OR_NO,
    one_of,
    or_false,
    setting,
    whole,
)
from florilege.settings.rules import DESCRIBED, Rule


@dataclass(frozen=True, kw_only=True)
class Reading:
    """When an item counts as read."""

    mark: str = setting(
        "rest",
        one_of("rest", "leave", "hand"),
        "When items are marked read by themselves: after resting on one, when you leave it, or never (by hand).",
        '"rest"',
    )
    mark_after: float | None = setting(
        1.0,
        or_false(SECONDS, "never"),
        "Seconds of rest: how long an item's annotations are on screen before it is marked; 0 is at once.",
        "1.0",
    )
    """In seconds; None is never."""
    same_page: str = setting(
        "separate",
        one_of("separate", "common"),
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
        or_false(TIME, "only when you ask"),
        "Shortest time between two fetches of one group; servers may ask for longer.",
        '"1h"',
    )
    """None is only when asked."""
    on_start: bool = setting(True, YES_OR_NO, "Fetch what is due, quietly, when the app opens.", "true")
    timeout: float = setting(30.0, TIMEOUT, "Seconds a server may stay silent before it is given up.", "30.0")
    """In seconds."""
    per_host: int = setting(2, whole(1, 10), "Requests sent to one host at the same time.", "2")
    at_once: int = setting(16, whole(1, 100), "Requests sent at the same time, to all hosts together.", "16")
    older_pages: int = setting(
        200,
        whole(1, 10_000),
        "Older pages of a group fetched at one go, a second apart; asked again, it goes on from there.",
        "200",
    )
    older_items: int = setting(
        20_000, whole(1, 1_000_000), "Items on older pages after which that stops, too.", "20_000"
    )


@dataclass(frozen=True, kw_only=True)
class Look:
    """How the app looks."""

    theme: str | None = setting(None, NAME, "Name of the theme; when not set, the one you chose last.", "")
    """None is the last one chosen."""
    density: str = setting(
        "comfortable", one_of("comfortable", "compact"), "How many lines an item takes in a list.", '"comfortable"'
    )
    fold_after: int | None = setting(
        30,
        or_false(whole(1, 10_000), "never"),
        "Highlights shown of a long item before the others are folded away.",
        "30",
    )
    """None folds nothing."""
    dates: str = setting(
        "short",
        one_of("short", "iso", "relative"),
        'How dates are written: "12 Apr", "2019-04-12", or "3 days ago".',
        '"short"',
    )
    animation: str = setting(
        "full",
        one_of("full", "none"),
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
        or_false(whole(1, 36500), "for ever"),
        "Days that read items are kept after they came, changed or were read. "
        "Starred and newly highlighted ones always stay. Applied after `florilege refresh`, and when the app closes.",
        "false",
    )
    """None is for ever."""
    keep_items: int | None = setting(
        None,
        or_false(whole(1, 1_000_000), "all"),
        "Items kept of each group, the newest first. Unread, starred and newly highlighted ones "
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


SECTIONS: dict[str, type[Reading] | type[Refresh] | type[Look] | type[Copy] | type[Keeping]] = {
    "reading": Reading,
    "refresh": Refresh,
    "look": Look,
    "copy": Copy,
    "library": Keeping,
}
"""The tables of the file, by name."""
SOURCE = "source"
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
    off: str = "no"
    """How `false` is said, where it may be false."""


def describe() -> list[Described]:
    """Every setting there is, in the order of the reference."""
    lines = [
        Described(f"{section}.{name}", meta["kind"].words, meta["written"], meta["sentence"], meta["kind"].off)
        for section, settings in SECTIONS.items()
        for name, meta in settings_of(settings).items()
    ]
    keys = Described("keys.COMMAND", "a key or a list of keys, in quotes", "", _KEYS_SENTENCE)
    return [*lines, keys, *(Described(f"{SOURCE}.{name}", kind, "", said) for name, kind, said in DESCRIBED)]


def settings_of(section: type[Any]) -> dict[str, Mapping[str, Any]]:
    """What is known of each setting of a section, by name."""
    return {field.name: field.metadata for field in dataclasses.fields(section)}
