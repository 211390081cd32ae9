"""Formats that are recognised but not read: each is refused with a sentence that says what to add instead."""

import re
from collections.abc import Callable
from typing import NoReturn

from florilege.formats import SourceError
from florilege.formats.detect import Format, first_of
from florilege.formats.document import Document


def _refusing(sentence: str) -> Callable[[Document], NoReturn]:
    """A reader that raises `SourceError` with the sentence."""

    def refuse(_: Document) -> NoReturn:
        raise SourceError(sentence)

    return refuse


_ENTRY = re.compile(r"\s*(?:%[^\n]*\n\s*)*@\w{1,20}\s*\{")

FORMATS = (
    Format(
        "highlights of Omnivore",
        _refusing(
            "This looks like the highlights of one article in an Omnivore export, which do not say of which page: add "
            "the ZIP of the whole export."
        ),
        is_text=lambda text: text.startswith("> "),
    ),
    Format(
        "Zotero's RDF export",
        _refusing(
            "This is Zotero's RDF export, which florilege does not read: export the items as CSV or CSL JSON, or "
            "follow the group at https://api.zotero.org/groups/ID/items?format=json, which has the annotations, too."
        ),
        roots=frozenset({"rdf"}),
        is_markup=lambda markup: "http://www.zotero.org/namespaces/export#" in markup.beginning,
    ),
    Format(
        "BibTeX",
        _refusing(
            "This is BibTeX, which florilege does not read: export the same works as RIS or CSL JSON, and add that."
        ),
        is_text=lambda text: bool(_ENTRY.match(text)),
    ),
    Format(
        "Safari's own bookmarks",
        _refusing(
            "This is a property list, in which Safari keeps its bookmarks, and florilege does not read it: export them "
            "in Safari (File, Export Bookmarks), and add that page."
        ),
        roots=frozenset({"plist"}),
        is_text=lambda text: text.startswith("bplist0"),
    ),
    Format(
        "a backup of Memex",
        _refusing(
            "This is a backup of Memex, which florilege does not read: let Memex send its highlights to Readwise, and "
            "export them there."
        ),
        is_object=lambda value: "collection" in first_of(value, "changes"),
        is_element=lambda value: "pageUrl" in value and "createdWhen" in value,
    ),
)
