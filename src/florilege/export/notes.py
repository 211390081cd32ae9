"""A folder of notes, one per item, for Obsidian, Logseq and Org; only our own part of each note is ever rewritten.

Our part of a note is the text between two markers and, in the front matter, the keys of `_keys`. Everything else
belongs to the user: text before and after, other keys, and `tags` and `aliases` once the note exists, since people
refile notes. Each highlight has a block id (`^h3f2a91`), so that it can be linked to and embedded elsewhere. External
text never becomes a path: a title is reduced to a single safe file name.
"""

import json
import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from florilege.export.formats import failing_as_sentence, put
from florilege.export.markdown import body
from florilege.export.note_template import PROPERTY, PROPERTY_LINE, NoteTemplate
from florilege.export.selection import SelectedItem, Selection, label
from florilege.model import Item
from florilege.quotes import markdown as markup
from florilege.text import clean_line, counted, digest
from florilege.words import date_of, title_of

_FROM = "florilege: from here on florilege writes; your own words go above or below"
_UNTIL = "florilege: until here"
BEGIN = f"<!-- {_FROM} -->"
END = f"<!-- {_UNTIL} -->"
_BEGIN = re.compile(r"^(?:- )?<!-- florilege: from here on\b[^\n]*-->\r?$", re.MULTILINE)
_END = re.compile(r"^(?:- )?<!-- florilege: until here\b[^\n]*-->\r?$", re.MULTILINE)
_BEGIN_IN_ORG = re.compile(r"^# florilege: from here on\b[^\n]*$", re.MULTILINE)
_END_IN_ORG = re.compile(r"^# florilege: until here\b[^\n]*$", re.MULTILINE)
_FRONT = re.compile(r"\A---[ \t]*\r?\n(.*?)^---[ \t]*\r?$\n?", re.MULTILINE | re.DOTALL)
_KEY = re.compile(r"^([^\s#:'\"\[{-][^:\n]*):")
LEFT_ALONE = "its markers are damaged, so what is yours in it can't be told."
"""The reason given for leaving a note unchanged."""
_OWN_ID = re.compile(r"[0-9a-f]{16}")
_FORBIDDEN = re.compile(r'[\\/:*?"<>|#^\[\]\x00-\x1f]+')
"""Characters not allowed in file names or in Obsidian links."""
_DEVICES = re.compile(r"\A(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)", re.IGNORECASE)
_LONGEST = 200
"""Maximum bytes of a title in a file name; with suffixes it stays below the usual file system limit of 255."""
_LOOKED_AT = 4096
"""Number of bytes at the start of a note that are searched for its properties."""
_OURS = f"{PROPERTY}: from here on"
"""Properties are not searched for after this marker, because the text there comes from other people."""


@dataclass(slots=True)
class WrittenNotes:
    """The outcome of writing notes to a folder."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    left_alone: list[str] = field(default_factory=list)
    """Names of notes left unchanged because their markers are damaged."""

    def __str__(self) -> str:
        parts = [counted(self.new, "new note")] if self.new else []
        parts += [f"{counted(self.changed, 'note')} changed"] if self.changed else []
        parts += [f"{counted(self.unchanged, 'note')} unchanged"] if self.unchanged or not parts else []
        return ", ".join(parts)


def write_notes(folder: Path, selection: Selection, template: NoteTemplate | None = None) -> WrittenNotes:
    """Write one note per item to a folder, created if necessary; what users wrote around our part of a note is kept.

    A note is identified by its `florilege` property, even if it was renamed or moved within the folder; a new note
    never replaces an existing file.

    Raises:
        FlorilegeError: A note cannot be written; those before it have been.
    """
    written = WrittenNotes()
    suffix = template.suffix if template else ".md"
    with failing_as_sentence(folder):
        folder.mkdir(parents=True, exist_ok=True)
        known = dict(reversed([*_notes_in(folder, suffix)]))
        taken = {_same_name(entry.name) for entry in folder.iterdir()}
    for row in selection.each():
        own = identity(row.item)
        path = known.get(own)
        if path is None:
            path = known[own] = folder / _free_name(row.item, taken, suffix)
            taken.add(_same_name(path.name))
        with failing_as_sentence(path):
            before = path.read_bytes().decode() if path.exists() else None
            try:
                after = note_text(row, own, before, name=path.stem, with_state=selection.with_state, template=template)
            except BrokenNote:
                written.left_alone.append(path.name)
                continue
            if after == before:
                written.unchanged += 1
                continue
            put(path, [after], new=before is None)
        written.new += before is None
        written.changed += before is not None
    return written


def identity(item: Item) -> str:
    """The id that identifies an item's note: 16 hexadecimal digits."""
    return item.id if _OWN_ID.fullmatch(item.id) else digest(item.group, item.id)


def note_name(item: Item) -> str:
    """The file name of an item's note, without suffix, derived from its title.

    Never empty or hidden, and never a path or a Windows device name.
    """
    words = " ".join(_FORBIDDEN.sub(" ", clean_line(item.title)).split()).strip(" .-")
    words = words.encode()[:_LONGEST].decode("utf-8", "ignore").strip(" .-")
    return _DEVICES.sub(r"\g<0>_", words) or "Untitled"


def _free_name(item: Item, taken: set[str], suffix: str) -> str:
    """The name of a new note; if the title is taken, (the start of) its id is appended."""
    own, words = identity(item), note_name(item)
    names = (f"{words}{suffix}", f"{words} ({own[:4]}){suffix}", f"{words} ({own}){suffix}")
    return next((name for name in names if _same_name(name) not in taken), names[-1])


def _same_name(name: str) -> str:
    """The name normalised as by file systems that ignore case and Unicode normalisation forms."""
    return unicodedata.normalize("NFC", name).casefold()


def _notes_in(folder: Path, suffix: str) -> Iterator[tuple[str, Path]]:
    """Find our notes in a folder and its subfolders, as (id, path). Hidden folders are skipped.

    Raises:
        OSError: The folder can't be read.
    """
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.endswith(suffix) and (own := _id_in(Path(place, name))) is not None:
                yield own, Path(place, name)


def _id_in(path: Path) -> str | None:
    """The id in a note; None if the note is not ours."""
    try:
        with path.open("rb") as file:
            beginning = file.read(_LOOKED_AT).decode("utf-8", "replace")
    except OSError:
        return None
    found = PROPERTY_LINE.search(beginning.partition(_OURS)[0].replace("\r", ""))
    return found[1] if found else None


class BrokenNote(ValueError):
    """A note has markers, but not exactly one of each, in order, so our part cannot be located."""


def note_text(
    row: SelectedItem,
    own: str,
    before: str | None,
    *,
    name: str = "",
    with_state: bool,
    template: NoteTemplate | None = None,
) -> str:
    """The note of an item.

    Args:
        row: The item.
        own: The id of the note, independent of its file name.
        before: The current text of the note; None if it does not exist yet.
        name: The file name, without suffix.
        with_state: Whether to include whether the item is read and starred.
        template: The user's template; None for the Obsidian format.

    Raises:
        BrokenNote: The markers in it are damaged; the note should be left unchanged.
    """
    title = title_of(row.item)
    if template is None:
        blocks = "\n\n".join(body(row, with_anchors=True))
        ours = f"{BEGIN}\n\n# {markup.link(title, row.item.url)}\n\n{blocks}\n\n{END}"
    else:
        head, blocks = template.fill(row, own)
        ours = _between(blocks, template)
        if head:
            return f"{head}\n{ours}\n" if before is None else _put(before, ours, is_org=template.is_org)
    keys = {PROPERTY: _quoted(own), **dict(_keys(row, with_state=with_state))}
    if before is None:
        first = {"tags": f"[{', '.join(_quoted(tag) for tag in map(_tag, row.item.tags) if tag)}]"}
        if name and name != title:
            first["aliases"] = f"[{_quoted(title)}]"
        return f"---\n{_lines({**keys, **first})}---\n\n{ours}\n"
    front = _FRONT.match(before)
    rest = before[front.end() :] if front else before
    theirs = _without(front[1], keys) if front else ""
    return f"---\n{_lines(keys)}{theirs}---\n" + ("" if front else "\n") + _put(rest, ours)


def _between(blocks: str, template: NoteTemplate) -> str:
    """The output of a template, between the markers."""
    if template.is_org:
        return f"# {_FROM}\n\n{blocks}\n\n# {_UNTIL}"
    return f"- {BEGIN}\n{blocks}\n- {END}" if template.is_outline else f"{BEGIN}\n\n{blocks}\n\n{END}"


def _put(rest: str, ours: str, *, is_org: bool = False) -> str:
    """Replace our part in the text of a note; append it if there was none.

    Raises:
        BrokenNote: The markers in the text are damaged.
    """
    begins = list((_BEGIN_IN_ORG if is_org else _BEGIN).finditer(rest))
    ends = list((_END_IN_ORG if is_org else _END).finditer(rest))
    if not begins and not ends:
        return f"{rest.rstrip()}\n\n{ours}\n" if rest.strip() else f"\n{ours}\n"
    if len(begins) != 1 or len(ends) != 1 or ends[0].start() < begins[0].end():
        raise BrokenNote
    return rest[: begins[0].start()] + ours + rest[ends[0].end() :]


def _keys(row: SelectedItem, *, with_state: bool) -> Iterator[tuple[str, str]]:
    """Our keys of the front matter. Values are written as JSON strings, which are always valid YAML."""
    item = row.item
    day = date_of(item)
    yield "title", _quoted(title_of(item))
    yield "url", _quoted(item.url or "")
    yield "group", _quoted(row.group.title)
    yield "sharer", _quoted(label(item.sharer))
    yield "shared", day.date().isoformat() if day else '""'
    yield "highlights", str(len(item.highlights))
    if with_state:
        yield "read", "true" if row.state.is_read else "false"
        yield "starred", "true" if row.state.is_starred else "false"


def _without(front: str, keys: dict[str, str]) -> str:
    """The front matter of a note without our keys and their values."""
    kept = []
    ours = False
    for line in front.splitlines(keepends=True):
        if (key := _KEY.match(line)) is not None:
            ours = key[1].strip() in keys
        if not ours:
            kept.append(line)
    return "".join(kept)


def _lines(keys: dict[str, str]) -> str:
    return "".join(f"{key}: {value}\n" for key, value in keys.items())


def _quoted(text: str) -> str:
    return json.dumps(clean_line(text), ensure_ascii=False)


def _tag(tag: str) -> str:
    """A tag in a form valid in Obsidian: letters, digits, `_`, `/` and hyphens, not only digits."""
    word = re.sub(r"/[/-]*", "/", re.sub(r"[^\w/]+", "-", tag)).strip("-/")
    return f"{word}_" if word.isdecimal() else word
