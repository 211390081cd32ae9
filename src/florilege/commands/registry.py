"""All commands, in the order of help and README, and nothing about how keys are given anew."""

from collections.abc import Iterable

from florilege.commands.kinds import Command, Need, Scope, Section

_LISTS = (Scope.ITEMS, Scope.ANNOTATIONS)
_ALL = (Scope.GROUPS, Scope.ITEMS, Scope.ANNOTATIONS)


def _moving() -> list[Command]:
    section = Section.MOVING
    return [
        Command("down", "Down", "Move down; inside a long row, scroll it first", ("j", "down"), section),
        Command("up", "Up", "Move up", ("k", "up"), section),
        Command("half-page-down", "Half a page down", "Move half a page down", ("ctrl+d",), section),
        Command("half-page-up", "Half a page up", "Move half a page up", ("ctrl+u",), section),
        Command("page-down", "Page down", "Move a page down", ("pagedown",), section),
        Command("page-up", "Page up", "Move a page up", ("pageup",), section),
        Command("top", "To the top", "Go to the first row", ("g", "home"), section),
        Command("bottom", "To the bottom", "Go to the last row", ("G", "end"), section),
        Command(
            "inward", "Inwards", "Go to the next pane inwards: groups, items, annotations", ("l", "right", "enter"),
            section, need=Need.ITEMS, footer="in", footer_in=(Scope.GROUPS, Scope.ITEMS), footer_need=Need.INSIDE,
        ),
        Command(
            "outward", "Outwards", "Go back to the pane outside this one", ("h", "left"), section,
            footer="out", footer_in=_LISTS, footer_need=Need.OUTSIDE,
        ),
        Command("next-pane", "Next pane", "Go round the panes", ("tab",), section),
        Command("previous-pane", "Previous pane", "Go round the panes the other way", ("shift+tab",), section),
        Command(
            "back", "Back", "Take off the selection, then the last filter; without them, go outwards",
            ("escape",), section,
        ),
        Command(
            "fold", "Fold or unfold", "Show or hide the tags of a group, or the rest of a long item", ("x",), section,
            need=Need.GROUP, footer="tags", footer_in=(Scope.GROUPS,), footer_need=Need.TAGS,
        ),
        Command(
            "visited-back", "Back to the item before", "Go back through the items just visited",
            ("left_square_bracket",), section,
        ),
        Command(
            "visited-forward", "Forward again", "Go forward again through the items visited",
            ("right_square_bracket",), section,
        ),
        Command(
            "next-annotation", "Next annotation", "Move down among the annotations without leaving the list", ("J",),
            section, need=Need.ITEM,
        ),
        Command(
            "previous-annotation", "Previous annotation", "Move up among the annotations without leaving the list",
            ("K",), section, need=Need.ITEM,
        ),
    ]  # fmt: skip


def _reading() -> list[Command]:
    section = Section.READING
    return [
        Command(
            "read-on", "Read on", "Page through the annotations, then go to the next unread item: one key reads all",
            ("space",), section, need=Need.ITEMS, footer="read on", footer_in=_ALL, footer_need=Need.LIST,
        ),
        Command(
            "next-unread", "Next unread item", "Be done with this item, and go to the next unread one, in any group",
            ("n",), section, need=Need.ITEMS, footer="next unread", footer_in=_ALL, footer_need=Need.UNREAD,
        ),
        Command(
            "previous-unread", "Previous unread item", "Go to the unread item before this one, in any group", ("p",),
            section, need=Need.ITEMS,
        ),
        Command(
            "mark-read", "Mark read", "Mark the item read; on a group, all its items", ("m",), section,
            need=Need.LIST, footer="read", footer_in=_LISTS,
        ),
        Command(
            "mark-unread", "Mark unread", "Mark the item unread; on a group, all its items", ("M",), section,
            need=Need.LIST,
        ),
        Command(
            "star", "Star", "Star the item, or take its star off", ("s",), section, need=Need.ITEM,
            footer="star", footer_in=_LISTS, footer_need=Need.LIST, footer_late=True,
        ),
        Command(
            "own-note", "Your own note",
            "Write a note of your own on the highlight under the cursor, else on the item; or change it", ("N",),
            section, need=Need.ITEM,
        ),
        Command(
            "mark-list-read", "Mark the list read", "Mark every item read that the list shows now", ("A",), section,
            need=Need.LIST,
        ),
        Command(
            "mark-above-read", "Mark read above", "Mark everything read above the cursor, in the list as it is shown",
            ("left_parenthesis",), section, need=Need.LIST,
        ),
        Command(
            "mark-below-read", "Mark read below", "Mark everything read below the cursor, in the list as it is shown",
            ("right_parenthesis",), section, need=Need.LIST,
        ),
        Command(
            "peek", "Peek", "Look at the item without marking it, until you move on", ("semicolon",), section,
            need=Need.ITEM,
        ),
        Command(
            "show-arrived", "Show what came", "Go to what the last refreshes brought", ("full_stop",), section,
        ),
        Command(
            "together", "Read together",
            "Show the highlights of all who shared the page of an item as one, with their names; and back", ("w",),
            section, need=Need.ITEM,
        ),
        Command(
            "select", "Select", "Select the item, or take it out of the selection, and move on", ("v",), section,
            need=Need.ITEM,
        ),
        Command(
            "select-range", "Select up to here", "Select all items from the one last selected to the cursor", ("V",),
            section, need=Need.ITEM,
        ),
        Command(
            "undo", "Undo", "Take back what you did last, and go there", ("u",),
            section, need=Need.UNDO, footer="undo", footer_in=_ALL, footer_late=True,
        ),
    ]  # fmt: skip


def _taking() -> list[Command]:
    section = Section.TAKING
    return [
        Command(
            "open-page", "Open the page", "Open the page in the browser; after a number, the link of that number",
            ("o",), section, need=Need.LINK, footer="open", footer_in=_LISTS,
        ),
        Command(
            "open-passage", "Open at the passage", "Open the page where the highlight under the cursor is", ("O",),
            section, need=Need.LINK,
        ),
        Command(
            "open-archived", "Open the archived page",
            "Open the page as it was when it was highlighted, in the Wayback Machine", (), section, need=Need.LINK,
        ),
        Command(
            "links", "Links of the item", "Open one of the links of the item: page, discussion, those in its text",
            ("L",), section, need=Need.ITEM,
        ),
        Command(
            "copy-link", "Copy the link", "Copy the link of the page", ("y",), section,
            need=Need.LINK, footer="copy link", footer_in=_LISTS,
        ),
        Command(
            "copy-markdown-link", "Copy the link as Markdown", "Copy title and link as a Markdown link", ("Y",),
            section, need=Need.LINK,
        ),
        Command(
            "copy-quote", "Copy the quote", "Copy the highlight under the cursor with its source", ("c",), section,
            need=Need.QUOTE, footer="copy quote", footer_in=_LISTS,
        ),
        Command(
            "copy-all-quotes", "Copy all quotes", "Copy all highlights of the item with their source", ("C",), section,
            need=Need.QUOTE,
        ),
        Command(
            "copy-passage-link", "Copy the passage link",
            "Copy a link that leads to the highlight under the cursor", ("P",), section, need=Need.QUOTE,
        ),
        Command(
            "copy-query", "Copy the list as a command", "Copy the command line that lists what is shown", (), section,
        ),
        Command(
            "pipe", "Pipe to a command",
            "Give what is selected, or under the cursor, to a command on its standard input", ("vertical_line",),
            section, need=Need.ITEM,
        ),
        Command(
            "open-in-editor", "Open in the editor",
            "Open what is selected, or under the cursor, as Markdown in $VISUAL, $EDITOR or $PAGER", ("E",), section,
            need=Need.ITEM,
        ),
        Command(
            "export", "Export",
            "Write what is shown to a file, in the format its name asks for; to a folder, FOLDER/, a note a page",
            ("e",), section, need=Need.LIST,
        ),
    ]  # fmt: skip


def _others() -> list[Command]:
    return [
        Command(
            "find", "Find", "Show only the items in which all these words occur", ("slash",), Section.FINDING,
            need=Need.ITEMS, footer="find", footer_in=_ALL, footer_need=Need.FILTER,
        ),
        Command(
            "find-everywhere", "Find everywhere",
            "Find in all groups; in the line for finding, look everywhere instead of here, and back", ("ctrl+t",),
            Section.FINDING, need=Need.ITEMS,
        ),
        Command(
            "find-within", "Find in the item", "Find words in the open item; among the groups, narrow them", ("f",),
            Section.FINDING, need=Need.ITEM, footer="narrow", footer_in=(Scope.GROUPS,),
        ),
        Command(
            "narrow-groups", "Narrow the groups",
            "Show only the groups and tags that are called as you type; esc shows all again", (), Section.FINDING,
            need=Need.GROUPS,
        ),
        Command(
            "next-match", "Next match", "Go to the next place in the open item where the words stand", ("F",),
            Section.FINDING, need=Need.ITEM,
        ),
        Command(
            "previous-match", "Previous match", "Go to the place before this one where the words stand", ("B",),
            Section.FINDING, need=Need.ITEM,
        ),
        Command(
            "go-to", "Go to a group", "Go to a group, a tag, or a list across groups, by typing some of its name",
            ("apostrophe",), Section.FINDING,
        ),
        Command(
            "tags", "Tags", "Narrow the list by its tags: all, any or none of them", ("t",), Section.FINDING,
            need=Need.LIST, footer="tags", footer_in=(Scope.ITEMS,),
        ),
        Command(
            "sharers", "Who shared", "Narrow the list by who shared", ("b",), Section.FINDING, need=Need.LIST,
        ),
        Command(
            "more-from-sharer", "More from this sharer", "Show what the sharer of this item has shared, in all groups",
            (), Section.FINDING, need=Need.ITEM,
        ),
        Command(
            "more-with-tags", "More with these tags", "Show what bears tags of this item, in all groups", ("T",),
            Section.FINDING, need=Need.ITEM,
        ),
        Command(
            "more-from-site", "More from this site", "Show what was shared from the site of this item, in all groups",
            (), Section.FINDING, need=Need.LINK,
        ),
        Command(
            "sort", "Sort", "Choose an order: by date, group, arrival, sharer, title, when you read it …", ("S",),
            Section.FINDING, need=Need.LIST,
        ),
        Command(
            "overview", "Overview", "The list in numbers: how much a month, who shares, under which tags", ("i",),
            Section.FINDING, need=Need.LIST,
        ),
        Command(
            "river", "River of highlights", "All highlights of the list as one page: by item, sharer, tag or date",
            ("H",), Section.FINDING, need=Need.LIST,
        ),
        Command(
            "save-search", "Save this search", "Save what the list shows as a search of its own, above the groups",
            ("W",), Section.FINDING,
        ),
        Command(
            "edit-search", "Edit the search", "Change what the saved search under the cursor looks for", (),
            Section.FINDING, need=Need.SEARCH,
        ),
        Command(
            "rename-search", "Rename the search", "Give the saved search under the cursor another name", (),
            Section.FINDING, need=Need.SEARCH,
        ),
        Command(
            "delete-search", "Delete the search", "Delete the saved search under the cursor", (), Section.FINDING,
            need=Need.SEARCH,
        ),
        Command(
            "move-search-up", "Move the search up", "Move the saved search under the cursor up", (), Section.FINDING,
            need=Need.SEARCH,
        ),
        Command(
            "move-search-down", "Move the search down", "Move the saved search under the cursor down", (),
            Section.FINDING, need=Need.SEARCH,
        ),
        Command(
            "add-group", "Add a group", "Add a group: the address of a feed, or a file", ("a",), Section.GROUPS,
            footer="add", footer_in=(Scope.GROUPS,),
        ),
        Command(
            "refresh-group", "Refresh this group", "Fetch the group under the cursor again", ("r",), Section.GROUPS,
            need=Need.GROUP, footer="refresh", footer_in=(Scope.GROUPS,),
        ),
        Command(
            "fetch-older", "Fetch older pages",
            "Fetch the older pages of the group under the cursor; once more stops it, and later it goes on from there",
            (), Section.GROUPS, need=Need.GROUP,
        ),
        Command(
            "group-up", "Move the group up", "Move the group under the cursor up", ("shift+up",), Section.GROUPS,
            scope=Scope.GROUPS, need=Need.GROUP,
        ),
        Command(
            "group-down", "Move the group down", "Move the group under the cursor down", ("shift+down",),
            Section.GROUPS, scope=Scope.GROUPS, need=Need.GROUP,
        ),
        Command(
            "refresh-all", "Refresh all groups", "Fetch every group again", ("R",), Section.GROUPS, need=Need.GROUPS,
        ),
        Command(
            "rename-group", "Rename this group", "Give the group under the cursor another title", ("f2",),
            Section.GROUPS, scope=Scope.GROUPS, need=Need.GROUP,
        ),
        Command(
            "change-address", "Change the address of this group",
            "Have the group under the cursor fetched from another address; its items stay", (), Section.GROUPS,
            need=Need.GROUP,
        ),
        Command(
            "remove-group", "Remove this group", "Remove the group under the cursor; undo brings it back",
            ("delete",), Section.GROUPS, scope=Scope.GROUPS, need=Need.GROUP,
        ),
        Command(
            "palette", "Palette", "Every command that makes sense now, by name", ("ctrl+p",), Section.APP,
        ),
        Command("zoom", "Zoom", "Give this pane the whole screen, and back", ("z",), Section.APP),
        Command(
            "widen", "Widen the pane", "Make the pane that has the focus wider", ("greater_than_sign",), Section.APP,
        ),
        Command(
            "narrow", "Narrow the pane", "Make the pane that has the focus narrower", ("less_than_sign",), Section.APP,
        ),
        Command(
            "density", "Change the density", "Show items on two lines, or on as many as they take", ("D",), Section.APP,
        ),
        Command(
            "theme", "Change the theme", "Choose among the themes, with a look at each", (), Section.APP,
        ),
        Command(
            "settings", "Settings", "Change what florilege does, and which key does it", ("comma",), Section.APP,
        ),
        Command(
            "help", "Help", "What can be done here", ("question_mark",), Section.APP, footer="help", footer_in=_ALL,
        ),
        Command("suspend", "Suspend", "Go back to the shell; `fg` returns", ("ctrl+z",), Section.APP),
        Command("quit", "Quit", "Leave florilege", ("q",), Section.APP),
    ]  # fmt: skip


COMMANDS: tuple[Command, ...] = (*_moving(), *_reading(), *_taking(), *_others())
"""Every command, in the order of help and README."""

BY_ID = {each.id: each for each in COMMANDS}
"""Every command by its name."""


def command(command_id: str) -> Command:
    """The command of this name.

    Raises:
        KeyError: There is none.
    """
    return BY_ID[command_id]


def by_section(commands: Iterable[Command] = COMMANDS) -> list[tuple[Section, list[Command]]]:
    """Commands under their sections, both in their order."""
    sections: dict[Section, list[Command]] = {}
    for each in commands:
        sections.setdefault(each.section, []).append(each)
    return [(section, sections[section]) for section in Section if section in sections]
