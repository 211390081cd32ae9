"""The first element of a document that begins with a tag, found without parsing it. Pure; knows no format."""

import re
from functools import cached_property

SNIFFED = 20_000
"""Characters looked at to tell formats apart."""

_SKIPPED = re.compile(r"\s*(<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(\[.*?\]\s*)?>)", re.IGNORECASE | re.DOTALL)
_ROOT = re.compile(r"\s*<(?:[\w.-]+:)?([A-Za-z][\w.-]*)")
_HTML_DOCTYPE = re.compile(r"<!DOCTYPE\s+html", re.IGNORECASE)
_HTML_ROOTS = frozenset(
    {"html", "head", "body", "title", "meta", "link", "script", "style", "div", "p", "table", "h1", "h2", "dl"}
)


class Markup:
    """A document that begins with a tag, as far as it is looked at.

    Args:
        text: All of it.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.beginning = text[:SNIFFED]
        """Its first characters."""

    @cached_property
    def root(self) -> str:
        """The local name of its first element, in lower case; empty when there is none."""
        return root_of(self.text)

    @cached_property
    def is_html(self) -> bool:
        """Whether it is a page of HTML, or a piece of one."""
        return bool(_HTML_DOCTYPE.search(self.beginning)) or self.root in _HTML_ROOTS


def root_of(text: str) -> str:
    """The local name of the first element of a text that begins with a tag; empty when there is none."""
    place = 0
    while match := _SKIPPED.match(text, place):
        place = match.end()
    root = _ROOT.match(text, place)
    return root[1].lower() if root else ""
