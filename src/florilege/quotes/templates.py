"""User-defined templates: `{quote} — {title}`. Pure.

Only the known field names are allowed in braces: no attributes, indices, conversions or formats, so a template cannot
access anything but text. Substituted values are never interpreted as templates.
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
    "location": "the location of the passage in the work, such as `p. 7`",
    "page": "the number of that page, when it is one",
    "note": "what members said of the passage, else of the page",
    "group": "the title of the group",
}
"""Fields of a quote template, with their meanings. Unknown values are empty."""

ITEM_FIELDS = QUOTE_FIELDS | {
    "quote": "the first passage",
    "passage": "an address that leads to the first passage",
    "author": "who highlighted the first passage, else who shared the page",
    "tags": "the tags, with commas",
    "location": "the location of the first passage in the work, such as `p. 7`",
    "page": "the number of that page, when it is one",
    "note": "what members said of the page, else of the first passage",
    "id": "the id of the item",
    "quotes": "how many passages were highlighted",
    "read": "read or unread",
    "starred": "starred, or nothing",
}
"""Fields of an item template, with their meanings. Unknown values are empty."""

_LINE_FRAME = re.compile(r"([ \t]*+(?:- )?[ \t>]*+)")


class TemplateError(FlorilegeError):
    """A template is invalid. The message says why."""


class Template(msgspec.Struct, frozen=True):
    """A parsed template."""

    parts: tuple[tuple[str, str | None], ...]
    """Pairs of literal text and the field name that follows it, or None."""

    @property
    def fields(self) -> frozenset[str]:
        """The field names used."""
        return frozenset(name for _, name in self.parts if name)

    def fill(self, values: Mapping[str, str]) -> str:
        """Substitute values into the template.

        If only spaces or `>` precede a multi-line value on its line, they are repeated on each of its lines, so that
        `> {quote}` quotes the whole passage. After `- `, the further lines are indented as a list item's are.
        """
        text = ""
        for literal, name in self.parts:
            text += literal
            if name is not None:
                frame = _LINE_FRAME.fullmatch(text, text.rfind("\n") + 1)
                text += values[name].replace("\n", f"\n{frame[1].replace('-', ' ')}" if frame else "\n")
        return text


def template(text: str, fields: Collection[str] = QUOTE_FIELDS) -> Template:
    """Parse a template.

    Args:
        text: The text, with `{{` and `}}` for literal braces.
        fields: The field names allowed in braces.

    Raises:
        TemplateError: A brace is unmatched, or braces contain anything other than a known field name.
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
