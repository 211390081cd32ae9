"""The states with a question or a choice: text lines, pickers, help, settings, overview."""

from pathlib import Path

from florilege.store import Library
from support.states import contents
from support.states.screens import ENGLISH, FRENCH
from support.states.state import State

_OWN = '[look]\ndensity = "comfortable"\nfold_after = 12\n\n[keys]\npeek = ["P"]\nstar = ["s", "*"]\n'


def _beside_files(folder: Path) -> Library:
    """An empty library, in a folder with files that might be added."""
    (folder.parent / "Papiers").mkdir()
    for number in range(8):
        (folder.parent / f"papier-{number}.rss").write_text("")
    return contents.nothing(folder)


TYPING = (
    State("find", (":find",), FRENCH),
    State("find-completing", (":find", '"tag:l'), FRENCH),
    State("find-typing", (":find", '"marge'), "Everything"),
    State("find-found", (":find", '"papier', "enter", "l", "j"), "Everything"),
    State("find-none", (":find", '"zzz', "enter"), FRENCH),
    State("find-mistaken", (":find", '"tga:x (marge'), FRENCH),
    State("find-everywhere", ("l", ":find-everywhere", '"margin'), ENGLISH),
    State("find-hostile", (":find", '"tag:[', "tab"), "Everything", library=contents.hostile),
    State("find-within", ("l", "l", ":find-within", '"marge'), FRENCH),
    State("find-within-found", ("l", "l", ":find-within", '"marge', "enter"), FRENCH),
    State("add", (":add-group",), FRENCH),
    State("add-completing", (":add-group", '"~/pap'), library=_beside_files),
    State("rename", (":rename-group",), FRENCH),
    State("remove", (":remove-group",), FRENCH),
    State("remove-hostile", (":remove-group",), contents.HOSTILE, library=contents.hostile),
    State("export", ("l", ":export"), FRENCH),
    State("save-search", (":find", '"marge', "enter", ":save-search"), FRENCH),
)

CHOOSING = (
    State("tags", ("l", ":tags", "tab", "tab", "down", "tab", "down", "down", "tab", "tab", "tab"), "Everything"),
    State("tags-narrowed", ("l", ":tags", '"ec'), FRENCH),
    State("tags-none", ("l", ":tags", '"zzz'), FRENCH),
    State("tags-hostile", ("l", ":tags"), "Everything", library=contents.hostile),
    State("tags-languages", ("l", ":tags", "tab"), "Everything", library=contents.languages),
    State("sharers", ("l", ":sharers"), "Everything"),
    State("sharers-hostile", ("l", ":sharers"), "Everything", library=contents.hostile),
    State("go-to", (":go-to",), "Everything"),
    State("go-to-typing", (":go-to", '"lect'), "Everything"),
    State("go-to-none", (":go-to", '"zzz'), "Everything"),
    State("go-to-hostile", (":go-to",), "Everything", library=contents.hostile),
    State("sort", ("l", ":sort"), FRENCH),
    State("links", ("l", "l", ":links"), FRENCH),
    State("theme", (":theme",), FRENCH),
    State("palette", (":palette",), FRENCH),
    State("palette-typing", (":palette", '"copy'), FRENCH),
    State("palette-none", (":palette", '"zzzqx'), FRENCH),
    State("palette-hostile", (":palette", '"go to'), "Everything", library=contents.hostile),
)

READING = (
    State("help", ("l", ":help"), FRENCH),
    State("help-narrowed", ("l", ":help", '"copy'), FRENCH),
    State("help-of-a-key", ("l", ":help", '"m'), FRENCH),
    State("help-none", (":help", '"zzz'), FRENCH),
    State("settings", (":settings", "down"), FRENCH),
    State("settings-own", (":settings", *["down"] * 10), FRENCH, settings=_OWN),
    State("settings-keys", (":settings", "tab", "down", "down"), FRENCH, settings=_OWN),
    State("settings-key", (":settings", "tab", "down", "down", "enter"), FRENCH),
    State("settings-key-taken", (":settings", "tab", "down", "enter", "enter", "m"), FRENCH),
    State("overview", ("l", ":overview"), "Everything"),
    State("overview-of-a-group", ("l", ":overview", "j", "j", "j"), ENGLISH),
    State("overview-failing", (":overview",), "Paper & Ink", library=contents.troubled),
    State("overview-with-warnings", (":overview",), "Bindery", library=contents.troubled),
    State("overview-hostile", (":overview",), contents.HOSTILE, library=contents.hostile),
    State("overview-languages", (":overview",), "Everything", library=contents.languages),
)

STATES = (*TYPING, *CHOOSING, *READING)
