"""Markdown comments of members remain marked as Markdown in Web Annotations."""

from florilege.export.formats import FORMATS
from florilege.formats import detect
from florilege.model import Comment, Highlight
from support.selections import item, row, selection

NOTE = Comment(text="*So* true", author="Ann", markdown=True)
PLAIN = Comment(text="5 * 4 * 3", author="Bob")


def test_markdown_is_exported_as_markdown_and_plain_text_as_plain_text() -> None:
    marks = (Highlight(id="1", quote="Ink dries", comments=(NOTE, PLAIN)),)
    text = "".join(FORMATS["webannotation"].write(selection(row(item(highlights=marks, notes=(NOTE,))))))

    snapshot = detect.read(text.encode())

    (entry,) = snapshot.entries
    assert [(note.text, note.markdown) for note in entry.notes] == [("*So* true", True)]
    (highlight,) = entry.highlights
    assert [(note.text, note.markdown) for note in highlight.comments] == [("*So* true", True), ("5 * 4 * 3", False)]
    assert text.count('"text/plain"') == 1
