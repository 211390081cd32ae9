"""Writes entries in the formats of services, to be read back."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape

from florilege.model import Entry


def table(names: Sequence[str], rows: Iterable[Sequence[str]], *, has_names: bool = True) -> str:
    """A CSV table with every value quoted, like Diigo's."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\n")
    if has_names:
        buffer.write(",".join(names) + "\n")
    writer.writerows(rows)
    return buffer.getvalue()


def diigo_csv(entries: Iterable[Entry], *, has_names: bool = True) -> str:
    """A CSV export of Diigo."""
    names = ("title", "url", "tags", "description", "comments", "annotations", "created_at")
    rows = [
        (
            entry.title,
            entry.url or "",
            tags_in_cell(entry.tags),
            entry.description or "",
            "",
            annotations(entry),
            moment,
        )
        for entry in entries
        if (moment := f"{entry.shared_at:%Y-%m-%d %H:%M:%S}")
    ]
    return table(names, rows, has_names=has_names)


def annotations(entry: Entry) -> str:
    """The highlights and notes of an entry, as a cell."""
    lines = []
    for note in entry.notes:
        lines += ["Highlight:", f"Sticky notes:{note.text}"]
    for highlight in entry.highlights:
        lines.append(f"Highlight:{highlight.quote}")
        lines += [f"Sticky notes:{comment.text}" for comment in highlight.comments]
    return "".join(f"{line}\n" for line in lines)


def tags_in_cell(tags: Iterable[str]) -> str:
    """Comma-separated tags, those of several words quoted."""
    return ",".join('"' + tag.replace('"', '""') + '"' if {" ", ",", '"'} & set(tag) else tag for tag in tags)


def seconds(moment: datetime | None) -> int:
    """Seconds since 1970."""
    return int(moment.timestamp()) if moment else 0


def netscape(entries: Iterable[Entry]) -> str:
    """A bookmark file."""
    lines = ["<!DOCTYPE NETSCAPE-Bookmark-file-1>", "<TITLE>Bookmarks</TITLE>", "<H1>Bookmarks</H1>", "<DL><p>"]
    for entry in entries:
        tags = escape(tags_in_cell(entry.tags))
        link = f'HREF="{escape(entry.url or "")}" ADD_DATE="{seconds(entry.shared_at)}" TAGS="{tags}"'
        lines.append(f"<DT><A {link}>{escape(entry.title)}</A>")
        if entry.description:
            lines.append(f"<DD>{escape(entry.description)}")
    return "\n".join([*lines, "</DL><p>"])


def group_page(title: str, tag: str, entries: Iterable[Entry]) -> str:
    """A group page saved as text, with a fold line after the third highlight."""
    lines = [
        "Skip to main content",
        "",
        f"Home/ {title}/ Group items tagged {tag}",
        "",
        "Rss Feed Group items tagged",
        "",
    ]
    for entry in entries:
        lines += [entry.sharer.label if entry.sharer else "", "", f"{entry.title} - {entry.views} views", ""]
        for number, highlight in enumerate(entry.highlights):
            if number == 3:
                lines.append(f"  • ...{len(entry.highlights) - 3} more annotations...")
            lines.append(f"  • {highlight.quote}")
        for note in entry.notes:
            lines += ["  • \xa0", *(f"    {line}" for line in note.text.split("\n"))]
    return "\n".join([*lines, "« First ‹ Previous 41 - 50 of 50", "Showing 20 items per page"])


def interact(entries: Iterable[Entry]) -> str:
    """An answer of Diigo's interact API."""
    items = [
        {
            "title": entry.title,
            "url": entry.url,
            "description": entry.description or "",
            "tags": tags_in_cell(entry.tags),
            "created_at": seconds(entry.shared_at),
            "u_name": entry.sharer.handle if entry.sharer else None,
            "real_name": entry.sharer.name if entry.sharer else None,
            "annotations": [
                {"content": each.quote, "id": each.id, "stickyNotes": [{"content": c.text} for c in each.comments]}
                for each in entry.highlights
            ]
            + [{"content": "", "stickyNotes": [{"content": note.text}]} for note in entry.notes],
        }
        for entry in entries
    ]
    return json.dumps({"items": items, "total": len(items), "unread_total": 0})


def raindrop(entries: Iterable[Entry]) -> str:
    """An answer of Raindrop's API."""
    items = [
        {
            "_id": number,
            "link": entry.url,
            "title": entry.title,
            "excerpt": entry.description or "",
            "tags": list(entry.tags),
            "created": entry.shared_at.isoformat() if entry.shared_at else None,
            "creatorRef": {"fullName": entry.sharer.label} if entry.sharer else None,
            "highlights": [
                {"_id": each.id, "text": each.quote, "note": "\n".join(c.text for c in each.comments)}
                for each in entry.highlights
            ],
        }
        for number, entry in enumerate(entries)
    ]
    return json.dumps({"result": True, "items": items, "count": len(items)})


def readwise(entries: Iterable[Entry]) -> str:
    """An export of Readwise."""
    results = [
        {
            "user_book_id": number,
            "title": entry.title,
            "source_url": entry.url,
            "summary": entry.description,
            "book_tags": [{"name": tag} for tag in entry.tags],
            "highlights": [
                {"id": each.id, "text": each.quote, "note": "\n".join(c.text for c in each.comments)}
                for each in entry.highlights
            ],
        }
        for number, entry in enumerate(entries)
    ]
    return json.dumps({"count": len(results), "nextPageCursor": None, "results": results})


def pinboard(entries: Iterable[Entry]) -> str:
    """An export of Pinboard, whose tags hold no spaces."""
    items = [
        {
            "href": entry.url,
            "description": entry.title,
            "extended": entry.description or "",
            "time": entry.shared_at.isoformat() if entry.shared_at else None,
            "tags": " ".join(tag.replace(" ", "_") for tag in entry.tags),
        }
        for entry in entries
    ]
    return json.dumps(items)
