"""Where settings, library, session and cache are kept, and the session: what the app remembers between runs.

Losing the session costs some convenience and nothing else.
"""

from collections.abc import Mapping
from pathlib import Path

import msgspec
from platformdirs import PlatformDirs

from florilege.files import NotWritten, read_file, write_atomically
from florilege.model import Counts, ItemSummary, ReadingState


class Paths(msgspec.Struct, frozen=True):
    """Paths of the settings, library, session and cache. Nothing is created here, and nothing needs to exist."""

    config: Path
    """The settings file."""
    library: Path
    """The library folder."""
    session: Path
    """The session file."""
    cache: Path
    """The folder for data that can be rebuilt from the library at any time."""

    @property
    def searches(self) -> Path:
        """The file of saved searches, beside the settings."""
        return self.config.with_name("searches.toml")

    @property
    def log(self) -> Path:
        """The log of internal errors, beside the session."""
        return self.session.with_name("florilege.log")

    @classmethod
    def within(cls, home: Path) -> "Paths":
        """Everything in one given folder."""
        home = home.absolute()
        return cls(home / "config.toml", home / "library", home / "session.json", home / "cache")

    @classmethod
    def find(cls, environ: Mapping[str, str], library: Path | None = None) -> "Paths":
        """The paths to use.

        Args:
            environ: Environment; FLORILEGE_HOME in it, unless empty, is the folder for everything.
            library: The folder given with `--library`; takes precedence over the environment.
        """
        if home := library or environ.get("FLORILEGE_HOME"):
            return cls.within(Path(home))
        folders = PlatformDirs("florilege", appauthor=False)
        return cls(
            folders.user_config_path / "config.toml",
            folders.user_data_path / "library",
            folders.user_state_path / "session.json",
            folders.user_cache_path,
        )


class SavedRow(msgspec.Struct, frozen=True):
    """One row of the list shown last."""

    summary: ItemSummary
    state: ReadingState


class FirstScreen(msgspec.Struct, frozen=True, kw_only=True):
    """The rows around the cursor of the list shown last: enough to paint the first screen without opening any group.

    It may be slightly out of date; the actual list replaces it as soon as it has been read.
    """

    place: str
    """The place that the list belongs to, by its key."""
    total: int
    """Number of items in the whole list."""
    unread: int
    before: int
    """Number of items in the list above the first of these rows."""
    rows: tuple[SavedRow, ...] = ()
    counts: dict[str, Counts] = msgspec.field(default_factory=dict)
    """The counts of each group, by its id."""


class Session(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What the app remembers between runs."""

    theme: str | None = None
    """The theme chosen last; None before the first choice."""
    view: str | None = None
    """The place shown last, by its key."""
    item: str | None = None
    """The id of the item that was under the cursor."""
    query: str | None = None
    """The active filter, as text."""
    order: str | None = None
    """The name of the sort order of the list; None for the default."""
    zoomed: bool = False
    """Whether one pane filled the whole screen."""
    overridden_density: str | None = None
    """The configured density that the reader has toggled away from by key; None when they have not."""
    finds: tuple[str, ...] = ()
    """Recent search texts, the latest last."""
    exports: tuple[str, ...] = ()
    """Files and folders recently exported to, the latest last."""
    pipes: tuple[str, ...] = ()
    """Commands recently piped to, the latest last."""
    unfolded: tuple[str, ...] = ()
    """Ids of the groups unfolded in the groups pane."""
    first: FirstScreen | None = None
    """What the next start paints first."""
    widths: tuple[int, ...] = ()
    """Widths of the panes as set by the reader, in cells; empty when never set."""

    @classmethod
    def load(cls, path: Path) -> "Session":
        """The session stored in a file; a fresh one when the file is missing or damaged."""
        try:
            return msgspec.json.decode(read_file(path), type=cls)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return cls()

    def save(self, path: Path) -> bool:
        """Save the session, replacing the file atomically. Returns whether that worked; never raises."""
        try:
            write_atomically(path, msgspec.json.encode(self))
        except (NotWritten, UnicodeEncodeError):
            return False
        return True
