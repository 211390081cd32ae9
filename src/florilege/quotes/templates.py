"""Templates of the reader's own: `{quote} — {title}`. Pure.

Only the names that are offered can stand in braces: no attributes, no indices, no conversions, no formats, so that a
template can't reach anything but text. What is filled in is never read as a template again.
"""

import re
from collections.abc import Collection, Mapping
from string import Formatter

import msgspec

from florilege.model import FlorilegeError

QUOTE_FIELDS = {
    "quote": "the passage",
    "title": "the title of the page",
    "url": "the address of the page",
    "passage": "an address that leads to the passage",
    "sharer": "who shared the page",
    "author": "who highlighted the passage, else who shared the page",
    "date": "the day it was shared, as 2019-04-12",
    "tags": "the tags of the passage, else those of the page, with commas",
    "location": "where the passage stands in the work, as `p. 7`",
    "page": "the number of that page, when it is one",
    "note": "what members said of the passage, else of the page",
    "group": "the title of the group",
}
"""What may stand in the braces of a template for quotes, and what it means. What is unknown is empty."""

ITEM_FIELDS = QUOTE_FIELDS | {
    "quote": "the first passage",
    "passage": "an address that leads to the first passage",
    "author": "who highlighted the first passage, else who shared the page",
    "tags": "the tags, with commas",
    "location": "where the first passage stands in the work, as `p. 7`",
    "page": "the number of that page, when it is one",
    "note": "what members said of the page, else of the first passage",
    "id": "the id of the item",
    "quotes": "how many passages were highlighted",
    "read": "read or unread",
    "starred": "starred, or nothing",
}
"""The same for items."""

_LINE_FRAME = re.compile(r"([ \t]*+(?:- )?[ \t>]*+)")


class TemplateError(FlorilegeError):
    """A template can't be read. The text is a sentence that says why."""


class Template(msgspec.Struct, frozen=True):
    """A template that can be filled in."""

    parts: tuple[tuple[str, str | None], ...]
    """Literal text, then the name of a field or None, over and over."""

    @property
    def fields(self) -> frozenset[str]:
        """The names in it."""
        return frozenset(name for _, name in self.parts if name)

    def fill(self, values: Mapping[str, str]) -> str:
        """The text with these values in it.

        A value of several lines that stands alone behind spaces or `>` keeps them on each of its lines, so that
        `> {quote}` frames the whole passage; those behind a `- ` go below its first.
        """
        text = ""
        for literal, name in self.parts:
            text += literal
            if name is not None:
                frame = _LINE_FRAME.fullmatch(text, text.rfind("\n") + 1)
                text += values[name].replace("\n", f"\n{frame[1].replace('-', ' ')}" if frame else "\n")
        return text


def template(text: str, fields: Collection[str] = QUOTE_FIELDS) -> Template:
    """The template that a text is.

    Args:
        text: The text, with `{{` and `}}` for braces that are meant.
        fields: The names that may stand in braces.

    Raises:
        TemplateError: A brace stands alone, or something else than a name stands in braces.
    """
    try:
        parsed = list(Formatter().parse(text))
    except ValueError as error:
        raise TemplateError(f"The template “{text}” has a brace that is not closed, or not opened; {{{{ is one that is "
                            "meant.") from error  # fmt: skip
    for _, name, form, conversion in parsed:
        if name is not None and (name not in fields or form or conversion):
            known = ", ".join(f"{{{each}}}" for each in fields)
            shown = name + (f"!{conversion}" if conversion else "") + (f":{form}" if form else "")
            raise TemplateError(f"A template can't hold {{{shown}}}; it can hold {known}.")
    return Template(tuple((literal, name) for literal, name, _, _ in parsed))
