"""The one place where text from outside becomes a field of ours: cleaned, blank counted as unknown. Pure."""

import csv
import re
from collections.abc import Iterable
from functools import lru_cache
from math import isfinite
from urllib.parse import urljoin

import msgspec

from florilege.formats.markup import Layout, html_to_text, is_blank, mixed_to_text
from florilege.formats.stream import holds_elements, title_to_text
from florilege.model import Sharer
from florilege.text import clean, clean_line, tag_key
from florilege.urls import scheme_of

_INDENTED = re.compile(r"(?<![ \n]) *+\n[ \n]*+(?<= )(?![-*+•>#|]|\d{1,3}[.)] )(?=\S)")
"""A line break, blank lines perhaps, and the indentation of the line that follows, when that is no item of a list."""
_SPACES = re.compile("  +")
_DOI = re.compile(r"^doi:\s*+", re.IGNORECASE)
_QUOTED = re.compile(r"""'((?:[^'\\]|\\(?:.|\Z))*+)(?:'|\Z)|"((?:[^"\\]|\\(?:.|\Z))*+)(?:"|\Z)""", re.DOTALL)
"""A text in an array as Python writes it."""


def line(value: str | None) -> str | None:
    """A field on one line; None when it is blank."""
    if value and value.isprintable():
        return value.strip() or None
    return (None if is_blank(cleaned := clean_line(value)) else cleaned) if value else None


def prose(value: str | None) -> str | None:
    """A field on several lines, its outer white space cut; None when it is blank."""
    return clean(value).strip() or None if value else None


def title(value: str | None, *, is_html: bool) -> str:
    """A title on one line; empty when there is none."""
    text = line(title_to_text(value) if value and is_html else value) or ""
    return _SPACES.sub(" ", text) if "  " in text else text


def passage(text: str | None) -> str:
    """A quote or a comment that may hold HTML, as text; empty when it is blank."""
    return _mixed(text, Layout.PASSAGE) if text else ""


def remark(text: str | None) -> str | None:
    """A description that may hold HTML, as text; None when it is blank."""
    return (_mixed(text, Layout.PAGE) or None) if text else None


def _mixed(text: str, layout: Layout) -> str:
    """What may be HTML or plain text, cleaned; its outer white space cut."""
    cleaned = clean(mixed_to_text(text, layout) if "<" in text or "&" in text else text).strip()
    return cleaned if "<" in text and holds_elements(text) else without_source_breaks(cleaned)


def without_source_breaks(text: str) -> str:
    """A cleaned text without the white space of a page's source: indentation, and line breaks before it.

    A break before an indented line, or a run of spaces, is one space; line breaks and blank lines of the writer stay.
    """
    if "  " not in text and "\n " not in text:
        return text
    return _SPACES.sub(" ", _INDENTED.sub(lambda found: "\n\n" if found[0].count("\n") > 1 else " ", text))


def page_text(markup: str | None) -> str | None:
    """A piece of HTML as text; None when it is blank."""
    return prose(html_to_text(markup) if markup else None)


def address(value: str | None, base: str | None = None) -> str | None:
    """An address as it came, a relative one resolved against `base` when that is a web address; None when blank.

    It may have any scheme: whether it may be opened is decided by `urls.safe_to_open`.
    """
    link = line(value)
    if link and link.startswith(("https://", "http://")):
        return link
    if link is None or scheme_of(link) or scheme_of(base or "") not in {"http", "https"}:
        return link
    try:
        return urljoin(base or "", link)
    except ValueError:
        return link


def doi(number: str | None) -> str | None:
    """The address of a work, by its DOI, which may be written as one, or begin with `doi:`."""
    found = line(number)
    return found if found is None or found.startswith("http") else f"https://doi.org/{_DOI.sub('', found)}"


def sharer(name: str | None, handle: str | None = None) -> Sharer | None:
    """A member; None when neither name nor handle is known."""
    return _sharer(name, handle) if name or handle else None


@lru_cache(maxsize=1024)
def _sharer(name: str | None, handle: str | None) -> Sharer | None:
    """The same member shares hundreds of times, and is one value."""
    name, handle = line(name), line(handle)
    return Sharer(name=name, handle=handle) if name or handle else None


def identifier(value: float | str | None) -> str | None:
    """The id that a service gives as text, numbers too; None when it is blank, or no number that JSON can write."""
    if value is None or (isinstance(value, float) and not isfinite(value)):
        return None
    return line(str(int(value) if isinstance(value, float) and value.is_integer() else value))


def page(label: float | str | None) -> str | None:
    """The page a passage is on, as it is cited: `p. 7`; None when it is not told."""
    name = identifier(label)
    return f"p. {name}" if name else None


def place(kind: str | None, number: float | str | None) -> str | None:
    """Where a passage stands, as it is cited, by what Readwise calls the kind of its number: `page`, or `location`.

    None for other kinds: they only say which passage came first. What is written out as it is cited stays.
    """
    if kind == "page":
        return page(number)
    name = identifier(number)
    if name and name.startswith(("p. ", "loc. ")):
        return name
    return f"loc. {name}" if kind == "location" and name else None


def tags(words: Iterable[str | None]) -> tuple[str, ...]:
    """Tags in their order and spelling; blank ones, `no_tag` and repetitions are left out."""
    keyed = [*map(_tag, words)]
    found = dict(keyed)
    if len(found) < len(keyed):
        found = dict(reversed(keyed))  # of two spellings the first counts
        found = {key: found[key] for key, _ in keyed}
    found.pop(None, None)
    return tuple(found.values())


def comma_tags(text: str | None) -> tuple[str, ...]:
    """The tags in a comma-separated string."""
    if not text:
        return ()
    return tags(comma_list(text) if '"' in text or "\n" in text or "\r" in text else text.split(","))


@lru_cache(maxsize=4096)
def _tag(word: str | None) -> tuple[str | None, str]:
    """How a tag is compared, and the tag; None when it is none. The same few come thousands of times."""
    cleaned = line(word) or ""
    key = tag_key(cleaned)
    return (key, cleaned) if cleaned and key != "no_tag" else (None, "")


def comma_list(text: str) -> list[str]:
    """The tags in a comma-separated string, in which those of several words may be quoted, as Diigo writes them."""
    try:
        rows = list(csv.reader([text.replace("\n", " ").replace("\r", " ")], skipinitialspace=True))
    except csv.Error:
        return text.split(",")
    return rows[0] if rows else []


def json_list(text: str | None) -> list[str]:
    """The texts in an array that stands in a cell, as JSON or as Python writes it, or in a comma-separated list."""
    try:
        return msgspec.json.decode(text or "[]", type=list[str])
    except (msgspec.DecodeError, UnicodeEncodeError):
        pass
    if quoted := _QUOTED.findall(text or "") if (text or "").startswith(("['", '["')) else []:
        return [re.sub(r"\\(.)", r"\1", single or double) for single, double in quoted]
    return comma_list(text or "")
