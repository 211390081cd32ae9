"""Pages to be cited: BibTeX for BibLaTeX, CSL-JSON for Zotero, Pandoc and other processors.

Who wrote a page and when is not known to us, so there is no author and no year: it was looked at on the day it was
shared. The quotes stand in `annotation`, and in the note of CSL. Source: citation-style-language/schema, csl-data.json.

Every character that TeX or BibTeX would misread is spelt as a command, braces too: BibTeX counts even escaped ones.
"""

import re
from collections.abc import Iterator
from typing import Any

from florilege.export.selection import Row, Selection, json_elements, known
from florilege.model import Highlight, Item
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
    """The items as entries, in their order."""
    return (bibtex_entry(row.item, row.group.title) for row in selection.each())


def bibtex_entry(item: Item, group_title: str) -> str:
    """One page as an entry, with a blank line after it."""
    day = date_of(item)
    fields = {
        "title": f"{{{tex(clean_line(title_of(item)))}}}",
        "url": _address(item.url) if item.url else "",
        "urldate": day.date().isoformat() if day else "",
        "organization": tex(site_of(item.url) or ""),
        "keywords": ", ".join(tex(clean_line(tag).replace(",", " ")) for tag in item.tags),
        "abstract": _long(item.description or ""),
        "note": tex(shared_by(item, group_title)),
        "annotation": _long("\n".join(map(_quote, item.highlights))),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@online{{{key_of(item)},", *lines, "}"]) + "\n\n"


def key_of(item: Item) -> str:
    """The key a paper cites it by: `encre-et-papier-3f2a91`. The same at every export while the title stays."""
    words = "-".join(slug(item.title, longest=40).split("-")[:4])
    return f"{words or 'page'}-{digest(item.id)[:8]}"


def shared_by(item: Item, group_title: str) -> str:
    """Where it is from, as a sentence: `Shared by Odette in Encre & Papier.`."""
    who = item.sharer.label if item.sharer else ""
    return clean_line(f"Shared by {who} in {group_title}." if who else f"Shared in {group_title}.")


def tex(text: str) -> str:
    """The text as TeX shows it again."""
    return text.translate(_TEX)


def _quote(highlight: Highlight) -> str:
    return f"{highlight.quote} ({highlight.location})" if highlight.location else highlight.quote


def _long(text: str) -> str:
    """Text of several paragraphs."""
    return r" \par ".join(tex(line.strip()) for line in clean(text).split("\n") if line.strip())


def _address(address: str) -> str:
    """The address with what would end the field, or the entry, percent-encoded; `%`, `&` and `_` are verbatim there."""
    return _UNSAFE_IN_URL.sub(lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()), clean_line(address))


def csl(selection: Selection) -> Iterator[str]:
    """The items as a list, one a line."""
    yield "["
    yield from json_elements(map(_csl_item, selection.each()))
    yield "\n]\n"


def _csl_item(row: Row) -> dict[str, Any]:
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
