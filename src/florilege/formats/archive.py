"""Reads ZIP archives within limits. Pure: writes no files, uses no name as a path; independent of any format."""

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
"""Maximum number of files in an archive. An export of articles has three per article."""
_DENSEST = 1032
"""Maximum compression ratio of deflate."""


def unpacked_size(data: bytes) -> int:
    """The size in bytes of a document plus its unpacked content, for which at most `LIMIT` is counted.

    Limits of time and memory depend on it. A gzip file is unpacked piece by piece to measure it; the sizes an archive
    claims are believed as far as they are possible.
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
    """Yield name and content of each matching file, sorted by path; damaged files are left out with a warning.

    Args:
        document: The archive.
        wanted: Matches the whole name of a file, without its folders.
        limit: Maximum total size in bytes of the matching files, unpacked. It is measured: the sizes that the archive
            claims are not trusted.

    Raises:
        SourceError: It can't be read as an archive, has too many files, is too large when unpacked, or has nothing to
            read.
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
    """The content of a file; None if it is damaged or encrypted.

    Raises:
        SourceError: It is larger than the limit.
    """
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
"""The kind of an archive whose documents are in several formats."""

_VISIBLE = re.compile(r"[^.].*")
"""Matches names of files that are not hidden."""
_SHOWN = 60
"""Maximum number of characters of a file name in a warning."""


def read_packed(document: Document, reader: Callable[[Document], Snapshot]) -> Snapshot:
    """The snapshot of all documents in an archive, each a part if there are several.

    A warning says how many files could not be read.

    Args:
        document: The archive.
        reader: Reads a document; raises `SourceError`.

    Raises:
        SourceError: No file in it could be read.
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
    """Combine the snapshots of several documents into one; a single one only gets the warnings added."""
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
