"""JSON Feed 1.1: any feed reader shows the pages and their quotes; `_florilege` keeps what the format has no place for.

Source: jsonfeed.org/version/1.1. `external_url` is the page that was shared, `url` where members talk about it.
"""

from collections.abc import Iterator
from typing import Any

from florilege.export.selection import Row, Selection, as_json, in_utc, json_elements, known, label
from florilege.formats.own import entry_of
from florilege.urls import safe_to_open

VERSION = "https://jsonfeed.org/version/1.1"
ABOUT = "The entry as florilege keeps it, with highlights, notes and comments."


def write(selection: Selection) -> Iterator[str]:
    """The selection as a feed, one item a line."""
    head: dict[str, Any] = {"version": VERSION, "title": selection.title or "florilege"}
    if len(selection.groups) == 1 and (site := safe_to_open(selection.groups[0].site)):
        head["home_page_url"] = site
    yield as_json(head).removesuffix("}") + ',"items":['
    yield from json_elements(map(_item, selection.each()))
    yield "\n]}\n"


def _item(row: Row) -> dict[str, Any]:
    item = row.item
    sharer = label(item.sharer)
    return known(
        id=item.id,
        url=item.discussion_url,
        external_url=item.url,
        title=item.title or None,
        content_text=_text(row),
        summary=item.description,
        date_published=in_utc(item.shared_at),
        date_modified=in_utc(item.updated_at),
        authors=[{"name": sharer}] if sharer else None,
        tags=list(item.tags) or None,
        _florilege={"about": ABOUT, "group": row.group.title, "entry": entry_of(item)},
    )


def _text(row: Row) -> str:
    """What a feed reader shows: the description, then every quote and note."""
    item = row.item
    parts = [item.description or ""]
    for highlight in item.highlights:
        by = f"\n— {highlight.author}" if highlight.author else ""
        parts.append(f"“{highlight.quote}”{by}")
    parts += [f"{note.author}: {note.text}" if note.author else note.text for note in item.notes]
    return "\n\n".join(part for part in parts if part)
