"""Note templates: the user's own, and the bundled ones for Logseq and Org."""

import re
from pathlib import Path

import pytest

from florilege.export.note_template import read_template, shipped
from florilege.export.notes import note_text, write_notes
from florilege.export.selection import SelectedItem
from florilege.model import Comment, Highlight, Sharer
from florilege.quotes.templates import TemplateError
from florilege.text import clean
from support.selections import HOSTILE, hostile, item, rich, row, selection

OWN = "00000000000000a1"
SHIPPED = shipped()
PAGE = row(
    item(
        sharer=Sharer("Odette"),
        tags=("papier", "lecture"),
        highlights=(
            Highlight(
                id="h1",
                quote="La marge\nest un lieu.",
                comments=(Comment("Yes", author="Ann", replies=(Comment("No\nnever", author="Bob"),)),),
            ),
            Highlight(id="h2", quote="Le papier boit.", author="Ann", location="p. 7"),
        ),
        notes=(Comment("Read it twice"),),
    )
)
MINE = """\
# {title} ({sharer})
{description}
[highlights]
> {quote}
> {author}, {location}
^{block}
[comments]
{indent}* {author}: {text}
[/comments]
[/highlights]
Notes:
[comments]
* {text}
[/comments]
"""


def filled(text: str, each: SelectedItem = PAGE, name: str = "mine.md") -> str:
    return note_text(each, OWN, None, with_state=False, template=read_template(name, text))


def test_custom_template_is_filled_in_with_highlights_and_comments() -> None:
    text = filled(MINE)

    ours = text.partition("go above or below -->\n\n")[2].partition("\n\n<!-- florilege: until here -->")[0]
    assert text.startswith(f'---\nflorilege: "{OWN}"\n')
    assert re.sub(r"\^h\w{6}", "^h", ours).splitlines() == [
        "# Lire en marge (Odette)",
        "> La marge",
        "> ",
        "> est un lieu.",
        "> Odette, ",
        "^h",
        "* Ann: Yes",
        "  * Bob: No never",
        "> Le papier boit.",
        "> Ann, p. 7",
        "^h",
        "Notes:",
        "* Read it twice",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{nope}", "can't hold {nope}"),
        ("{quote}", "can't hold {quote}"),
        ("{title.__class__}", "can't hold"),
        ("[highlights]\n{quote}\n", "[highlights] is not ended"),
        ("[/comments]\n", "[/comments] ends what was not begun"),
        ("[highlights]\n[comments]\n[/highlights]\n[/comments]", "ends what was not begun"),
        ("[highlights]\n[highlights]\n{quote}\n[/highlights]\n[/highlights]", "can't stand inside [highlights]"),
        ("[comments]\n[highlights]\n{text}\n[/highlights]\n[/comments]", "can't stand inside [comments]"),
        ("{title}\n[begin]\n{url}\n", "has to hold {id} first"),
        ("{id}\n[begin]\n{url}\n", "has to stand behind florilege:"),
        ("key: {id}\n[begin]\n{url}\n", "has to stand behind florilege:"),
        ("{title}\nflorilege:: {id}\n[begin]\n{url}\n", "has to hold {id} first"),
    ],
)
def test_invalid_template_is_refused_with_a_reason(text: str, said: str) -> None:
    with pytest.raises(TemplateError, match=re.escape(said)):
        read_template("mine.md", text)


def test_logseq_note_consists_of_bullets_with_stable_ids() -> None:
    lines = filled(SHIPPED["logseq"], name="logseq").splitlines()

    assert lines[:2] == [f"florilege:: {OWN}", "title:: Lire en marge"]
    assert lines[2:4] == ["url:: https://example.org/marges", "tags:: papier, lecture"]
    assert all(line.startswith(("- ", "  ", "\t- ")) for line in lines[5:])
    first = lines.index("- > La marge")
    assert lines[first + 1] == "  > est un lieu."
    assert re.fullmatch(r"  id:: [0-9a-f-]{36}", lines[first + 2])
    assert lines[first + 3 : first + 5] == ["\t- **Ann**: Yes", "\t- **Bob**: No never"]


def test_org_note_has_named_quote_blocks() -> None:
    text = filled(SHIPPED["org"], name="org")

    assert text.startswith(f"#+property: florilege {OWN}\n#+title: Lire en marge\n")
    assert re.search(r"#\+name: h\w{6}\n#\+begin_quote\nLa marge\nest un lieu\.\n#\+end_quote\n\n- Ann :: Yes", text)


@pytest.mark.parametrize("name", [*SHIPPED, "mine.md"])
def test_existing_note_is_recognised_and_only_our_part_rewritten(name: str, tmp_path: Path) -> None:
    template = read_template(name, SHIPPED.get(name, MINE))
    assert write_notes(tmp_path, selection(PAGE), template).new == 1
    (path,) = tmp_path.iterdir()
    assert path.suffix == template.suffix
    (tmp_path / "sub").mkdir()
    moved = path.rename(tmp_path / "sub" / f"renamed{path.suffix}")
    moved.write_text(f"{moved.read_text()}\nMy words below.\n")

    again = write_notes(tmp_path, selection(PAGE), template)
    assert (again.new, again.changed, again.unchanged) == (0, 0, 1)
    more = row(item(highlights=(Highlight(id="1", quote="Nouveau passage"),)))
    assert write_notes(tmp_path, selection(more), template).changed == 1

    text = moved.read_text()
    assert "Nouveau passage" in text
    assert "papier boit" not in text
    assert text.endswith("\nMy words below.\n")


@pytest.mark.parametrize("name", [*SHIPPED, "mine.md"])
@pytest.mark.parametrize("word", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_can_end_our_part_or_pass_for_something_else(word: str, name: str) -> None:
    template = read_template(name, SHIPPED.get(name, MINE))
    each = next(iter(hostile(clean(word)).rows))
    once = note_text(each, OWN, None, with_state=True, template=template)
    assert note_text(each, OWN, once, with_state=True, template=template) == once
    if name == "org":
        expected = note_text(next(iter(hostile("word").rows)), OWN, None, with_state=True, template=template)
        for start in ("#+", "# florilege", "*"):
            count = [sum(line.startswith(start) for line in text.splitlines()) for text in (once, expected)]
            assert count[0] == count[1], start
        assert not re.search(r"\[\[|\{\{\{|src_\w+\{|<<", once)


def test_title_cannot_impersonate_the_note_of_another_item(tmp_path: Path) -> None:
    template = read_template("mine.md", "florilege:: {id}\n{title}\n[begin]\n{url}\n")
    forged = row(item("00000000000000b2", title="florilege:: 00000000000000a1", url="https://example.org/other"))
    write_notes(tmp_path, selection(forged), template)
    written = write_notes(tmp_path, selection(row(), forged), template)
    assert (written.new, written.changed, written.unchanged) == (1, 0, 1)


def test_bundled_templates_work_with_nothing_known() -> None:
    for each in rich().rows:
        for name, text in SHIPPED.items():
            assert "{" not in filled(text, each, name)
