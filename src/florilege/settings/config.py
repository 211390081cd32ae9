"""The settings: what can be set, and what it means. Pure values; `loading` reads them from config.toml.

Every setting is declared once, as the annotation of its field. Parsing, warnings, the reference, the JSON Schema for
editors and the settings screen are all derived from it.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec.structs import replace

from florilege.quotes.templates import Template
from florilege.settings.kinds import (
    COMMAND,
    FOLDER,
    TEMPLATE,
    TIME_OR_NEVER,
    YES_OR_NO,
    Kind,
    Setting,
    Value,
    one_of,
    or_false,
    text,
    whole,
)
from florilege.settings.rules import Rule

_REST = Kind("a number of seconds", Annotated[float, msgspec.Meta(ge=0, le=3600)], wordings=((0, "at once"),))
_WAIT = Kind("a number of seconds from 1 to 600", Annotated[float, msgspec.Meta(ge=1, le=600)])


# These declarations read best as a table, with as few lines per row as possible.
# fmt: off
class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """When an item counts as read."""

    mark: Annotated[str, Setting(
        one_of(rest="after a rest", leave="on leaving", hand="by hand"),
        "When items are marked read: after you have rested on one, when you leave it, or only by hand.",
        "Mark items read",
    )] = "rest"
    mark_after: Annotated[float | None, Setting(
        or_false(_REST, "never"),
        "How many seconds the annotations of an item are on screen before it is marked read; 0 means at once.",
        "Mark read after", (0, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, False), " s",
    )] = 1.0
    """In seconds; None means never."""
    same_page: Annotated[str, Setting(
        one_of(separate="one by one", common="together"),
        "Whether items with the same page, in several groups or by several sharers, are read one by one or together.",
        "Items of the same page",
    )] = "separate"
    mark_on_open: Annotated[bool, Setting(
        YES_OR_NO, "Opening an item's page, or the item in your editor, marks it read.", "Opening marks read",
    )] = True
    mark_on_copy: Annotated[bool, Setting(
        YES_OR_NO, "Copying from an item, or piping it, marks it read.", "Copying marks read",
    )] = True


class Refresh(msgspec.Struct, frozen=True, kw_only=True):
    """When groups are fetched, and how gently on their servers."""

    every: Annotated[timedelta | None, Setting(
        TIME_OR_NEVER, "Shortest time between two fetches of a group; servers may ask for longer.",
        "Fetch again after", ("15m", "30m", "1h", "2h", "6h", "12h", "1d", False),
    )] = timedelta(hours=1)
    """None means only on request."""
    on_start: Annotated[bool, Setting(
        YES_OR_NO, "Fetch what is due in the background when the app opens.", "Refresh at start",
    )] = True
    timeout: Annotated[float, Setting(
        _WAIT, "Seconds to wait for a server that sends nothing.",
        "Wait for a server", (10.0, 20.0, 30.0, 60.0, 120.0), " s",
    )] = 30.0
    """In seconds."""
    per_host: Annotated[int, Setting(
        whole(1, 10), "Requests to one host at the same time.", "Requests to one host", (1, 2, 4, 6, 10), " at once",
    )] = 2
    at_once: Annotated[int, Setting(
        whole(1, 100), "Requests to all hosts together at the same time.", "Requests to all hosts",
        (4, 8, 16, 32, 64), " at once",
    )] = 16
    older_pages: Annotated[int, Setting(
        whole(1, 10_000), "Older pages of a group fetched in one run, one a second; the next run continues from there.",
        "Older pages in one run", (20, 50, 200, 1000, 5000), " pages",
    )] = 200
    older_items: Annotated[int, Setting(
        whole(1, 1_000_000), "Items from older pages after which a run ends as well.", "Older items in one run",
        (1000, 5000, 20_000, 100_000), " items",
    )] = 20_000


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """How the app looks."""

    theme: Annotated[str | None, Setting(
        text("a name in quotes", r"\S", unset="the one chosen last"),
        "Name of the theme; by default, the one you chose last.", "Theme",
    )] = None
    """None means the theme chosen last."""
    density: Annotated[str, Setting(
        one_of(comfortable="comfortable", compact="compact"), "How many lines an item takes in a list.", "Density",
    )] = "comfortable"
    fold_after: Annotated[int | None, Setting(
        or_false(whole(1, 10_000), "never"), "Highlights of a long item that are shown before the rest is folded away.",
        "Fold long items", (10, 20, 30, 50, 100, False), " highlights on",
    )] = 30
    """None means that nothing is folded."""
    dates: Annotated[str, Setting(
        one_of(short="12 Apr", iso="2019-04-12", relative="3 days ago"),
        'How dates are written: "12 Apr", "2019-04-12", or "3 days ago".', "Dates",
    )] = "short"
    animation: Annotated[str, Setting(
        one_of(full="full", none="none"), 'Whether things may slide and fade; with "none", nothing moves by itself.',
        "Animation",
    )] = "full"


class Copy(msgspec.Struct, frozen=True, kw_only=True):
    """How quotes are copied."""

    quote: Annotated[Template | None, Setting(
        TEMPLATE, "How a quote is copied; by default, as a Markdown quote with its source.", "Copy a quote as",
    )] = None
    """None means a Markdown quote."""


class Keeping(msgspec.Struct, frozen=True, kw_only=True):
    """How long, and how many, items of a group are kept. Off by default: nothing is ever purged."""

    keep_days: Annotated[int | None, Setting(
        or_false(whole(1, 36500), "for ever"),
        "Days a read item is kept after it arrived, changed or was read. Starred items and those with new highlights "
        "always stay. Applied after `florilege refresh`, and when the app closes.", "Keep read items",
        (30, 90, 180, 365, 730, False), " days",
    )] = None
    """None means for ever."""
    keep_items: Annotated[int | None, Setting(
        or_false(whole(1, 1_000_000), "all"),
        "Items kept in each group, the newest first. Unread and starred items and those with new highlights always "
        "stay. For a week, `florilege restore` brings back what was removed.", "Keep in each group",
        (100, 500, 1000, 5000, 10000, False), " items",
    )] = None
    """None means all."""


class Hooks(msgspec.Struct, frozen=True, kw_only=True):
    """The reader's own programs that florilege runs."""

    after_refresh: Annotated[tuple[str, ...] | None, Setting(
        COMMAND, "Run after a refresh that brought something new, which it gets as JSON on its standard input; run "
        "without a shell, and stopped after a minute.",
    )] = None
    """None means that nothing is run."""


class Syncing(msgspec.Struct, frozen=True, kw_only=True):
    """How reading states are shared between machines."""

    folder: Annotated[Path | None, Setting(
        FOLDER, "A folder that Syncthing or a cloud service keeps identical on your machines: what you read, star and "
        "note on one of them then shows on all.",
    )] = None
    """None means that states stay on this machine."""


# fmt: on


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """All settings, from the file or by default."""

    reading: Reading = Reading()
    refresh: Refresh = Refresh()
    look: Look = Look()
    copy: Copy = Copy()
    library: Keeping = Keeping()
    hooks: Hooks = Hooks()
    sync: Syncing = Syncing()
    keys: Mapping[str, tuple[str, ...]] = {}
    """The reader's own key bindings, by command id; an empty tuple unbinds the command.
    The ids are not checked here but in `commands`."""
    sources: tuple[Rule, ...] = ()
    """Settings that apply to some sources only."""
    given: Mapping[str, Any] = {}
    """The valid values as they are written in the file, by `section.name`."""
    warnings: tuple[str, ...] = ()
    """What could not be understood in the file, one sentence each."""


SOURCE = "source"
"""The name of the array of tables that apply to some sources only."""
_TABLES = (field for field in msgspec.structs.fields(Config) if isinstance(field.default, msgspec.Struct))
SECTIONS: dict[str, type[msgspec.Struct]] = {**{field.name: field.type for field in _TABLES}, SOURCE: Rule}
"""The tables of the file, by name, except that of the keys."""
TITLES = {"reading": "Reading", "refresh": "Refreshing", "look": "Look", "copy": "Copying", "library": "Keeping"}
"""Titles of the tables on the settings screen."""
_Key: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"\S")]
KEYS = Kind(
    "a key or a list of keys, in quotes",
    _Key | list[_Key],
    lambda value: tuple(key.strip() for key in ([value] if isinstance(value, str) else value)),
)
KEY = Setting(
    KEYS, "Key, or list of keys, for a command; [] for none. `florilege bindings` lists the commands.", section="keys"
)


def settings_of(section: str) -> dict[str, Setting]:
    """The settings of one table, by name."""
    found = {}
    for field in msgspec.structs.fields(SECTIONS[section]):
        described: Setting = field.type.__metadata__[0]
        match field.default:
            case timedelta() as time:
                default: Value = f"{time // timedelta(hours=1)}h"
            case "" | () | None:
                default = False if described.kind.may_be_off else None
            case value:
                default = value
        steps = described.steps or described.kind.steps
        found[field.name] = replace(described, section=section, name=field.name, default_value=default, steps=steps)
    return found


def describe() -> list[Setting]:
    """Every setting, in the order of the reference."""
    *sections, rules = ([*settings_of(section).values()] for section in SECTIONS)
    return [*chain(*sections), replace(KEY, name="COMMAND"), *rules]


def changeable(themes: Sequence[str] = ()) -> list[Setting]:
    """The settings that can be changed within the app, in the order of the reference.

    Args:
        themes: Names of the available themes.
    """
    found = [each for each in describe() if each.title]
    return [replace(each, steps=(None, *themes)) if each.field == "look.theme" else each for each in found]
