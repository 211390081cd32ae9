"""The states of the reading screen and the river: panes, places, messages."""

from support.states import contents
from support.states.state import State

FRENCH = "Encre & Papier"
ENGLISH = "The Open Tab Society"
SEMINAR = "Tuesday Seminar: How Do We Know?"

_SEARCHES = '"Margins" = "marge"\n"By Ottoline, unread" = "by:ottoline is:unread"\nOdd = "tga:x"\n'
_HOSTILE_NAME = "[bold]x[/] \u202egnp"
_HOSTILE_SEARCHES = '"[bold]x[/] \\u202egnp" = "[/] \\"紙\\""\n'

PANES = (
    State("groups", (), FRENCH),
    State("groups-tags", ("x",), FRENCH),
    State("groups-zoomed", (":zoom",), FRENCH),
    State("groups-hostile", ("j", "j", "j", "j", "x"), library=contents.hostile),
    State("items", ("l", "j"), FRENCH),
    State("items-compact", (":density", "l", "j"), ENGLISH),
    State("items-zoomed", ("l", ":zoom"), FRENCH),
    State("items-latest", ("l", ":sort", *["down"] * 7, "enter"), "Everything"),
    State("items-sorted", ("l", ":sort", *["down"] * 4, "enter"), "Everything"),
    State("items-selected", ("l", "v", "v", ":next-unread", ":select-range"), ENGLISH),
    State("items-hostile", ("l", "j"), contents.HOSTILE, library=contents.hostile),
    State("items-hostile-compact", (":density", "l", "G"), "Everything", library=contents.hostile),
    State("items-languages", ("l", "j"), "Everything", library=contents.languages),
    State("annotations", ("l", "l", "j"), FRENCH),
    State("annotations-threads", ("l", "j", "l", "j"), SEMINAR),
    State("annotations-zoomed", ("l", "l", ":zoom"), ENGLISH),
    State("annotations-folded", ("l", "j", "l", "G", "k", "k"), FRENCH),
    State("annotations-bare", ("l", *["j"] * 10, "l"), FRENCH),
    State("annotations-hostile", ("l", "l", "j"), contents.HOSTILE, library=contents.hostile),
    State("annotations-untitled", ("l", "j", "l"), contents.HOSTILE, library=contents.hostile),
    State("annotations-long-words", ("l", "j", "j", "l"), contents.HOSTILE, library=contents.hostile),
    State("annotations-many-tags", ("l", "G", "l"), contents.HOSTILE, library=contents.hostile),
    State("annotations-languages", ("l", "j", "l"), "Everything", library=contents.languages),
)

PLACES = (
    State("first-start", library=contents.nothing),
    State("first-start-items", ("l",), library=contents.nothing),
    State("unread", ("l",), "Unread"),
    State("unread-none", (), "Unread", library=contents.read),
    State("new-highlights", ("l", "j", "l"), "New highlights"),
    State("new-highlights-none", ("l",), "New highlights", library=contents.read),
    State("starred", ("l",), "Starred"),
    State("starred-none", (), "Starred", library=contents.read),
    State("everything", (), "Everything"),
    State("tag", ("x", "j", "l"), FRENCH),
    State("saved-search", ("l",), "Margins", searches=_SEARCHES),
    State("saved-search-that-means-nothing", (), "Odd", searches=_SEARCHES),
    State("saved-search-hostile", ("l",), _HOSTILE_NAME, searches=_HOSTILE_SEARCHES, library=contents.hostile),
    State("group-empty", (), "Nothing yet", library=contents.troubled),
    State("group-failing", (), "Paper & Ink", library=contents.troubled),
    State("group-failing-empty", ("l",), "Failing from the first day", library=contents.troubled),
    State("group-with-warnings", ("l",), "Bindery", library=contents.troubled),
    State("many-hands", ("l", ":together", "l"), "Paper", library=contents.shared),
    State("peek", ("l", ":peek"), ENGLISH),
)

SAYING = (
    State("said", ("l", ":mark-list-read"), FRENCH),
    State("said-undone", ("l", ":mark-list-read", ":undo"), FRENCH),
    State("said-copied", ("l", "l", "j", ":copy-quote"), FRENCH),
    State("said-removed", (":remove-group", '"y', "enter"), FRENCH),
    State("said-unsaved", ("l", ":mark-read"), "Encre", library=contents.on_a_full_disk),
    State(
        "adding",
        (":add-group", '"https://slow.example/rss', "enter"),
        refresher=contents.Endless,
        is_busy=True,
    ),
    State(
        "adding-refused",
        (":add-group", '"https://login.example/', "enter"),
        refresher=contents.Refusing,
    ),
    State(
        "adding-several",
        (":add-group", '"https://lists.example/ateliers.opml', "enter"),
        refresher=contents.Several,
    ),
)

RIVER = (
    State("river", (":river", "j"), FRENCH),
    State("river-by-sharer", (":river", "S", "n", "j"), FRENCH),
    State("river-by-tag", (":river", "S", "S"), "Everything"),
    State("river-by-date", (":river", "S", "S", "S"), "Everything"),
    State("river-found", (":river", "slash", '"papier'), "Everything"),
    State("river-not-found", (":river", "slash", '"zzz', "enter"), "Everything"),
    State("river-without-highlights", (":river",), "Encre", library=contents.on_a_full_disk),
    State("river-hostile", (":river", "S", "j"), "Everything", library=contents.hostile),
    State("river-languages", (":river", "j", "j"), "Everything", library=contents.languages),
    State("river-export", (":river", "e"), FRENCH),
)

STATES = (*PANES, *PLACES, *SAYING, *RIVER)
