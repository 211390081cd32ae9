"""CSL-JSON: one web page an item, for Zotero, Pandoc and other processors.

Source: citation-style-language/schema, csl-data.json. Who wrote a page and when is not known to us, so there is no
author and nothing is `issued`; it was `accessed` on the day it was shared. The quotes stand in the note.
"""

from collections.abc import Iterator
from typing import Any

from florilege.export.selection import Row, Selection, json_elements, known
from florilege.quotes.bibtex import key_of, shared_by
from florilege.urls import site_of
from florilege.words import date_of, title_of


def write(selection: Selection) -> Iterator[str]:
    """The items as a list, one a line."""
    yield "["
    yield from json_elements(map(_item, selection.each()))
    yield "\n]\n"


def _item(row: Row) -> dict[str, Any]:
    item = row.item
    day = date_of(item)
    facts: dict[str, Any] = {
        "id": key_of(item),
        "type": "webpage",
        "title": title_of(item),
        "URL": item.url,
        "container-title": site_of(item.url),
        "accessed": {"date-parts": [[day.year, day.month, day.day]]} if day else None,
        "abstract": item.description,
        "keyword": ", ".join(item.tags) or None,
        "note": "\n\n".join([shared_by(item, row.group.title), *(highlight.quote for highlight in item.highlights)]),
    }
    return known(**facts)
