"""From bytes to a snapshot: recognises the format, and hands the document to the reader of that format.

A new format is one module and one line in `READERS`; `recognise` knows its name already. Pure: no I/O, no network.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from florilege.pausing import collector_paused
from florilege.sources import (
    Snapshot,
    delicious,
    diigo_csv,
    diigo_interact,
    diigo_json,
    diigo_page,
    feeds,
    hypothesis,
    instapaper,
    jsonfeed,
    karakeep,
    netscape,
    omnivore,
    opml,
    own,
    pinboard,
    pocket,
    raindrop,
    readwise,
    webannotation,
    zotero,
)
from florilege.sources.document import Document
from florilege.sources.recognise import Format, recognise
from florilege.sources.refusing import refusal

Reader = Callable[[Document], Snapshot]

READERS: Mapping[Format, Reader] = MappingProxyType(
    {
        Format.OWN: own.read,
        Format.FEED: feeds.read,
        Format.DIIGO_JSON: diigo_json.read,
        Format.DIIGO_INTERACT: diigo_interact.read,
        Format.DIIGO_CSV: diigo_csv.read,
        Format.HYPOTHESIS: hypothesis.read,
        Format.HYPOTHESIS_SEARCH: hypothesis.read,
        Format.JSON_FEED: jsonfeed.read,
        Format.WEB_ANNOTATION: webannotation.read,
        Format.DIIGO_PAGE: diigo_page.read,
        Format.NETSCAPE: netscape.read,
        Format.ZOTERO: zotero.read,
        Format.RAINDROP: raindrop.read,
        Format.RAINDROP_CSV: raindrop.read_csv,
        Format.READWISE: readwise.read,
        Format.READWISE_CSV: readwise.read_csv,
        Format.PINBOARD: pinboard.read,
        Format.POCKET: pocket.read,
        Format.OMNIVORE: omnivore.read,
        Format.INSTAPAPER: instapaper.read,
        Format.KARAKEEP: karakeep.read,
        Format.LINKWARDEN: karakeep.read_linkwarden,
        Format.DELICIOUS: delicious.read,
        Format.OPML: opml.read,
    }
)
"""What can be read, and by what."""

_LARGE = 1 << 18
"""Bytes of a document whose values the collector of cycles would look at again and again."""


def read(data: bytes) -> Snapshot:
    """What a document says, whatever its format, name and content type.

    Args:
        data: The bytes as they came, compressed with gzip or not.

    Raises:
        SourceError: It can't be read as a group: empty, too large, damaged, a web page, a format that is unknown or
            that florilege can't read yet.
    """
    document = Document(data)
    found = recognise(document)
    reader = READERS.get(found)
    if reader is None:
        raise refusal(found, document)
    if len(document.data) < _LARGE:
        return reader(document)
    with collector_paused():
        return reader(document)
