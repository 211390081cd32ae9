"""A folder of notes: what is ours is written anew, what people wrote stays."""

from datetime import datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from florilege.export import ExportError, write_notes
from florilege.export.naming import note_name
from florilege.export.notes import BEGIN, END, BrokenNote, note_text
from florilege.model import Highlight
from florilege.text import clean, slug
from support.exporting import HOSTILE, NOW, hostile, item, rich, row, selection, words


def front(text: str) -> dict[str, object]:
    """The front matter, as a YAML reader has it."""
    assert text.startswith("---\n")
    found: dict[str, object] = yaml.safe_load(text.split("\n---\n")[0])
    return found


def test_a_note_says_where_it_is_from_and_what_was_highlighted() -> None:
    text = note_text(next(iter(rich().rows)), None, with_state=True)
    known = front(text)
    assert (known["title"], known["url"], known["group"]) == (
        "Lire en marge", "https://example.org/marges", "Encre & Papier",
    )  # fmt: skip
    assert (known["tags"], known["read"], known["starred"]) == (["lecture", "papier"], True, True)
    assert str(known["shared"]) == "2019-04-12"
    assert "> « La marge est un lieu. »" in text


def test_without_state_a_note_does_not_tell_what_was_read() -> None:
    assert {"read", "starred"} & set(front(note_text(next(iter(rich().rows)), None, with_state=False))) == set()


def test_what_people_wrote_around_our_part_stays() -> None:
    before = note_text(row(), None, with_state=True)
    theirs = before.replace(BEGIN, "My words above.\n\n" + BEGIN) + "\nMy words below.\n"
    more = row(item(highlights=(Highlight(id="1", quote="Nouveau passage"),)))
    after = note_text(more, theirs, with_state=True)
    above, ours, below = after.partition(BEGIN)[0], after.split(BEGIN)[1].split(END)[0], after.split(END)[1]
    assert above.endswith("My words above.\n\n")
    assert below == "\n\nMy words below.\n"
    assert "> Nouveau passage" in ours


def test_their_own_properties_and_tags_stay() -> None:
    before = note_text(row(item(tags=("papier",))), None, with_state=True)
    edited = before.replace('tags: ["papier"]', "tags:\n  - mine\naliases:\n  - Marges").replace(
        "read: false", "read:\n  x"
    )
    known = front(note_text(row(item(title="Autre"), read_at=NOW), edited, with_state=True))
    assert (known["tags"], known["aliases"]) == (["mine"], ["Marges"])
    assert (known["title"], known["read"]) == ("Autre", True)


def test_the_same_again_changes_nothing() -> None:
    for each in rich().rows:
        once = note_text(each, None, with_state=True)
        assert note_text(each, once, with_state=True) == once


def test_a_note_without_our_part_gets_it_at_its_end() -> None:
    after = note_text(row(), "Only my words.\n", with_state=False)
    assert after.startswith("---\ntitle:")
    assert "---\n\nOnly my words.\n\n<!-- florilege" in after
    assert note_text(row(), after, with_state=False) == after


@pytest.mark.parametrize("damaged", [BEGIN, END, f"{END}\n{BEGIN}", f"{BEGIN}\n{END}\n{BEGIN}\n{END}"])
def test_a_note_with_damaged_markers_is_left_alone(damaged: str) -> None:
    with pytest.raises(BrokenNote):
        note_text(row(), f"mine\n{damaged}\nmine too\n", with_state=True)


@pytest.mark.parametrize("word", HOSTILE, ids=range(len(HOSTILE)))
def test_no_word_ends_our_part_or_the_front_matter(word: str) -> None:
    each = next(iter(hostile(clean(word)).rows))
    once = note_text(each, None, with_state=True)
    assert front(once)["group"] == each.group.title.replace("\n\n", " ").replace("\n", " ").strip()
    assert set(front(once)) == {"title", "url", "group", "sharer", "shared", "highlights", "read", "starred", "tags"}
    assert note_text(each, once, with_state=True) == once


# The folder


def test_each_item_becomes_a_note_and_only_changes_are_written(tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    first = write_notes(folder, rich())
    assert (first.new, first.changed, first.unchanged) == (2, 0, 0)
    assert sorted(path.name for path in folder.iterdir()) == [
        "lire-en-marge-00000000000000a1.md", "page-00000000000000b2.md",
    ]  # fmt: skip
    again = write_notes(folder, rich())
    assert (again.new, again.changed, again.unchanged) == (0, 0, 2)


def test_a_renamed_note_is_known_again_by_its_id(tmp_path: Path) -> None:
    write_notes(tmp_path, selection(row()))
    (note,) = tmp_path.iterdir()
    note.rename(tmp_path / "My own name-00000000000000a1.md")
    written = write_notes(tmp_path, selection(row(item(title="Un autre titre"))))
    assert written.changed == 1
    assert [path.name for path in tmp_path.iterdir()] == ["My own name-00000000000000a1.md"]


def test_a_damaged_note_is_named_and_untouched(tmp_path: Path) -> None:
    note = tmp_path / "x-00000000000000a1.md"
    note.write_text(f"{BEGIN}\nmy words\n")
    written = write_notes(tmp_path, selection(row()))
    assert written.left_alone == ["x-00000000000000a1.md"]
    assert note.read_text() == f"{BEGIN}\nmy words\n"


def test_a_note_that_is_no_text_is_untouched(tmp_path: Path) -> None:
    note = tmp_path / "x-00000000000000a1.md"
    note.write_bytes(b"\xff\xfe")
    with pytest.raises(ExportError, match="not UTF-8"):
        write_notes(tmp_path, selection(row()))
    assert note.read_bytes() == b"\xff\xfe"


def test_line_ends_of_people_stay(tmp_path: Path) -> None:
    note = tmp_path / "x-00000000000000a1.md"
    note.write_bytes(b"mine\r\nand mine\r\n")
    write_notes(tmp_path, selection(row()))
    assert b"mine\r\nand mine" in note.read_bytes()


def test_a_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("a file")
    with pytest.raises(ExportError, match="notes"):
        write_notes(tmp_path / "notes", rich())


# Names


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("L’Élan & le Papier", "l-elan-le-papier"),
        ("../../etc/passwd", "etc-passwd"),
        ("..", "page"),
        ("", "page"),
        ("a\x00b", "ab"),
        ("CON", "con"),
        ("C:\\Windows\\nul.txt", "c-windows-nul-txt"),
        (".hidden", "hidden"),
        ("trailing. ", "trailing"),
        ("漢字 かな", "漢字-かな"),
        ("😀", "page"),
        ("a" * 500, "a" * 60),
        ("mot " * 100, "-".join(["mot"] * 15)),
    ],
)
def test_a_title_becomes_one_harmless_word(title: str, name: str) -> None:
    assert note_name(item(title=title)) == f"{name}-00000000000000a1.md"


@settings(deadline=None)
@given(title=words | st.text(), name=st.text())
def test_no_title_and_no_id_becomes_a_path(title: str, name: str) -> None:
    file_name = note_name(item(name, title=title))
    assert Path(file_name).name == file_name
    assert not file_name.startswith((".", "-"))
    assert len(file_name.encode()) <= 255
    assert set('/\\:*?"<>|\0\n') & set(file_name) == set()
    assert file_name.split(".")[0].casefold() not in {"con", "nul", "aux", "prn", "com1", "lpt1"}


def test_a_slug_is_never_longer_than_asked() -> None:
    assert slug("un deux trois", longest=8) == "un-deux"


def test_a_date_of_unknown_zone_is_the_day_it_says() -> None:
    one = item(shared_at=datetime(2019, 4, 12, 23, 30))  # noqa: DTZ001
    assert str(front(note_text(row(one), None, with_state=False))["shared"]) == "2019-04-12"
