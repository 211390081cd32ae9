"""Citation export: BibTeX for BibLaTeX; CSL-JSON for Zotero, Pandoc and other processors.

The author and date of a page are unknown, so entries have no author or year; the date it was shared is given as the
access date. Quotes go into `annotation`, and into the note in CSL. Source: citation-style-language/schema,
csl-data.json.

Every character that TeX or BibTeX would misread is written as a command, including braces: BibTeX counts even escaped
ones.
"""

import re
from collections.abc import Iterator
from typing import Any

from florilege.export.selection import SelectedItem, Selection, json_elements, known
from florilege.model import Item
from florilege.text import clean, clean_line, digest, slug
from florilege.urls import site_of
from florilege.words import date_of, title_of

_COMMANDS = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}", "#": r"\#", "$": r"\$", "%": r"\%", "&": r"\&", "_": r"\_",
    '"': r"\textquotedbl{}", "@": r"\symbol{64}",
}  # fmt: skip
_TEX = str.maketrans(_COMMANDS)
_UNSAFE_IN_URL = re.compile(r'[\\{}"<>^`|\s@]')


def bibtex(selection: Selection) -> Iterator[str]:
    """Write the items as BibTeX entries, in order."""
    return (bibtex_entry(row.item, row.group.title) for row in selection.each())


def bibtex_entry(item: Item, group_title: str) -> str:
    """The BibTeX entry of an item, followed by a blank line."""
    day = date_of(item)
    quotes = (f"{each.quote} ({each.location})" if each.location else each.quote for each in item.highlights)
    fields = {
        "title": f"{{{tex(clean_line(title_of(item)))}}}",
        "url": _address(item.url) if item.url else "",
        "urldate": day.date().isoformat() if day else "",
        "organization": tex(site_of(item.url) or ""),
        "keywords": ", ".join(tex(clean_line(tag).replace(",", " ")) for tag in item.tags),
        "abstract": _long(item.description or ""),
        "note": tex(shared_by(item, group_title)),
        "annotation": _long("\n".join(quotes)),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@online{{{key_of(item)},", *lines, "}"]) + "\n\n"


def key_of(item: Item) -> str:
    """The citation key of an item: `encre-et-papier-3f2a91c0`. Stable across exports while the title is unchanged."""
    words = "-".join(slug(item.title, longest=40).split("-")[:4])
    return f"{words or 'page'}-{digest(item.id)[:8]}"


def shared_by(item: Item, group_title: str) -> str:
    """The origin of an item as a sentence: `Shared by Odette in Encre & Papier.`."""
    who = item.sharer.label if item.sharer else ""
    return clean_line(f"Shared by {who} in {group_title}." if who else f"Shared in {group_title}.")


def tex(text: str) -> str:
    """Escape text for TeX."""
    return text.translate(_TEX)


def _long(text: str) -> str:
    """Escape text of several paragraphs for TeX."""
    return r" \par ".join(tex(line.strip()) for line in clean(text).split("\n") if line.strip())


def _address(address: str) -> str:
    """Percent-encode characters that would end the field or entry; `%`, `&` and `_` are verbatim in a URL field."""
    return _UNSAFE_IN_URL.sub(lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()), clean_line(address))


def csl(selection: Selection) -> Iterator[str]:
    """Write the items as a CSL-JSON list, one per line."""
    yield "["
    yield from json_elements(map(_csl_item, selection.each()))
    yield "\n]\n"


def _csl_item(row: SelectedItem) -> dict[str, Any]:
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
        "keyword": ", ".join(tag.replace(",", " ") for tag in item.tags) or None,
        "note": "\n\n".join([shared_by(item, row.group.title), *(highlight.quote for highlight in item.highlights)]),
    }
    return known(**facts)
