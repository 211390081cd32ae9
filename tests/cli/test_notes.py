"""The reader's own notes: separate from what sources say; found, exported, undone, untouched by refreshes."""

from pathlib import Path

from florilege.cli.context import CliContext
from florilege.export.formats import FORMATS
from florilege.marking import Mark
from florilege.model import OwnNote, ReadingState
from support.commands import Called
from support.loopback import Loopback, reply
from support.selections import rich

FEED = (
    b'<rss version="2.0"><channel><title>Encre</title>'
    b"<item><title>%s</title><guid>1</guid><link>https://example.org/1</link></item></channel></rss>"
)


def add_changing_feed(florilege: Called, server: Loopback) -> None:
    florilege("add", server.at("/rss", reply(FEED % b"One"), reply(FEED % b"One, revised")))


def test_note_is_found_printed_and_survives_a_refresh(florilege: Called, server: Loopback) -> None:
    add_changing_feed(florilege, server)

    assert florilege("note", "one", "--text", "Read it\n twice \x1b[31m #todo").lines == ["Noted on: One"]
    florilege("refresh", "--all")

    assert florilege("note", "title:revised").lines == ["Read it", " twice [31m #todo"]
    for query in ("mine:twice", "mine:#TODO", "has:mine", "not mine:never"):
        assert florilege("list", query, "--json").json["items"][0]["own_note"] == "Read it\n twice [31m #todo"
    assert florilege("list", "mine:never").said == ["0 items"]
    assert florilege("list", "note:twice").said == ["0 items"]  # members' notes are separate
    assert florilege("list", "is:unread", "--json").json["total"] == 1


def test_note_can_be_undone_and_deleted(florilege: Called, server: Loopback) -> None:
    add_changing_feed(florilege, server)
    florilege("note", "one", "--text", "first")
    florilege("note", "one", "--text", "second")

    assert florilege("undo").lines == ["1 item with your note as it was"]
    assert florilege("note", "one").lines == ["first"]
    assert florilege("note", "one", "--text", "\udcff\x1b").code == 2  # bytes that are no text remove nothing
    assert florilege("note", "one").lines == ["first"]
    assert florilege("note", "one", "--text", "").lines == ["Note removed from: One"]
    assert florilege("list", "has:mine").said == ["0 items"]
    assert florilege("note", "nothing such", "--text", "x").code == 1
    assert florilege("note", "one", "hello").said == ["No item matches. The text of a note follows --text."]
    assert florilege("note", "--text", "x").code == 2


def test_note_on_several_matches_says_which_item_it_is_on(florilege: Called, feeds: Path) -> None:
    florilege("add", str(feeds / "encre.rss"))

    ran = florilege("note", "is:any", "--text", "x")

    assert ran.said == ["3 items found; using the newest"]
    assert len(ran.lines) == 1


def test_notes_are_exported_unless_state_is_left_out(florilege: Called, server: Loopback, tmp_path: Path) -> None:
    add_changing_feed(florilege, server)
    florilege("note", "one", "--text", "My *own* words")

    said = "**My note:** My \\*own\\* words"
    assert said in florilege("export", "--format", "markdown").out
    assert "own" not in florilege("export", "--format", "markdown", "--no-state").out
    florilege("export", "--output", f"{tmp_path}/notes/")
    assert said in (tmp_path / "notes" / "One.md").read_text("utf-8")
    florilege("export", "--output", str(tmp_path / "all.json"))
    florilege("note", "one", "--text", "")
    florilege("import", str(tmp_path / "all.json"))
    florilege("import", str(tmp_path / "all.json"))
    assert florilege("note", "one").lines == ["My *own* words"]


def test_item_with_a_note_is_never_purged() -> None:
    from florilege.merge.retention import spent
    from florilege.model import ItemSummary, OwnNote
    from support.selections import NOW

    summary = ItemSummary(id="i", group="g", added_at=NOW)
    states = {name: ReadingState(item="i", read_at=NOW, notes=(OwnNote(name),)) for name in ("", "mine")}
    gone = [spent([summary], {"i": state}, keep_items=0, now=NOW) for state in states.values()]
    assert gone == [["i"], []]


def test_note_on_a_highlight_survives_export_and_import(florilege: Called, tmp_path: Path) -> None:
    (tmp_path / "all.json").write_text("".join(FORMATS["json"].write(rich())))
    assert florilege("import", str(tmp_path / "all.json")).code == 0
    cli = CliContext({"FLORILEGE_HOME": str(florilege.home)}, clock=florilege.clock)
    library = cli.library()
    group, item, highlight = next(
        (group.id, item.id, item.highlights[-1])
        for group in library.groups()
        for item in library.items(group.id)
        if item.highlights
    )
    note = OwnNote("My *own* words", highlight.id)
    library.mark(Mark.NOTED, {group: {item: 0}}, now=florilege.clock(), note=note)

    (quote,) = florilege("quotes", "mine:own", "--json").json["quotes"]
    assert (quote["id"], quote["own_note"]) == (highlight.id, "My *own* words")
    assert "- **My note**: My \\*own\\* words" in florilege("export", "--format", "markdown").out
    assert "My note" not in florilege("export", "--format", "markdown", "--no-state").out
    assert "My note: My *own* words" in florilege("export", "--format", "csv").out
    florilege("export", "--output", str(tmp_path / "again.json"))
    library.mark(Mark.NOTED, {group: {item: 0}}, now=florilege.clock(), note=OwnNote("", highlight.id))
    assert florilege("import", str(tmp_path / "again.json")).code == 0
    assert library.states(group)[item].note_on(highlight.id) == "My *own* words"
