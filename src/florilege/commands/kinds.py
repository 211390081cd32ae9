"""What a command is: where it is heard, what it needs, how it is told. Frozen values; pure."""

from enum import StrEnum

import msgspec


class Scope(StrEnum):
    """Where a command belongs: the help of that pane begins with it. Its key is listened to in every pane."""

    ANYWHERE = "anywhere"
    GROUPS = "groups"
    ITEMS = "items"
    ANNOTATIONS = "annotations"


class Need(StrEnum):
    """What must be there for a command to make sense; without it the palette leaves it out and its key says why.

    From `UNREAD` on: what the footer asks for besides, so as to show only keys that do something here.
    """

    NOTHING = "nothing"
    ITEMS = "some item in the library"
    GROUP = "a group"
    GROUPS = "some group"
    ITEM = "an item"
    LINK = "an item with a link"
    QUOTE = "a highlight"
    LIST = "a list of items"
    UNDO = "something to undo"
    SEARCH = "a saved search"
    UNREAD = "something unread"
    TAGS = "a group with tags"
    FILTER = "a list of items, or a filter that leaves none"
    INSIDE = "something in the pane inside this one"
    OUTSIDE = "a pane outside this one, out of sight"


class Section(StrEnum):
    """How help and README put the commands in order."""

    MOVING = "Moving"
    READING = "Reading and marking"
    TAKING = "Copying and opening"
    FINDING = "Finding"
    GROUPS = "Groups"
    APP = "The app"


class Command(msgspec.Struct, frozen=True):
    """One thing a reader can do."""

    id: str
    """Its name in config.toml and in the program: `copy-quote`. Never changes once released."""
    title: str
    """What the palette calls it."""
    sentence: str
    """What it does, for the help and the README."""
    keys: tuple[str, ...]
    """The keys it has unless the reader gives it others."""
    section: Section
    scope: Scope = Scope.ANYWHERE
    need: Need = Need.NOTHING
    footer: str = ""
    """The word beside its key in the footer; empty when it is not shown there."""
    footer_in: tuple[Scope, ...] = ()
    """The panes whose footer shows it."""
    footer_need: Need | None = None
    """What must be there for the footer to show it; None when that is what the command needs anyhow."""
    footer_late: bool = False
    """Whether it stands in the footer after the others, where there is room."""

    @property
    def action(self) -> str:
        """The name of the method that does it, on the screen."""
        return self.id.replace("-", "_")
