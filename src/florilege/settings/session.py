"""The little the app remembers from one start to the next. What is lost with it is a convenience, nothing more."""

from pathlib import Path

import msgspec

from florilege.files import NotWritten, read_file, write_atomically
from florilege.model import Counts, ItemSummary, ReadingState


class SavedRow(msgspec.Struct, frozen=True):
    """One row of the list shown last, as it was."""

    head: ItemSummary
    state: ReadingState


class FirstScreen(msgspec.Struct, frozen=True, kw_only=True):
    """The part of the list shown last that was on the screen: enough to paint the next start without opening any group.

    It may be a little old; the list itself takes its place as soon as it has been read.
    """

    place: str
    """The place it is a part of, by the name the app gives it."""
    total: int
    """Items of the whole list."""
    unread: int
    before: int
    """Items of the list above the first of these rows."""
    rows: tuple[SavedRow, ...] = ()
    counts: dict[str, Counts] = msgspec.field(default_factory=dict)
    """How many of what each group held, by its id."""


class Session(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What the app remembers from one start to the next."""

    theme: str | None = None
    """The theme chosen last; None before the first choice."""
    view: str | None = None
    """The place shown last, by the name the app gives it."""
    item: str | None = None
    """The id of the item under the cursor then."""
    query: str | None = None
    """The filter in force then, as text."""
    order: str | None = None
    """How the list was sorted then, by the name of the order; None for the usual one."""
    zoomed: bool = False
    """Whether one pane had the whole screen."""
    turned: str | None = None
    """The density of the settings that the reader turned into the other one by key; None when they did not."""
    finds: tuple[str, ...] = ()
    """What was looked for, the latest last."""
    exports: tuple[str, ...] = ()
    """Files and folders that were written, the latest last."""
    pipes: tuple[str, ...] = ()
    """Commands that something was piped to, the latest last."""
    unfolded: tuple[str, ...] = ()
    """What the reader has unfolded in the groups pane, by the names the app gives it."""
    first: FirstScreen | None = None
    """What the next start paints first."""
    groups: tuple[str, ...] = ()
    """Ids of the groups in the reader's own order; empty when they never changed it."""
    widths: tuple[int, ...] = ()
    """Widths of the panes as set by the reader, in cells; empty when never set."""

    @classmethod
    def load(cls, path: Path) -> "Session":
        """The session of a file; a fresh one when there is none, or when it is damaged."""
        try:
            return msgspec.json.decode(read_file(path), type=cls)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return cls()

    def save(self, path: Path) -> bool:
        """Keep the session, replacing the file as a whole. Whether it could be kept; it never raises."""
        try:
            write_atomically(path, msgspec.json.encode(self))
        except (NotWritten, UnicodeEncodeError):
            return False
        return True
