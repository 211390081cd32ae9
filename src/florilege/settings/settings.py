"""The settings: what can be set, and what it means. Pure values; `loading` reads them from config.toml.

Every setting is declared once, with all that is known of it (`kinds.setting`): reading, warnings, the reference, and
the screen on which it is changed come from there.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from florilege.quotes.templates import Template
from florilege.settings.kinds import (
    COMMAND,
    FOLDER,
    NAME,
    SECONDS,
    TEMPLATE,
    TIME,
    TIMEOUT,
    YES_OR_NO,
    Setting,
    one_of,
    or_false,
    setting,
    whole,
)
from florilege.settings.rules import DESCRIBED, Rule

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """When an item counts as read."""

    mark: str = setting(
        "rest",
        one_of("rest", "leave", "hand"),
        "When items are marked read by themselves: after resting on one, when you leave it, or never (by hand).",
        "Mark items read",
    )
    mark_after: float | None = setting(
        1.0,
        or_false(SECONDS, "never"),
        "Seconds of rest: how long an item's annotations are on screen before it is marked; 0 is at once.",
        "Mark read after",
        (0, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, False),
        " s",
    )
    """In seconds; None is never."""
    same_page: str = setting(
        "separate",
        one_of("separate", "common"),
        "Whether items of one page, in several groups or by several sharers, are read each for itself, or together.",
        "Items of one page",
    )
    mark_on_open: bool = setting(True, YES_OR_NO, "Opening the page of an item marks it read.", "Opening marks read")
    mark_on_copy: bool = setting(True, YES_OR_NO, "Copying from an item marks it read.", "Copying marks read")


@dataclass(frozen=True, kw_only=True)
class Refresh:
    """When and how politely groups are fetched."""

    every: timedelta | None = setting(  # noqa: RUF009 -- the value is frozen like all others here
        _HOUR,
        or_false(TIME, "only when you ask"),
        "Shortest time between two fetches of one group; servers may ask for longer.",
        "Fetch again after",
        ("15m", "30m", "1h", "2h", "6h", "12h", "1d", False),
        written='"1h"',
    )
    """None is only when asked."""
    on_start: bool = setting(True, YES_OR_NO, "Fetch what is due, quietly, when the app opens.", "Refresh at the start")
    timeout: float = setting(
        30.0,
        TIMEOUT,
        "Seconds a server may stay silent before it is given up.",
        "Wait for a server",
        (10.0, 20.0, 30.0, 60.0, 120.0),
        " s",
    )
    """In seconds."""
    per_host: int = setting(
        2,
        whole(1, 10),
        "Requests sent to one host at the same time.",
        "Requests to one host",
        (1, 2, 4, 6, 10),
        " at once",
    )
    at_once: int = setting(
        16,
        whole(1, 100),
        "Requests sent at the same time, to all hosts together.",
        "Requests to all hosts",
        (4, 8, 16, 32, 64),
        " at once",
    )
    older_pages: int = setting(
        200,
        whole(1, 10_000),
        "Older pages of a group fetched at one go, a second apart; asked again, it goes on from there.",
        "History at one go",
        (20, 50, 200, 1000, 5000),
        " pages",
    )
    older_items: int = setting(
        20_000,
        whole(1, 1_000_000),
        "Items on older pages after which that stops, too.",
        "At most",
        (1000, 5000, 20_000, 100_000),
        " items",
    )
    log: bool = setting(
        False,
        YES_OR_NO,
        "Whether `florilege refresh` writes what becomes of each group into refresh.log, beside the session.",
        "Keep a log",
    )


@dataclass(frozen=True, kw_only=True)
class Look:
    """How the app looks."""

    theme: str | None = setting(None, NAME, "Name of the theme; when not set, the one you chose last.", "Theme")
    """None is the last one chosen."""
    density: str = setting(
        "comfortable", one_of("comfortable", "compact"), "How many lines an item takes in a list.", "Density"
    )
    fold_after: int | None = setting(
        30,
        or_false(whole(1, 10_000), "never"),
        "Highlights shown of a long item before the others are folded away.",
        "Fold long items",
        (10, 20, 30, 50, 100, False),
        " highlights on",
    )
    """None folds nothing."""
    dates: str = setting(
        "short",
        one_of("short", "iso", "relative"),
        'How dates are written: "12 Apr", "2019-04-12", or "3 days ago".',
        "Dates",
    )
    animation: str = setting(
        "full",
        one_of("full", "none"),
        'Whether what comes and goes may glide; with "none" nothing moves by itself.',
        "Animation",
    )


@dataclass(frozen=True, kw_only=True)
class Copy:
    """How quotes are copied."""

    quote: Template | None = setting(  # noqa: RUF009 -- the value is frozen like all others here
        None,
        TEMPLATE,
        "What copying a quote gives; when not set, a Markdown quote with its source.",
        "A quote is copied as",
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
        "Keep read items",
        (30, 90, 180, 365, 730, False),
        " days",
        "false",
    )
    """None is for ever."""
    keep_items: int | None = setting(
        None,
        or_false(whole(1, 1_000_000), "all"),
        "Items kept of each group, the newest first. Unread, starred and newly highlighted ones "
        "always stay. For a week, `florilege restore` brings back what was purged.",
        "Keep of each group",
        (100, 500, 1000, 5000, 10000, False),
        " items",
        "false",
    )
    """None is all."""


@dataclass(frozen=True, kw_only=True)
class Hooks:
    """Programs of the reader's own."""

    after_refresh: tuple[str, ...] | None = setting(
        None,
        COMMAND,
        "Run after a refresh that brought something, with what is new as JSON on its standard input; no shell reads "
        "it, and after a minute it is stopped.",
        "",
    )
    """None runs nothing."""


@dataclass(frozen=True, kw_only=True)
class Syncing:
    """Reading states on several machines."""

    folder: Path | None = setting(  # noqa: RUF009 -- the value is frozen like all others here
        None,
        FOLDER,
        "A folder that Syncthing or a cloud service keeps alike on your machines: what you read, star and note on one "
        "of them is so on all.",
        "",
    )
    """None is this machine alone."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """All settings, as the file gives them or by default."""

    reading: Reading = Reading()
    refresh: Refresh = Refresh()
    look: Look = Look()
    copy: Copy = Copy()
    library: Keeping = Keeping()
    hooks: Hooks = Hooks()
    sync: Syncing = Syncing()
    keys: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    """Keys of commands that the reader has bound anew, by the command's id; empty when it shall have none.
    Whether there is such a command is for `commands` to say."""
    sources: tuple[Rule, ...] = ()
    """What holds for some sources only."""
    warnings: tuple[str, ...] = ()
    """What could not be understood in the file, a sentence each."""


SECTIONS: dict[str, type[Reading | Refresh | Look | Copy | Keeping | Hooks | Syncing]] = {
    "reading": Reading,
    "refresh": Refresh,
    "look": Look,
    "copy": Copy,
    "library": Keeping,
    "hooks": Hooks,
    "sync": Syncing,
}
"""The tables of the file, by name."""
TITLES = {"reading": "Reading", "refresh": "Refreshing", "look": "Look", "copy": "Copying", "library": "Keeping"}
"""What they are called on the screen."""
SOURCE = "source"
"""The name of the tables, as many as one likes, that hold for some sources only."""
_KEYS_SENTENCE = "Key, or list of keys, of a command; [] for none. `florilege bindings` lists the commands."


def describe() -> list[Setting]:
    """Every setting there is, in the order of the reference."""
    lines = [
        Setting(
            f"{section}.{name}",
            of["kind"].words,
            of["written"],
            of["sentence"],
            of["title"],
            of["kind"].off,
            of["steps"],
            of["unit"],
        )
        for section, settings in SECTIONS.items()
        for name, of in settings_of(settings).items()
    ]
    keys = Setting("keys.COMMAND", "a key or a list of keys, in quotes", "", _KEYS_SENTENCE)
    return [*lines, keys, *(Setting(f"{SOURCE}.{name}", kind, "", said) for name, kind, said in DESCRIBED)]


def changeable(themes: Sequence[str] = ()) -> list[Setting]:
    """The settings that can be changed from within the app, in the order of the reference.

    Args:
        themes: Names of the themes there are.
    """
    found = [each for each in describe() if each.title]
    return [dataclasses.replace(each, steps=(None, *themes)) if each.field == "look.theme" else each for each in found]


def settings_of(section: type[Any]) -> dict[str, Mapping[str, Any]]:
    """What is known of each setting of a section, by name."""
    return {field.name: field.metadata for field in dataclasses.fields(section)}
