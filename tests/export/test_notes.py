"""A folder of notes: our part is rewritten, what people wrote stays."""

import re
from datetime import datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from florilege.export.notes import BEGIN, END, BrokenNote, note_name, write_notes
from florilege.export.notes import note_text as text_of
from florilege.export.selection import SelectedItem
from florilege.model import FlorilegeError, Highlight
from florilege.text import clean, slug
from support.selections import HOSTILE, NOW, hostile, item, rich, row, selection, words

OWN = "00000000000000a1"
OURS = f'---\nflorilege: "{OWN}"\n---\n'


def note_text(each: SelectedItem, before: str | None, *, with_state: bool) -> str:
    return text_of(each, OWN, before, with_state=with_state)


def front(text: str) -> dict[str, object]:
    """The front matter, parsed as YAML."""
    assert text.startswith("---\n")
    found: dict[str, object] = yaml.safe_load(text.split("\n---\n")[0])
    return found


def test_note_has_its_source_and_highlights() -> None:
    text = note_text(next(iter(rich().rows)), None, with_state=True)
    known = front(text)
    assert (known["title"], known["url"], known["group"]) == (
        "Lire en marge", "https://example.org/marges", "Encre & Papier",
    )  # fmt: skip
    assert (known["tags"], known["read"], known["starred"]) == (["lecture", "papier"], True, True)
    assert str(known["shared"]) == "2019-04-12"
    assert "> « La marge est un lieu. »" in text


def test_note_without_state_does_not_reveal_what_was_read() -> None:
    assert {"read", "starred"} & set(front(note_text(next(iter(rich().rows)), None, with_state=False))) == set()


def test_text_around_our_part_is_kept() -> None:
    before = note_text(row(), None, with_state=True)
    theirs = before.replace(BEGIN, "My words above.\n\n" + BEGIN) + "\nMy words below.\n"
    more = row(item(highlights=(Highlight(id="1", quote="Nouveau passage"),)))
    after = note_text(more, theirs, with_state=True)
    above, ours, below = after.partition(BEGIN)[0], after.split(BEGIN)[1].split(END)[0], after.split(END)[1]
    assert above.endswith("My words above.\n\n")
    assert below == "\n\nMy words below.\n"
    assert "> Nouveau passage" in ours


def test_own_properties_and_tags_are_kept() -> None:
    before = note_text(row(item(tags=("papier",))), None, with_state=True)
    edited = before.replace('tags: ["papier"]', "tags:\n  - mine\naliases:\n  - Marges").replace(
        "read: false", "read:\n  x"
    )
    known = front(note_text(row(item(title="Autre"), read_at=NOW), edited, with_state=True))
    assert (known["tags"], known["aliases"]) == (["mine"], ["Marges"])
    assert (known["title"], known["read"]) == ("Autre", True)


def test_exporting_again_changes_nothing() -> None:
    for each in rich().rows:
        once = note_text(each, None, with_state=True)
        assert note_text(each, once, with_state=True) == once


def test_note_without_our_part_gets_it_at_the_end() -> None:
    after = note_text(row(), "Only my words.\n", with_state=False)
    assert after.startswith("---\nflorilege:")
    assert "---\n\nOnly my words.\n\n<!-- florilege" in after
    assert note_text(row(), after, with_state=False) == after


@pytest.mark.parametrize("damaged", [BEGIN, END, f"{END}\n{BEGIN}", f"{BEGIN}\n{END}\n{BEGIN}\n{END}"])
def test_note_with_damaged_markers_is_left_alone(damaged: str) -> None:
    with pytest.raises(BrokenNote):
        note_text(row(), f"mine\n{damaged}\nmine too\n", with_state=True)


@pytest.mark.parametrize("word", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_can_end_our_part_or_the_front_matter(word: str) -> None:
    each = next(iter(hostile(clean(word)).rows))
    once = note_text(each, None, with_state=True)
    assert front(once)["group"] == each.group.title.replace("\n\n", " ").replace("\n", " ").strip()
    assert set(front(once)) == {
        "florilege",
        "title",
        "url",
        "group",
        "sharer",
        "shared",
        "highlights",
        "read",
        "starred",
        "tags",
    }
    assert note_text(each, once, with_state=True) == once


# The folder


def test_each_item_is_one_note_and_only_changes_are_written(tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    first = write_notes(folder, rich())
    assert (first.new, first.changed, first.unchanged) == (2, 0, 0)
    assert sorted(path.name for path in folder.iterdir()) == [
        "Lire en marge.md", "Untitled.md",
    ]  # fmt: skip
    again = write_notes(folder, rich())
    assert (again.new, again.changed, again.unchanged) == (0, 0, 2)


def test_note_is_found_again_after_moving_and_renaming(tmp_path: Path) -> None:
    write_notes(tmp_path, selection(row()))
    (note,) = tmp_path.iterdir()
    moved = tmp_path / "reading" / "2026" / "My own name.md"
    moved.parent.mkdir(parents=True)
    note.rename(moved)
    written = write_notes(tmp_path, selection(row(item(title="Un autre titre"))))
    assert (written.new, written.changed) == (0, 1)
    assert list(tmp_path.rglob("*.md")) == [moved]


def test_pages_with_the_same_title_get_separate_notes(tmp_path: Path) -> None:
    pages = [row(item("00000000000000a1", title="Élan")), row(item("00000000000000b2", title="e\u0301LAN"))]
    write_notes(tmp_path, selection(*pages))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["e\u0301LAN (0000).md", "Élan.md"]
    assert write_notes(tmp_path, selection(*pages)).unchanged == 2


def test_file_of_the_reader_is_never_taken_for_a_note(tmp_path: Path) -> None:
    (tmp_path / "Lire en marge.md").write_text("mine")
    write_notes(tmp_path, selection(row()))
    assert (tmp_path / "Lire en marge.md").read_text() == "mine"
    assert (tmp_path / "Lire en marge (0000).md").exists()


def test_title_unsuitable_as_a_name_becomes_an_alias(tmp_path: Path) -> None:
    write_notes(tmp_path, selection(row(item(title="What is ink? A/B"))))
    (note,) = tmp_path.iterdir()
    assert note.name == "What is ink A B.md"
    assert front(note.read_text())["aliases"] == ["What is ink? A/B"]


def test_highlights_have_stable_block_ids() -> None:
    first, second = Highlight(id="1", quote="One"), Highlight(id="2", quote="Two ^h123456")
    alone = note_text(row(item(highlights=(first,))), None, with_state=False)
    both = note_text(row(item(highlights=(second, first))), None, with_state=False)
    (anchor,) = re.findall(r"^\^h[0-9a-f]{6}$", alone, re.MULTILINE)
    assert f"> One\n\n{anchor}\n" in both
    assert len(set(re.findall(r"^\^h[0-9a-f]{6}$", both, re.MULTILINE))) == 2


def test_damaged_note_is_named_and_untouched(tmp_path: Path) -> None:
    note = tmp_path / "x.md"
    note.write_text(f"{OURS}{BEGIN}\nmy words\n")
    written = write_notes(tmp_path, selection(row()))
    assert written.left_alone == ["x.md"]
    assert note.read_text() == f"{OURS}{BEGIN}\nmy words\n"


def test_binary_note_is_untouched(tmp_path: Path) -> None:
    note = tmp_path / "x.md"
    note.write_bytes(OURS.encode() + b"\xff\xfe")
    with pytest.raises(FlorilegeError, match="not UTF-8"):
        write_notes(tmp_path, selection(row()))
    assert note.read_bytes() == OURS.encode() + b"\xff\xfe"


def test_existing_line_ends_are_kept(tmp_path: Path) -> None:
    note = tmp_path / "x.md"
    note.write_bytes(OURS.encode() + b"mine\r\nand mine\r\n")
    write_notes(tmp_path, selection(row()))
    assert b"mine\r\nand mine" in note.read_bytes()


def test_folder_that_is_a_file_is_reported(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("a file")
    with pytest.raises(FlorilegeError, match="notes"):
        write_notes(tmp_path / "notes", rich())


# Names


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("L’Élan & le Papier", "L’Élan & le Papier"),
        ("../../etc/passwd", "etc passwd"),
        ("..", "Untitled"),
        ("", "Untitled"),
        ("a\x00b", "ab"),
        ("CON", "CON_"),
        ("nul.txt", "nul_.txt"),
        ("C:\\Windows", "C Windows"),
        (".hidden", "hidden"),
        ("trailing. ", "trailing"),
        ("漢字 かな", "漢字 かな"),
        ("[[a]] #b ^c | d", "a b c d"),
        ("a" * 500, "a" * 200),
        ("é" * 500, "é" * 100),
    ],
)
def test_title_becomes_a_harmless_file_name(title: str, name: str) -> None:
    assert note_name(item(title=title)) == name


@given(title=words | st.text(), name=st.text())
def test_no_title_and_no_id_becomes_a_path(title: str, name: str) -> None:
    file_name = f"{note_name(item(name, title=title))}.md"
    assert Path(file_name).name == file_name
    assert not file_name.startswith((".", "-"))
    assert len(file_name.encode()) <= 255
    assert set('/\\:*?"<>|\0\n') & set(file_name) == set()
    assert file_name.split(".")[0].casefold() not in {"con", "nul", "aux", "prn", "com1", "lpt1"}


def test_slug_is_never_longer_than_its_limit() -> None:
    assert [slug("un deux trois", longest=most) for most in (8, 7, 6)] == ["un-deux", "un-deux", "un"]


def test_date_without_zone_is_the_day_as_written() -> None:
    one = item(shared_at=datetime(2019, 4, 12, 23, 30))  # noqa: DTZ001
    assert str(front(note_text(row(one), None, with_state=False))["shared"]) == "2019-04-12"
