"""The elements of a feed that hold its items, found in its bytes without reading them. Pure.

So a feed of which most items are known need not be read whole: what is between two elements is white space or nothing,
each element is balanced, and what stands around them is a feed of its own, to which any of them can be added.
"""

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass

_BEGINS = re.compile(rb"<(?:item|entry)[\s>]")
_ELEMENT = re.compile(
    rb"<(item|entry)[\s>]"
    rb"(?:[^<]++|<!\[CDATA\[(?:[^\]]++|\](?!\]>))*+\]\]>|<(?!/?(?:item|entry)[\s/>]|[!?]))*+"
    rb"</\1\s*+>\s*+"
)
"""An element without comments, instructions and elements of its own name. In well-formed XML it ends where it ends for
this pattern: a `<` is never in an attribute, and what looks like an end inside CDATA is passed over."""
_END = re.compile(
    rb"(?:</channel\s*+>\s*+)?</(?:rss|feed|rdf:RDF)\s*+>\s*+(?:<!--(?:[^-]++|-(?!->))*+-->\s*+)*+", re.IGNORECASE
)
_DIGEST = 8
"""Bytes of a hash: enough for the items of one group."""


@dataclass(frozen=True, slots=True)
class FeedElements:
    """A feed taken apart."""

    before: bytes
    elements: tuple[bytes, ...]
    """Those of its items, in its order."""
    after: bytes

    def feed(self, places: Collection[int] = ()) -> bytes:
        """The same feed with only the elements at these places."""
        return b"".join((self.before, *(self.elements[place] for place in places), self.after))

    def digests(self, context: bytes) -> list[str]:
        """A hash of each element together with what else its entry depends on."""
        begun = hashlib.blake2b(context, digest_size=_DIGEST)
        found = []
        for element in self.elements:
            each = begun.copy()
            each.update(element)
            found.append(each.hexdigest())
        return found


def elements_of(data: bytes) -> FeedElements | None:
    """A feed taken apart; None when anything in it is in another order, or in doubt."""
    begins = _BEGINS.search(data)
    if begins is None:
        return None
    elements = []
    place = begins.start()
    while found := _ELEMENT.match(data, place):
        elements.append(found[0].rstrip())
        place = found.end()
    after = data[place:]
    return FeedElements(data[: begins.start()], tuple(elements), after) if _END.fullmatch(after) else None
