"""One document as received: unpacked, decoded to text and, on demand, parsed as JSON. Pure, format-independent.

What is packed is unpacked within limits, in memory; no name in an archive is used as a path.
"""

import codecs
import io
import re
import zipfile
import zlib
from collections.abc import Container, Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from typing import TypeVar

import msgspec

from florilege.formats import LIMIT, MEBIBYTE, SourceError
from florilege.text import clean_line, counted, grouped

_GZIP = b"\x1f\x8b"
_PIECE = 1 << 14
"""Compressed bytes that are unpacked at a time; they give at most 1,032 times as many."""
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?\bencoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_META = re.compile(rb"""<meta\s[^<>]{0,200}?\bcharset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
"""`<meta charset="...">`, or the older form with `http-equiv`."""
_HEAD = 4096
"""Number of bytes at the beginning of a document that are searched for such an element."""
_DECLARED_AS = re.compile(r"""^(<\?xml[^>]{0,200}?\bencoding\s*=\s*["'])[A-Za-z0-9._:-]{1,40}""")
_SINGLE_BYTE = ("ascii", "iso8859", "cp125", "koi8", "mac-")
"""Prefixes of the names of encodings whose text is never UTF-8 by chance, if it has other characters than ASCII's."""
_WIDER = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "big5": "cp950",
}  # fmt: skip
"""Encodings, and those with more characters that are meant by their names. Source: encoding.spec.whatwg.org."""
_NOT_OF_DOCUMENTS = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"}) | {
    f"utf-{bits}{order}" for bits in (16, 32) for order in ("", "-le", "-be")
}
"""Python encodings that are ignored when a document declares them: some are never used for documents (and may take
quadratic time to decode); a declaration of the UTF-16 and UTF-32 ones could not be found in a document really in them,
and comes from programs that write UTF-8."""
_GUESSED = [
    "cp1252", "cp1251", "koi8-r", "cp1250", "cp1253", "cp1254", "cp1255", "cp1256", "cp874",
    "shift_jis", "euc_jp", "gb18030", "big5", "euc_kr",
]  # fmt: skip
"""Candidate encodings for a document that declares none and is not UTF-8."""
_ALIKE = 0.01
"""Insignificant difference in the detector's measures of chaos and of coherence, which range from 0 to 1."""
_ASKED, _TOO_SHORT = 1 << 14, 32
"""Maximum and minimum number of bytes for the detector: from a few words it may conclude anything."""
_DAMAGED = "\ufffd"
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_MARKS = re.compile(rb"\A(?:\xef\xbb\xbf|\xc3\xaf\xc2\xbb\xc2\xbf)++")
"""UTF-8 byte order marks at the beginning: several programs may each have written one, or encoded it again."""
_OBJECT_LINES = re.compile(r"\{[^\n]*+\n\s*+\{")
"""Matches a text whose first two lines begin with objects, blank lines aside."""
_WHITE = b" \t\r\n\x0b\x0c"

MEMBERS = 100_000
"""Maximum number of files in an archive. An export of articles has three per article."""
_DENSEST = 1032
"""Maximum compression ratio of deflate."""
SHOWN = 60
"""Maximum number of characters of a file name in a warning."""

_Kind = TypeVar("_Kind", bound=msgspec.Struct)
_NOT_STRICT = (msgspec.DecodeError, RecursionError, UnicodeDecodeError, UnicodeEncodeError)
"""What msgspec raises for invalid JSON and for values of another type than requested."""
_elements = msgspec.json.Decoder(list[msgspec.Raw])
_members = msgspec.json.Decoder(dict[str, msgspec.Raw])
_OUTLINED = 5
"""Maximum number of elements per list in `Document.outline`."""


class Document:
    """The content of a document as bytes, text and JSON.

    Args:
        data: The bytes as received.
        limit: Maximum size in bytes, unpacked.
        known: See `detect.read`.

    Raises:
        SourceError: It is empty, too large, or can't be unpacked.
    """

    def __init__(self, data: bytes, limit: int = LIMIT, *, known: Container[str] | None = None) -> None:
        self.known = known
        self.warnings: list[str] = []
        """Problems found so far, one sentence each."""
        self.is_cut = False
        """Whether it is known to be truncated: see `Snapshot.cut`."""
        if data.startswith(_GZIP):
            data = self._unpacked(data, limit)
        if len(data) > limit:
            raise _too_large(limit)
        self._is_marked = data.startswith(codecs.BOM_UTF8)
        self.data = _MARKS.sub(b"", data, count=1)
        """The unpacked bytes, without leading UTF-8 byte order marks and white space."""
        if b"\0" not in self.data[:4]:
            self.data = self.data.lstrip(_WHITE)
        self.text = self._decoded().lstrip()
        """The decoded text, without leading white space."""
        if not self.text.strip("\0 \t\r\n"):
            raise SourceError("The document is empty, and your items are unchanged: try again later.")

    @cached_property
    def json(self) -> object:
        """The text parsed as JSON.

        If msgspec refuses it, the standard library, which accepts lone surrogates and NaN, is tried.

        Raises:
            SourceError: It is not valid JSON.
        """
        with suppress(*_NOT_STRICT):
            return msgspec.json.decode(self.text)
        import json

        try:
            # Written and read again without lone surrogates, which msgspec would reject later.
            return json.loads(json.dumps(json.loads(self.text), ensure_ascii=False).encode("utf-8", "ignore"))
        except RecursionError:
            why = "its values are nested too deeply"
        except json.JSONDecodeError as error:
            if (records := self._records_of_lines()) is not None:
                return records
            why = f"line {error.lineno}, column {error.colno} can't be read"
        except ValueError:
            why = "a number in it is too long"
        raise SourceError(f"This looks like JSON, but it is broken ({why}): export or download it again.")

    @cached_property
    def outline(self) -> object:
        """The JSON value with only the first elements of the top-level list, or of the lists in the top-level object.

        Ten times as fast as `json`, since the other elements are skipped instead of decoded; it does not prove that the
        whole document is valid JSON.
        """
        try:
            if self.data[:1] == b"[":
                return _beginning(self.data)
            members: Mapping[str, msgspec.Raw] = _members.decode(self.data)
            return {name: _beginning(value) for name, value in members.items()}
        except _NOT_STRICT:
            return self.json

    def records(self, kind: type[_Kind], key: str | None = None) -> list[_Kind] | None:
        """Decode the elements of a JSON list straight to structs: three times as fast as by way of `json`.

        Args:
            kind: The type of the elements.
            key: The key of the list in the top-level object; None if the document is the list.

        Returns:
            None if anything does not fit; use `json` then.
        """
        try:
            data = self.data if key is None else _members.decode(self.data)[key]
            return msgspec.json.decode(data, type=list[kind])  # type: ignore[valid-type]
        except (KeyError, *_NOT_STRICT):
            return None

    def _records_of_lines(self) -> object:
        """Parse a document with one JSON object per line (`.ndjson`, `.jsonl`), and turn it into a list of them.

        Returns:
            The objects; None if it is no such document. Lines that can't be parsed are left out with a warning.
        """
        if not _OBJECT_LINES.match(self.text):  # before all lines are made of what may be a large document
            return None
        lines = [line for line in self.text.split("\n") if line.strip()]
        found: dict[int, object] = {}
        for place, line in enumerate(lines):
            with suppress(*_NOT_STRICT):
                found[place] = msgspec.json.decode(line)
        if len(found) * 2 <= len(lines):
            return None
        if len(found) < len(lines):
            self.is_cut = len(lines) - 1 not in found
            lost = counted(len(lines) - len(found), "line")
            self.warnings.append(f"{lost} of {len(lines)} could not be read as JSON and was left out.")
        self.replace([*found.values()])
        return self.json

    def replace(self, value: object) -> None:
        """Turn the document into a JSON value."""
        self.data = msgspec.json.encode(value)
        self.text = self.data.decode()
        self.json = value
        self.__dict__.pop("outline", None)

    @cached_property
    def archive(self) -> zipfile.ZipFile:
        """The document as a ZIP archive.

        Raises:
            SourceError: It can't be read as one.
        """
        try:
            return zipfile.ZipFile(io.BytesIO(self.data))
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise SourceError(
                "This is a ZIP archive, but its list of files can't be read, so it is damaged: download or export it "
                "again."
            ) from error

    def members(self, wanted: str, limit: int = LIMIT) -> "Iterator[tuple[str, Document]]":
        """Yield name and content of the files in a ZIP archive, by path; damaged ones are left out with a warning.

        Args:
            wanted: Regular expression for the whole name of a file, without its folders.
            limit: Maximum total size in bytes of the matching files, unpacked. It is measured: the sizes that the
                archive claims are not trusted.

        Raises:
            SourceError: It can't be read as an archive, has too many files, is too large when unpacked, or has nothing
                to read.
        """
        archive = self.archive
        if len(archive.infolist()) > MEMBERS:
            raise SourceError(
                f"This ZIP archive holds {grouped(len(archive.infolist()))} files, and florilege reads at most "
                f"{grouped(MEMBERS)}: unpack it, and add the files in it that hold bookmarks."
            )
        is_read = False
        for info in sorted(archive.infolist(), key=lambda each: each.filename):
            name = info.filename.replace("\\", "/").rpartition("/")[2]
            if not re.fullmatch(wanted, name):
                continue
            data = _member(archive, info, limit)
            limit -= len(data or b"")
            if data is None:
                self.warnings.append(
                    f"The file “{clean_line(name)[:SHOWN]}” in the archive is damaged and was left out."
                )
            elif data.strip(b"\0 \t\r\n"):
                is_read = True
                inner = Document(data)
                self.warnings.extend(inner.warnings)
                yield name, inner
        if not is_read:
            raise SourceError(
                "This is a ZIP archive, but nothing that could be read as bookmarks is in it: export it again."
            )

    def _unpacked(self, data: bytes, limit: int) -> bytes:
        """The content of a gzip file, as much of it as can be unpacked.

        Raises:
            SourceError: It is too large, or nothing can be unpacked.
        """
        pieces: list[bytes] = []
        size = 0
        try:
            for piece in _gunzipped(data):
                pieces.append(piece)
                size += len(piece)
                if size > limit:
                    raise _too_large(limit)
        except ValueError as error:
            if not size:
                raise SourceError(
                    "The document is compressed (gzip) and so damaged that nothing can be read: download it again."
                ) from error
            self.is_cut = True
            self.warnings.append(
                "The document is compressed and damaged: only its beginning could be read. Download it again "
                "for the rest."
            )
        return b"".join(pieces)

    def _decoded(self) -> str:
        """Decode the bytes by their byte order mark, the declared encoding, as UTF-8, or by a guess, in this order.

        An encoding that only the server's response gives was already handled when the document was fetched.
        """
        if b"\0" in self.data[:4] or self.data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            from json import detect_encoding

            if (wide := detect_encoding(self.data)) != "utf-8":
                text = self.data.decode(wide, "replace").removeprefix("\ufeff")
                return self._as_utf8(text) if b"\0" in self.data[:8] else text
        if b"\0" in self.data[:_HEAD]:
            return self.data.decode("utf-8", "replace")  # not text at all
        own = self._named_encoding()
        for encoding in filter(None, (None if self._is_marked else own, "utf-8")):
            decoded = _decoded_as(self.data, encoding)
            if decoded is None:
                continue
            damaged = decoded.count(_DAMAGED) - self.data.count(_DAMAGED.encode())
            if damaged > 0:
                self.warnings.append(
                    f"{counted(damaged, 'character')} of the document {'is' if damaged == 1 else 'are'} damaged "
                    f"(not {encoding.upper()}) and shown as “{_DAMAGED}”."
                )
            is_as_said = decoded.isascii() or (not damaged and encoding.lower() == (own or "utf-8").lower() == "utf-8")
            return decoded if is_as_said or not _begins_markup(decoded) else self._as_utf8(decoded)
        encoding = _guessed(self.data)
        text = self.data.decode(encoding, "replace")
        if _begins_markup(text):
            shown = encoding.upper().replace("_", "-").replace("CP125", "Windows-125")
            said = f"says that it is in {own.upper()}, but is not" if own else "is not in UTF-8 and names no encoding"
            self.warnings.append(f"The document {said}: read as {shown}.")
            return self._as_utf8(text)
        return text

    def _named_encoding(self) -> str | None:
        """The encoding declared in the document, in its XML declaration or a `meta` element."""
        found = _DECLARED.match(self.data[:400]) or _META.search(self.data[:_HEAD])
        return found[1].decode("ascii") if found else None

    def _as_utf8(self, text: str) -> str:
        """Re-encode `data` as UTF-8, for readers that use the bytes; returns the text unchanged."""
        self.data = _DECLARED_AS.sub(r"\1UTF-8", text.lstrip(), count=1).encode("utf-8", "replace")
        return text


def _beginning(value: bytes | msgspec.Raw) -> object:
    """Decode a JSON value; of a list, only the first elements."""
    if bytes(memoryview(value)[:1]) != b"[":
        return msgspec.json.decode(value)
    return [msgspec.json.decode(each) for each in _elements.decode(value)[:_OUTLINED]]


def unpacked_size(data: bytes) -> int:
    """The size in bytes of a document plus its unpacked content, for which at most `LIMIT` is counted.

    Limits of time and memory depend on it. A gzip file is unpacked piece by piece to measure it; the sizes an archive
    claims are believed as far as they are possible.
    """
    size = 0
    with suppress(OSError, ValueError, NotImplementedError, zipfile.BadZipFile):
        if data.startswith(_GZIP):
            for piece in _gunzipped(data):
                size += len(piece)
                if size >= LIMIT:
                    break
        elif data.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                size = sum(min(info.file_size, _DENSEST * info.compress_size) for info in archive.infolist())
    return len(data) + min(size, LIMIT)


def _gunzipped(data: bytes) -> Iterator[bytes]:
    """Yield the content of a gzip file piece by piece. Trailing data that is not gzip is ignored.

    Raises:
        ValueError: It is damaged or truncated.
    """
    place = 0
    while data.startswith(_GZIP, place):
        member = zlib.decompressobj(zlib.MAX_WBITS | 16)
        while not member.eof:
            piece = data[place : place + _PIECE]
            if not piece:
                raise ValueError("it breaks off")
            try:
                yield member.decompress(piece)
            except zlib.error as error:
                raise ValueError(str(error)) from error
            place += len(piece)
        place -= len(member.unused_data)  # the next member; there may be millions, so the rest is never copied


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int) -> bytes | None:
    """The content of a file in an archive; None if it is damaged or encrypted.

    Raises:
        SourceError: It is larger than the limit.
    """
    try:
        with archive.open(info) as file:
            data = file.read(limit + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, NotImplementedError):
        return None
    if len(data) > limit:
        raise SourceError(
            f"This ZIP archive is too large when unpacked, for florilege reads at most "
            f"{counted(LIMIT // MEBIBYTE, 'megabyte')} of it: unpack it, and add its files by themselves."
        )
    return data


def _begins_markup(text: str) -> bool:
    """Whether a text looks like markup or JSON, whose readers may use the bytes."""
    return text.lstrip()[:1] in {"<", "{", "["}


def _decoded_as(data: bytes, encoding: str) -> str | None:
    """Decode in an encoding; None if it is unknown or ignored, or too many non-ASCII characters turn out damaged."""
    try:
        name = codecs.lookup(encoding).name
        with suppress(UnicodeDecodeError):
            if name.startswith(_SINGLE_BYTE) and not data.decode().isascii():
                name = "utf-8"  # the declaration was written by default, or left when the text was converted
        if name in _NOT_OF_DOCUMENTS:
            return None
        text = data.decode(_WIDER.get(name, name), "replace")
    except (LookupError, ValueError):
        return None
    damaged = text.count(_DAMAGED)
    most = 2 if name == "utf-8" else 1  # for what is in another encoding is hardly ever UTF-8 by chance
    return text if not damaged or damaged <= most * (len(_BEYOND_ASCII.findall(text)) - damaged) else None


def _guessed(data: bytes) -> str:
    """Guess the encoding of a document that is not UTF-8, with a detector that is given the non-ASCII lines."""
    from charset_normalizer import from_bytes

    lines = b"\n".join(line for line in data.split(b"\n") if not line.isascii())[:_ASKED]
    if len(lines) < _TOO_SHORT or (best := (found := from_bytes(lines, cp_isolation=_GUESSED)).best()) is None:
        return "cp1252"
    as_good = [each for each in found if each.chaos < best.chaos + _ALIKE and each.coherence > best.coherence - _ALIKE]
    is_western = any("cp1252" in {each.encoding, *each.could_be_from_charset} for each in as_good)
    return "cp1252" if is_western else best.encoding  # among indistinguishable ones, by far the most common


def _too_large(limit: int) -> SourceError:
    """The error for a document that is too large."""
    most = counted(limit // MEBIBYTE, "megabyte")
    return SourceError(f"The document is too large, for florilege reads at most {most}: add it in smaller parts.")
