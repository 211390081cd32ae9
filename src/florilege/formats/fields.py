"""The one place where text from documents becomes fields of our model: cleaned, and None if it is blank. Pure."""

import csv
import re
from collections.abc import Iterable
from functools import lru_cache
from math import isfinite

import msgspec

from florilege.formats.markup import Layout, holds_elements, html_to_text, mixed_to_text, title_to_text
from florilege.model import Sharer
from florilege.text import clean, clean_line, tag_key
from florilege.urls import resolve, scheme_of

_INDENTED = re.compile(r"(?<![ \n]) *+\n[ \n]*+(?<= )(?![-*+•>#|]|\d{1,3}[.)] )(?=\S)")
"""Line breaks and the indentation of the following line, unless that begins a list item, quotation or the like."""
_SPACES = re.compile("  +")
_DOI = re.compile(r"^doi:\s*+", re.IGNORECASE)
_QUOTED = re.compile(r"""'((?:[^'\\]|\\(?:.|\Z))*+)(?:'|\Z)|"((?:[^"\\]|\\(?:.|\Z))*+)(?:"|\Z)""", re.DOTALL)
"""A string literal in a Python list."""


def line(value: str | None) -> str | None:
    """A single-line field; None if it is blank."""
    if not value:
        return None
    text = value.strip() if value.isprintable() else clean_line(value)
    return text if text and not text.isspace() else None


def prose(value: str | None) -> str | None:
    """A multi-line field, stripped; None if it is blank."""
    return clean(value).strip() or None if value else None


def title(value: str | None, *, is_html: bool) -> str:
    """A single-line title; empty if there is none."""
    text = line(title_to_text(value) if value and is_html else value) or ""
    return _SPACES.sub(" ", text) if "  " in text else text


def passage(text: str | None) -> str:
    """Convert a quote or comment that may contain HTML to text; empty if it is blank."""
    return _mixed(text, Layout.PASSAGE) if text else ""


def description(text: str | None) -> str | None:
    """Convert a description that may contain HTML to text; None if it is blank."""
    return (_mixed(text, Layout.PAGE) or None) if text else None


def _mixed(text: str, layout: Layout) -> str:
    """Convert HTML or plain text to cleaned and stripped text."""
    if "<" not in text and "&" not in text:
        return without_source_breaks(clean(text).strip())
    cleaned = clean(mixed_to_text(text, layout)).strip()
    return cleaned if holds_elements(text) else without_source_breaks(cleaned)


def quote(value: str | None) -> str:
    """A passage of plain text, perhaps copied from the source code of a page; empty if it is blank."""
    return without_source_breaks(prose(value) or "") if value else ""


def without_source_breaks(text: str) -> str:
    """Remove white space that stems from the source code of a page: indentation and the line breaks before it.

    A line break before an indented line becomes a space, as do runs of spaces; blank lines and other line breaks stay.

    Args:
        text: A cleaned text.
    """
    if "  " not in text and "\n " not in text:
        return text
    return _SPACES.sub(" ", _INDENTED.sub(lambda found: "\n\n" if found[0].count("\n") > 1 else " ", text))


def page_text(markup: str | None) -> str | None:
    """Convert HTML to text; None if it is blank."""
    return prose(html_to_text(markup) if markup else None)


def address(value: str | None, base: str | None = None) -> str | None:
    """An address, resolved against `base` if it is relative and `base` is a web address; None if it is blank.

    Any scheme is kept: `urls.safe_to_open` decides whether an address may be opened.
    """
    link = line(value)
    if link and link.startswith(("https://", "http://")):
        return link
    if link is None or scheme_of(link) or scheme_of(base or "") not in {"http", "https"}:
        return link
    return resolve(base or "", link) or link


def doi(number: str | None) -> str | None:
    """The web address of a DOI, which may already be an address or begin with `doi:`."""
    found = line(number)
    return found if found is None or found.startswith("http") else f"https://doi.org/{_DOI.sub('', found)}"


def sharer(name: str | None, handle: str | None = None) -> Sharer | None:
    """A sharer; None if neither name nor handle is known."""
    if not name and not handle:
        return None
    return _sharer(name, handle) if len(name or "") + len(handle or "") < _LONG else _named(name, handle)


def _named(name: str | None, handle: str | None) -> Sharer | None:
    name, handle = line(name), line(handle)
    return Sharer(name=name, handle=handle) if name or handle else None


_sharer = lru_cache(maxsize=1024)(_named)
"""Cached variant for names of ordinary length, so that a member who shared hundreds of items is a single object."""


_WHOLE = 1e16
"""Numbers from here on are written as powers of ten: as a float, not every integer exists."""


def identifier(value: float | str | None) -> str | None:
    """An id as text, also if it is a number; None if it is blank, infinite or NaN."""
    if isinstance(value, float):
        if not isfinite(value):
            return None
        value = int(value) if value.is_integer() and abs(value) < _WHOLE else value
    return None if value is None else line(str(value))


def page(label: float | str | None) -> str | None:
    """The page number of a passage as it is cited (`p. 7`); None if it is unknown."""
    name = identifier(label)
    return f"p. {name}" if name else None


def place(kind: str | None, number: float | str | None) -> str | None:
    """The position of a passage as it is cited: `p. 7` or `loc. 7`.

    Args:
        kind: Readwise's type of the number. Other types than `page` and `location` only order the passages, and give
            None.
        number: The number; or, unless `kind` is `page`, a text that is already in the form above, which is kept.
    """
    if kind == "page":
        return page(number)
    name = identifier(number)
    if name and name.startswith(("p. ", "loc. ")):
        return name
    return f"loc. {name}" if kind == "location" and name else None


def tags(words: Iterable[str | None]) -> tuple[str, ...]:
    """The tags in their original order and spelling, without blank ones, `no_tag` and duplicates."""
    keyed = [_tag(word) if word is None or len(word) < _LONG else _keyed(word) for word in words]
    found = dict(keyed)
    if len(found) < len(keyed):
        found = dict(reversed(keyed))  # the first of several spellings is used
        found = {key: found[key] for key, _ in keyed}
    found.pop(None, None)
    return tuple(found.values())


def comma_tags(text: str | None) -> tuple[str, ...]:
    """The tags in a comma-separated string."""
    if not text:
        return ()
    return tags(comma_list(text) if '"' in text or "\n" in text or "\r" in text else text.split(","))


def _keyed(word: str | None) -> tuple[str | None, str]:
    """The comparison key of a tag and the tag itself; the key is None if it is left out."""
    cleaned = line(word) or ""
    key = tag_key(cleaned)
    return (key, cleaned) if cleaned and key != "no_tag" else (None, "")


_tag = lru_cache(maxsize=4096)(_keyed)
"""Cached variant for tags of ordinary length, which repeat. Calling `text.cached` would take longer than it saves."""
_LONG = 100


def comma_list(text: str) -> list[str]:
    """Split a comma-separated string, in which tags of several words may be quoted, as by Diigo."""
    try:
        rows = list(csv.reader([text.replace("\n", " ").replace("\r", " ")], skipinitialspace=True))
    except csv.Error:
        return text.split(",")
    return rows[0] if rows else []


def json_list(text: str | None) -> list[str]:
    """The strings in a cell that holds a JSON array, a Python list or a comma-separated list."""
    try:
        return msgspec.json.decode(text or "[]", type=list[str])
    except (msgspec.DecodeError, UnicodeEncodeError):
        pass
    if quoted := _QUOTED.findall(text or "") if (text or "").startswith(("['", '["')) else []:
        return [re.sub(r"\\(.)", r"\1", single or double) for single, double in quoted]
    return comma_list(text or "")
