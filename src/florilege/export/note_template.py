"""Note templates: text with `{fields}`, and sections that are repeated for each highlight or comment. Pure.

A section is delimited by lines `[highlights]` and `[/highlights]`, or `[comments]` and `[/comments]`; inside a
highlights section, comments are those on the highlight, elsewhere all others. The text above a `[begin]` line is
written only once, when the note is created, in place of front matter; its first field must be `{id}`, which identifies
the note later. The text below is rewritten each time. All values are escaped for Markdown or Org.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import PurePath
from uuid import NAMESPACE_URL, uuid5

from florilege.export.selection import SelectedItem, label
from florilege.model import Comment, Highlight, thread
from florilege.quotes import markdown
from florilege.quotes.passages import passage_link
from florilege.quotes.templates import Template, TemplateError, template
from florilege.text import clean, clean_line
from florilege.urls import safe_to_open
from florilege.words import date_of, title_of

PROPERTY = "florilege"
"""The property that identifies a note."""
PROPERTY_LINE = re.compile(
    rf'^(?:#\+property: {PROPERTY}|{PROPERTY}::?) "?([0-9a-f]{{16}})"?[ \t]*$', re.MULTILINE | re.IGNORECASE
)
NOTE_FIELDS = ("id", "title", "url", "group", "sharer", "date", "tags", "description", "mine")
"""Fields of a note template. Explained in `docs/exports.md`."""
SECTION_FIELDS = {
    "highlights": ("quote", "author", "location", "passage", "block", "uuid"),
    "comments": ("author", "text", "indent"),
}
"""Additional fields within each kind of section."""
_BEGIN = "[begin]"
_LINE = re.compile(r"\[(/?)(\w+)\]")
_GAP = re.compile(r"\n{3,}")
_ORG = re.compile(
    r"^[ \t]*(?=[*#|:+-])|(?<=\[)(?=\[)|(?<=\{)(?=\{)|(?<=<)(?=<)|(?<=src)(?=_)|(?<=call)(?=_)"
    r"|(?<=elisp)(?=:)|(?<=shell)(?=:)",
    re.MULTILINE | re.IGNORECASE,
)
"""Positions where Org would interpret text as headlines, keywords, lists, links, macros, code or commands."""


@dataclass(frozen=True, slots=True)
class _Section:
    """A section; repeated, unless its name is empty."""

    name: str
    parts: "tuple[Template | _Section, ...]"


@dataclass(frozen=True, slots=True)
class NoteTemplate:
    """A parsed note template."""

    head: Template | None
    """The beginning of a new note; None for front matter."""
    body: _Section
    is_org: bool
    """Whether notes are Org files rather than Markdown."""

    @property
    def suffix(self) -> str:
        """The file name suffix of notes."""
        return ".org" if self.is_org else ".md"

    @property
    def is_outline(self) -> bool:
        """Whether the body is a bulleted outline, as Logseq requires."""
        first = self.body.parts[0] if self.body.parts else None
        return isinstance(first, Template) and bool(first.parts) and first.parts[0][0].startswith("- ")

    def fill(self, row: SelectedItem, own: str) -> tuple[str, str]:
        """Fill in the template: the part written once, and the part rewritten each time.

        Args:
            row: The item.
            own: The id of the note.
        """
        inline, block = (_org_line, _org) if self.is_org else (markdown.plain, markdown.paragraphs)
        if self.is_outline:  # an empty line would end the bullet
            block = lambda text: _GAP.sub("\n", markdown.paragraphs(text).replace("\n\n", "\n"))  # noqa: E731
        filler = _Filler(row, own, inline, block)
        head = self.head.fill(filler.values) if self.head else ""
        return head, _GAP.sub("\n\n", "".join(filler.filled(self.body, filler.values))).strip("\n")


@dataclass(frozen=True, slots=True)
class _Filler:
    """Fills in a template for one item."""

    row: SelectedItem
    own: str
    inline: Callable[[str], str]
    """Escapes text for a single line."""
    block: Callable[[str], str]
    """Escapes text of several lines."""

    @property
    def values(self) -> dict[str, str]:
        """The values of `NOTE_FIELDS`."""
        item, inline = self.row.item, self.inline
        day = date_of(item)
        return {
            "id": self.own,
            "title": inline(title_of(item)),
            "url": _address(item.url),
            "group": inline(self.row.group.title),
            "sharer": inline(label(item.sharer) or "somebody"),
            "date": day.date().isoformat() if day else "date unknown",
            "tags": ", ".join(map(inline, item.tags)),
            "description": self.block(item.description or ""),
            "mine": self.block(self.row.state.note),
        }

    def filled(self, section: _Section, values: Mapping[str, str], highlight: Highlight | None = None) -> Iterator[str]:
        """Yield the text of a section in pieces."""
        for part in section.parts:
            if isinstance(part, Template):
                yield _without_blanks(part, values)
            elif part.name == "highlights":
                for each in self.row.annotated.highlights:
                    yield from self.filled(part, {**values, **self._of_highlight(each)}, each)
            else:
                item = self.row.item
                said = highlight.comments if highlight else (*item.notes, *item.comments)
                for depth, comment in thread(said):
                    yield from self.filled(part, {**values, **self._of_comment(comment, depth)})

    def _of_highlight(self, highlight: Highlight) -> dict[str, str]:
        item = self.row.item
        return {
            "quote": self.block(highlight.quote),
            "author": self.inline(highlight.author or label(item.sharer) or "somebody"),
            "location": self.inline(highlight.location or ""),
            "passage": _address(passage_link(item, highlight)),
            "block": markdown.block_id(highlight),
            "uuid": str(uuid5(NAMESPACE_URL, f"florilege:{highlight.id}")),
        }

    def _of_comment(self, comment: Comment, depth: int) -> dict[str, str]:
        author, text = self.inline(comment.author or "somebody"), self.inline(comment.text)
        return {"author": author, "text": text, "indent": "  " * depth}


def shipped() -> dict[str, str]:
    """The built-in templates for programs other than Obsidian, by name."""
    folder = resources.files("florilege.export") / "templates"
    return {each.name.partition(".")[0]: each.read_text("utf-8") for each in folder.iterdir()}


def read_template(name: str, text: str) -> NoteTemplate:
    """Parse a note template.

    Args:
        name: Its file name, or the name of a built-in one; `.org` files and `org` produce Org notes.
        text: The text of the template.

    Raises:
        TemplateError: The template is invalid.
    """
    text = text.replace("\r\n", "\n")
    above, is_divided, below = f"\n{text}".partition(f"\n{_BEGIN}\n")
    head = template(f"{above.lstrip()}\n", NOTE_FIELDS) if is_divided else None
    is_org = PurePath(name).suffix == ".org" or name == "org"
    # {id} must precede all other fields, so that a title cannot pass for the id of another note.
    if next((field for _, field in head.parts if field), "") != "id" if head else is_org:
        raise TemplateError(
            f"A template for notes with {_BEGIN}, or for Org, has to hold {{id}} first, above {_BEGIN}."
        )
    if head and not PROPERTY_LINE.search(head.fill(dict.fromkeys(NOTE_FIELDS, "") | {"id": "0" * 16})):
        raise TemplateError(
            f"In a template for notes, {{id}} has to stand behind {PROPERTY}:, {PROPERTY}:: or #+property: {PROPERTY}, "
            "on a line with nothing else: notes are known again by it."
        )
    lines = iter((below if is_divided else text).splitlines(keepends=True))
    return NoteTemplate(head, _Section("", tuple(_parts(lines, "", NOTE_FIELDS))), is_org)


def _parts(lines: Iterator[str], name: str, fields: Sequence[str]) -> "Iterator[Template | _Section]":
    """Parse the parts of a section, up to the line that ends it."""
    here: list[str] = []
    for line in lines:
        found = _LINE.fullmatch(line.strip())
        if found is None or found[2] not in SECTION_FIELDS:
            here.append(line)
            continue
        yield from _written(here, fields)
        here = []
        if found[1]:
            if found[2] != name:
                raise TemplateError(f"In the template for notes, [/{found[2]}] ends what was not begun.")
            return
        if found[2] == name or name == "comments":
            raise TemplateError(f"In the template for notes, [{found[2]}] can't stand inside [{name}].")
        yield _Section(found[2], tuple(_parts(lines, found[2], (*fields, *SECTION_FIELDS[found[2]]))))
    if name:
        raise TemplateError(f"In the template for notes, [{name}] is not ended: put a line [/{name}] where it ends.")
    yield from _written(here, fields)


def _written(lines: Iterable[str], fields: Sequence[str]) -> Iterator[Template]:
    yield from (template(line, fields) for line in lines)


def _without_blanks(line: Template, values: Mapping[str, str]) -> str:
    """Fill in a line; empty if the line has fields and all their values are blank."""
    return "" if line.fields and not any(values[name].strip() for name in line.fields) else line.fill(values)


def _address(url: str | None) -> str:
    """An address with special characters percent-encoded; empty if it is not safe to open."""
    safe = safe_to_open(url)
    return re.sub(r"[\s<>()\[\]\\`|]", lambda match: f"%{ord(match[0]):02X}", safe) if safe else ""


def _org_line(text: str) -> str:
    return _org(clean_line(text))


def _org(text: str) -> str:
    """Escape text for Org by inserting zero-width spaces where it would be read as markup, as Org's manual advises."""
    return _ORG.sub(lambda match: f"{match[0]}\u200b", "\n".join(line.strip() for line in clean(text).split("\n")))
