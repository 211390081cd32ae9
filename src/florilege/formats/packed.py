"""Documents of any format packed in a ZIP archive that is no export of a service. Pure; knows no format itself."""

import re
from collections.abc import Callable

from msgspec.structs import replace

from florilege.formats import Snapshot, SourceError
from florilege.formats.archive import members
from florilege.formats.collecting import only
from florilege.formats.document import Document
from florilege.text import clean_line, counted

KIND = "zip"
"""The kind of an archive whose documents are of several."""

_VISIBLE = re.compile(r"[^.].*")
"""Names of files but those that systems hide, or add to an archive."""
_SHOWN = 60
"""Characters of a name shown in a warning."""


def read(document: Document, reader: Callable[[Document], Snapshot]) -> Snapshot:
    """The snapshot of all documents in an archive, each a part when there are several; what is none is counted.

    Args:
        document: The archive.
        reader: Reads a document; raises `SourceError`.

    Raises:
        SourceError: It holds no document that could be read.
    """
    found: list[Snapshot] = []
    left_out: list[str] = []
    for name, inner in members(document, _VISIBLE):
        try:
            snapshot = reader(inner)
        except SourceError:
            left_out.append(clean_line(name)[:_SHOWN])
            continue
        found.append(snapshot if snapshot.title else replace(snapshot, title=clean_line(name)[:_SHOWN] or None))
    if not found:
        raise SourceError(
            "This is a ZIP archive, but no file in it is in a format that florilege knows: give the address of a "
            "feed, or an export of bookmarks or annotations."
        )
    if left_out:
        files = counted(len(left_out), "file")
        document.warnings.append(f"{files} in the archive could not be read and was left out (“{left_out[0]}” first).")
    return _together(found, tuple(document.warnings))


def _together(found: list[Snapshot], warnings: tuple[str, ...]) -> Snapshot:
    """Documents as one; one that stands alone is itself."""
    if len(found) == 1:
        return replace(found[0], warnings=(*warnings, *found[0].warnings))
    return Snapshot(
        kind=only(each.kind for each in found) or KIND,
        title=only(each.title for each in found),
        identity=only(each.identity for each in found),
        entries=tuple(entry for each in found for entry in each.entries),
        warnings=(*warnings, *(warning for each in found for warning in each.warnings)),
        older=any(each.older for each in found),
        cut=any(each.cut for each in found),
        parts=tuple(part for each in found if each.entries for part in (each.parts or (replace(each, warnings=()),))),
        subscriptions=tuple(subscription for each in found for subscription in each.subscriptions),
    )
