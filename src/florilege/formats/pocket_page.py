"""Bookmarks as Pocket exported them to a page of HTML, until it gave CSV. Only this format.

No genuine file was at hand; the shape is that on which independent readers rely: `li` and `a` with `time_added`
(seconds) and `tags` (with commas), under the headings `Unread` and `Read Archive`, which say what the member did with
an article and not where it belongs. Source: the importer of ArchiveBox.
"""

import re

from florilege.formats import Snapshot, fields
from florilege.formats.collecting import Collection, dated
from florilege.formats.document import Document
from florilege.formats.pocket import KIND
from florilege.formats.recognise import Format, Markup
from florilege.formats.stream import Start, events
from florilege.model import Entry

_LINK = re.compile(r"<a\s[^<>]*\btime_added\s*=", re.IGNORECASE)


def read(document: Document) -> Snapshot:
    """The snapshot of an export."""
    collection = Collection(document.warnings)
    link: Start | None = None
    words = ""
    number = 0
    for event in [*events(document.text), Start("a", {})]:  # the last one ends a link that was cut off
        if isinstance(event, str):
            words += event
        elif event.tag in {"a", "li"}:
            if link is not None:
                number += 1
                collection.add(number, _entry(link, words))
            is_link = isinstance(event, Start) and event.tag == "a" and "href" in event.attributes
            link, words = (event if is_link and isinstance(event, Start) else None), ""
    return collection.snapshot(KIND)


def _entry(link: Start, words: str) -> Entry:
    """A link as an entry. An article without title has its address for one."""
    given = link.attributes
    shared_at, date_text = dated(given.get("time_added"))
    title, url = fields.title(" ".join(words.split()), is_html=False), fields.address(given.get("href"))
    return Entry(
        title=title if title != url else "",
        url=url,
        shared_at=shared_at,
        date_text=date_text,
        tags=fields.tags(fields.comma_list(given.get("tags", ""))),
        all_highlights=False,
    )


def _is_export(markup: Markup) -> bool:
    return markup.is_html and bool(_LINK.search(markup.beginning))


FORMATS = (Format("a Pocket export as a page", read, is_markup=_is_export),)
