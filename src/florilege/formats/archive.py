"""What is inside a ZIP archive, within limits. Pure: no file is written, and no name is used as a path."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator

from florilege.formats import SourceError
from florilege.formats.document import LIMIT, MEBIBYTE, Document
from florilege.text import clean_line, counted, grouped

MEMBERS = 100_000
"""Files in an archive at most. An export of articles holds three for each."""


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
                    f"The file “{clean_line(name)[:60]}” in the archive is damaged and was left out."
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
