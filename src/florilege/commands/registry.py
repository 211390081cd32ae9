"""The definition of a command, and the list of all commands in the order of help and docs/keys.md. Frozen values; pure.

Rebinding keys is left to `keymaps`.
"""

from collections.abc import Iterable
from enum import StrEnum
from functools import partial

import msgspec


class Scope(StrEnum):
    """The pane that a command belongs to: the help of that pane lists it first. Its key works in every pane."""

    ANYWHERE = "anywhere"
    GROUPS = "groups"
    ITEMS = "items"
    ANNOTATIONS = "annotations"


class Need(StrEnum):
    """What a command needs in order to make sense; otherwise the palette omits it and its key says why.

    Those from `UNREAD` on are needs of the footer, which shows only keys that have an effect at the moment.
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
    NAMED = "a group or a saved search"
    UNREAD = "something unread"
    TAGS = "a group with tags"
    FILTER = "a list of items, or a filter that leaves none"
    INSIDE = "something in the pane inside this one"
    OUTSIDE = "a pane outside this one, out of sight"


class Section(StrEnum):
    """The sections of commands in help and docs/keys.md, in their order."""

    MOVING = "Moving"
    READING = "Reading and marking"
    COPYING = "Copying and opening"
    FINDING = "Finding"
    GROUPS = "Groups"
    APP = "The app"


class Command(msgspec.Struct, frozen=True):
    """One command of the app."""

    id: str
    """Its name in config.toml and in the program: `copy-quote`. Never changes once released."""
    title: str
    """Its name in the palette."""
    sentence: str
    """What it does, for the help and docs/keys.md."""
    key_names: str = ""
    """Its default keys, separated by spaces."""
    section: Section = Section.APP
    scope: Scope = Scope.ANYWHERE
    need: Need = Need.NOTHING
    footer: str = ""
    """Its label in the footer; empty when it is not shown there."""
    footer_in: tuple[Scope, ...] = ()
    """The panes whose footer shows it."""
    footer_need: Need | None = None
    """What the footer needs in order to show it; None for the same as `need`."""
    footer_late: bool = False
    """Whether it comes after the others in the footer, where there is room."""

    @property
    def keys(self) -> tuple[str, ...]:
        """Its default keys."""
        return tuple(self.key_names.split())

    @property
    def action(self) -> str:
        """The id as a part of a method name: the command is run by `action_` and this."""
        return self.id.replace("-", "_")


_LISTS = (Scope.ITEMS, Scope.ANNOTATIONS)
_ALL = (Scope.GROUPS, Scope.ITEMS, Scope.ANNOTATIONS)
_moving = partial(Command, section=Section.MOVING)
_reading = partial(Command, section=Section.READING)
_copying = partial(Command, section=Section.COPYING)
_finding = partial(Command, section=Section.FINDING)
_groups = partial(Command, section=Section.GROUPS)

COMMANDS: tuple[Command, ...] = (
    _moving("down", "Down", "Move down; scroll a long row first", "j down"),
    _moving("up", "Up", "Move up", "k up"),
    _moving("half-page-down", "Half a page down", "Move half a page down", "ctrl+d"),
    _moving("half-page-up", "Half a page up", "Move half a page up", "ctrl+u"),
    _moving("page-down", "Page down", "Move a page down", "pagedown"),
    _moving("page-up", "Page up", "Move a page up", "pageup"),
    _moving("top", "To the top", "Go to the first row", "g home"),
    _moving("bottom", "To the bottom", "Go to the last row", "G end"),
    _moving("inward", "Inwards", "Go to the inner pane: from groups to items to annotations", "l right enter",
        need=Need.ITEMS, footer="in", footer_in=(Scope.GROUPS, Scope.ITEMS), footer_need=Need.INSIDE),
    _moving("outward", "Outwards", "Go back to the outer pane", "h left", footer="out", footer_in=_LISTS,
        footer_need=Need.OUTSIDE),
    _moving("next-pane", "Next pane", "Go to the next pane; after the last comes the first", "tab"),
    _moving("previous-pane", "Previous pane", "Go to the previous pane; before the first comes the last", "shift+tab"),
    _moving("back", "Back", "Clear the selection, then the last filter; otherwise go to the outer pane", "escape"),
    _moving("fold", "Fold or unfold", "Show or hide the tags of a group, or the rest of a long item", "x",
        need=Need.GROUP, footer="tags", footer_in=(Scope.GROUPS,), footer_need=Need.TAGS),
    _moving("visited-back", "Back to the item before", "Go back through the items just visited", "left_square_bracket"),
    _moving("visited-forward", "Forward again", "Go forward again through the items visited", "right_square_bracket"),
    _moving("next-annotation", "Next annotation", "Move down among the annotations without leaving the list", "J",
        need=Need.ITEM),
    _moving("previous-annotation", "Previous annotation", "Move up among the annotations without leaving the list", "K",
        need=Need.ITEM),
    _reading("read-on", "Read on", "Page through the annotations, then go to the next unread item: one key reads all",
        "space", need=Need.ITEMS, footer="read on", footer_in=_ALL, footer_need=Need.LIST),
    _reading("next-unread", "Next unread item", "Finish this item, and go to the next unread one, in any group",
        "n", need=Need.ITEMS, footer="next unread", footer_in=_ALL, footer_need=Need.UNREAD),
    _reading("previous-unread", "Previous unread item", "Go to the unread item before this one, in any group", "p",
        need=Need.ITEMS),
    _reading("mark-read", "Mark read", "Mark the item read; on a group, all its items", "m", need=Need.LIST,
        footer="read", footer_in=_LISTS),
    _reading("mark-unread", "Mark unread", "Mark the item unread; on a group, all its items", "M", need=Need.LIST),
    _reading("star", "Star", "Star the item, or remove its star", "s", need=Need.ITEM, footer="star",
        footer_in=_LISTS, footer_need=Need.LIST, footer_late=True),
    _reading("own-note", "Your own note",
        "Write or change your own note on the highlight under the cursor, or else on the item", "N",
        need=Need.ITEM),
    _reading("mark-list-read", "Mark the list read", "Mark every item in the list read", "A",
        need=Need.LIST),
    _reading("mark-above-read", "Mark read above", "Mark every item above the cursor read",
        "left_parenthesis", need=Need.LIST),
    _reading("mark-below-read", "Mark read below", "Mark every item below the cursor read",
        "right_parenthesis", need=Need.LIST),
    _reading("peek", "Peek", "Look at the item without marking it, until you move on", "semicolon", need=Need.ITEM),
    _reading("show-arrived", "Show what arrived", "Show what the last refreshes brought", "full_stop"),
    _reading("together", "Read together",
        "Show the highlights of everyone who shared this page together, with their names; and back", "w",
        need=Need.ITEM),
    _reading("select", "Select", "Select the item, or deselect it, and move on", "v", need=Need.ITEM),
    _reading("select-range", "Select up to here", "Select everything from the item selected last to the cursor", "V",
        need=Need.ITEM),
    _reading("undo", "Undo", "Undo what you did last, and go there", "u", need=Need.UNDO, footer="undo",
        footer_in=_ALL, footer_late=True),
    _copying("open-page", "Open the page", "Open the page in the browser; after a number, the link of that number", "o",
        need=Need.LINK, footer="open", footer_in=_LISTS),
    _copying("open-passage", "Open at the passage", "Open the page where the highlight under the cursor is", "O",
        need=Need.LINK),
    _copying("open-archived", "Open the archived page",
        "Open the page as it was when it was highlighted, in the Wayback Machine", need=Need.LINK),
    _copying("links", "Links of the item", "Open one of the item's links: the page, the discussion, or one in its text",
        "L", need=Need.ITEM),
    _copying("copy-link", "Copy the link", "Copy the link of the page", "y", need=Need.LINK, footer="copy link",
        footer_in=_LISTS),
    _copying("copy-markdown-link", "Copy the link as Markdown", "Copy title and link as a Markdown link", "Y",
        need=Need.LINK),
    _copying("copy-quote", "Copy the quote", "Copy the highlight under the cursor with its source", "c",
        need=Need.QUOTE, footer="copy quote", footer_in=_LISTS),
    _copying("copy-all-quotes", "Copy all quotes", "Copy all highlights of the item with their source", "C",
        need=Need.QUOTE),
    _copying("copy-passage-link", "Copy the passage link", "Copy a link to the highlight under the cursor",
        "P", need=Need.QUOTE),
    _copying("copy-query", "Copy the list as a command", "Copy the command line that lists what is shown"),
    _copying("pipe", "Pipe to a command",
        "Pipe what is selected, or under the cursor, to the standard input of a command", "vertical_line",
        need=Need.ITEM),
    _copying("open-in-editor", "Open in the editor",
        "Open what is selected, or under the cursor, as Markdown in $VISUAL, $EDITOR or $PAGER", "E", need=Need.ITEM),
    _copying("export", "Export",
        "Export what is shown to a file, in the format of its extension, or to FOLDER/, one note per page", "e",
        need=Need.LIST),
    _finding("find", "Find", "Show only the items that contain all these words", "slash", need=Need.ITEMS,
        footer="find", footer_in=_ALL, footer_need=Need.FILTER),
    _finding("find-everywhere", "Find everywhere",
        "Find in all groups; in the find line, switch between here and everywhere", "ctrl+t",
        need=Need.ITEMS),
    _finding("find-within", "Find in the item", "Find words in the open item", "f", need=Need.ITEM),
    _finding("next-match", "Next match", "Go to the next match in the open item", "F",
        need=Need.ITEM),
    _finding("previous-match", "Previous match", "Go to the previous match in the open item", "B",
        need=Need.ITEM),
    _finding("go-to", "Go to a group", "Go to a group, a tag, or a list across groups, by typing part of its name",
        "apostrophe"),
    _finding("tags", "Tags", "Narrow the list by its tags: all, any or none of them", "t", need=Need.LIST,
        footer="tags", footer_in=(Scope.ITEMS,)),
    _finding("sharers", "Who shared", "Narrow the list by who shared", "b", need=Need.LIST),
    _finding("more-from-sharer", "More from this sharer", "Show all that this sharer has shared, in any group",
        need=Need.ITEM),
    _finding("more-with-tags", "More with these tags", "Show all items with tags of this one, in any group", "T",
        need=Need.ITEM),
    _finding("more-from-site", "More from this site", "Show all that was shared from this site, in any group",
        need=Need.LINK),
    _finding("sort", "Sort", "Choose an order: by date, group, arrival, sharer, title, when you read it …", "S",
        need=Need.LIST),
    _finding("overview", "Overview", "Show the list in numbers: items per month, sharers, tags", "i",
        need=Need.LIST),
    _finding("river", "River of highlights",
        "Show all highlights of the list on one page, by item, sharer, tag or date",
        "H", need=Need.LIST),
    _finding("save-search", "Save this search", "Save the filter of this list as a search, above the groups",
        "W"),
    _finding("edit-search", "Edit the search", "Change what the saved search under the cursor looks for",
        need=Need.SEARCH),
    _groups("add-group", "Add a group", "Add a group: the address of a feed, or a file", "a", footer="add",
        footer_in=(Scope.GROUPS,)),
    _groups("refresh-group", "Refresh this group", "Fetch the group under the cursor again", "r", need=Need.GROUP,
        footer="refresh", footer_in=(Scope.GROUPS,)),
    _groups("fetch-older", "Fetch older pages",
        "Fetch older pages of the group under the cursor; press again to stop, and later to continue",
        need=Need.GROUP),
    _groups("refresh-all", "Refresh all groups", "Fetch every group again", "R", need=Need.GROUPS),
    _groups("rename-group", "Rename", "Rename the group, or the saved search, under the cursor", "f2",
        scope=Scope.GROUPS, need=Need.NAMED),
    _groups("change-address", "Change the address of this group",
        "Fetch the group under the cursor from another address; its items stay", need=Need.GROUP),
    _groups("remove-group", "Remove",
        "Remove the group, or the saved search, under the cursor; undo brings a group back", "delete",
        scope=Scope.GROUPS, need=Need.NAMED),
    Command("palette", "Palette", "Find any command that can be used now by its name", "ctrl+p"),
    Command("zoom", "Zoom", "Give this pane the whole screen, or go back to all panes", "z"),
    Command("widen", "Widen the pane", "Make the pane that has the focus wider", "greater_than_sign"),
    Command("narrow", "Narrow the pane", "Make the pane that has the focus narrower", "less_than_sign"),
    Command("density", "Change the density", "Show items on two lines, or on as many as they need", "D"),
    Command("theme", "Change the theme", "Choose a theme, with a preview of each"),
    Command("settings", "Settings", "Change the settings", "comma"),
    Command("help", "Help", "Show all keys and commands", "question_mark", footer="help", footer_in=_ALL),
    Command("suspend", "Suspend", "Suspend florilege and return to the shell; `fg` resumes it", "ctrl+z"),
    Command("quit", "Quit", "Quit florilege", "q"),
)  # fmt: skip
"""Every command, in the order of help and docs/keys.md."""

BY_ID = {each.id: each for each in COMMANDS}
"""Every command by its id."""


def command(command_id: str) -> Command:
    """The command with this id.

    Raises:
        KeyError: There is none.
    """
    return BY_ID[command_id]


def by_section(commands: Iterable[Command] = COMMANDS) -> list[tuple[Section, list[Command]]]:
    """Commands grouped by section, both in their order."""
    sections: dict[Section, list[Command]] = {}
    for each in commands:
        sections.setdefault(each.section, []).append(each)
    return [(section, sections[section]) for section in Section if section in sections]
