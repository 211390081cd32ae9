"""One note a page, for Obsidian, Logseq and folders of Markdown. Pure: the note as it was in, as it shall be out.

Ours is what stands between two markers, and in the front matter the keys of `_keys`. Everything else belongs to the
reader: their words before and after, their own keys, and `tags` and `aliases` once the note exists, for people file
notes anew. Each highlight has a block id (`^h3f2a91`), so that it can be linked to and shown elsewhere.
"""

import json
import re
from collections.abc import Iterator

from florilege.export.markdown import body
from florilege.export.note_template import NoteTemplate
from florilege.export.selection import Row, label
from florilege.quotes import markdown as markup
from florilege.text import clean_line
from florilege.words import date_of, title_of

PROPERTY = "florilege"
"""The property by which a note is known again."""
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


class BrokenNote(ValueError):  # noqa: N818 -- what it is
    """A note has one of the markers, but not both, once, in their order: whose words are whose can't be told."""


def note_text(
    row: Row,
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
        own: What the note is known by, whatever becomes of its name.
        before: The note as it is; None when there is none yet.
        name: What its file is called, without the ending.
        with_state: Whether it says if the item is read and starred.
        template: The reader's own; None for that of Obsidian.

    Raises:
        BrokenNote: The markers in it are damaged; it should be left alone.
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
    """What a template gives, between the markers."""
    if template.is_org:
        return f"# {_FROM}\n\n{blocks}\n\n# {_UNTIL}"
    return f"- {BEGIN}\n{blocks}\n- {END}" if template.is_outline else f"{BEGIN}\n\n{blocks}\n\n{END}"


def _put(rest: str, ours: str, *, is_org: bool = False) -> str:
    """The text of a note with our part in the place of our part; behind all when there was none."""
    begins = list((_BEGIN_IN_ORG if is_org else _BEGIN).finditer(rest))
    ends = list((_END_IN_ORG if is_org else _END).finditer(rest))
    if not begins and not ends:
        return f"{rest.rstrip()}\n\n{ours}\n" if rest.strip() else f"\n{ours}\n"
    if len(begins) != 1 or len(ends) != 1 or ends[0].start() < begins[0].end():
        raise BrokenNote
    return rest[: begins[0].start()] + ours + rest[ends[0].end() :]


def _keys(row: Row, *, with_state: bool) -> Iterator[tuple[str, str]]:
    """Our keys of the front matter. JSON strings are YAML strings, whatever stands in them."""
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
    """The front matter of a note without our keys and what belongs to them."""
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
    """A tag as Obsidian allows it: letters, digits, `_`, `/` and hyphens, not digits alone."""
    word = re.sub(r"/[/-]*", "/", re.sub(r"[^\w/]+", "-", tag)).strip("-/")
    return f"{word}_" if word.isdecimal() else word
