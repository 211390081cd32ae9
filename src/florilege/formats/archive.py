"""What is inside a ZIP archive, within limits. Pure: no file is written, no name is used as a path; knows no format."""

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress

from msgspec.structs import replace

from florilege.formats import LIMIT, MEBIBYTE, Snapshot, SourceError
from florilege.formats.collecting import only
from florilege.formats.document import Document, gunzipped
from florilege.text import clean_line, counted, grouped

MEMBERS = 100_000
"""Files in an archive at most. An export of articles holds three for each."""
_DENSEST = 1032
"""Bytes that deflate packs into one at most."""


def unpacked_size(data: bytes) -> int:
    """Bytes of a document with what is packed in it, which its limits go by: at most `LIMIT` more than it has itself.

    A gzip file is unpacked for that, a piece at a time; an archive is believed as far as what it claims can be so.
    """
    size = 0
    with suppress(OSError, ValueError, NotImplementedError, zipfile.BadZipFile):
        if data.startswith(b"\x1f\x8b"):
            for piece in gunzipped(data):
                size += len(piece)
                if size >= LIMIT:
                    break
        elif data.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                size = sum(min(info.file_size, _DENSEST * info.compress_size) for info in archive.infolist())
    return len(data) + min(size, LIMIT)


def members(document: Document, wanted: re.Pattern[str], limit: int = LIMIT) -> Iterator[tuple[str, Document]]:
    """The files of an archive whose names match, in the order of their names; one that is damaged costs a warning.

    Args:
        document: The archive.
        wanted: Matches the whole name of a file, its folders cut off.
        limit: Bytes at most, of all that match together, unpacked. What an archive claims about sizes is not believed.

    Raises:
        SourceError: It can't be read as an archive, holds too many files, or too much when unpacked.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(document.data))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise SourceError(
            "This is a ZIP archive, but its list of files can't be read, so it is damaged: download or export it again."
        ) from error
    with archive:
        found = archive.infolist()
        if len(found) > MEMBERS:
            raise SourceError(
                f"This ZIP archive holds {grouped(len(found))} files, and florilege reads at most {grouped(MEMBERS)}: "
                "unpack it, and add the files in it that hold bookmarks."
            )
        is_read = False
        for info in sorted(found, key=lambda each: each.filename):
            name = info.filename.replace("\\", "/").rpartition("/")[2]
            if not wanted.fullmatch(name):
                continue
            data = _unpacked(archive, info, limit)
            limit -= len(data or b"")
            if data is None:
                document.warnings.append(
                    f"The file “{clean_line(name)[:_SHOWN]}” in the archive is damaged and was left out."
                )
            elif data.strip(b"\0 \t\r\n"):
                is_read = True
                inner = Document(data)
                document.warnings.extend(inner.warnings)
                yield name, inner
        if not is_read:
            raise SourceError(
                "This is a ZIP archive, but nothing that could be read as bookmarks is in it: export it again."
            )


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int) -> bytes | None:
    """The content of a file; None when it is damaged, or encrypted."""
    try:
        with archive.open(info) as file:
            data = file.read(limit + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, NotImplementedError):
        return None
    if len(data) > limit:
        megabytes = counted(LIMIT // MEBIBYTE, "megabyte")
        raise SourceError(
            f"This ZIP archive is too large when unpacked, for florilege reads at most {megabytes} of it: unpack it, "
            "and add its files by themselves."
        )
    return data


KIND = "zip"
"""The kind of an archive whose documents are of several."""

_VISIBLE = re.compile(r"[^.].*")
"""Names of files but those that systems hide, or add to an archive."""
_SHOWN = 60
"""Characters of a name shown in a warning."""


def read_packed(document: Document, reader: Callable[[Document], Snapshot]) -> Snapshot:
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
