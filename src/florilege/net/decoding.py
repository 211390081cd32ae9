"""Unpacking a compressed answer within a limit. Pure: chunks in, bytes out.

httpx unpacks too, but a whole chunk at a time: 64 KiB of a gzip bomb are 64 MiB before one can look. Here not a byte
more than the limit is ever made, and a compressed answer that was cut is noticed.
"""

import zlib

_ENCODINGS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
"""What zlib is told for each `Content-Encoding`."""
ACCEPTED = "gzip, deflate"
"""What is asked for (`Accept-Encoding`)."""


class TooLargeError(Exception):
    """The body is larger than the limit."""


class EncodingError(Exception):
    """The body is compressed in an unknown way, or is not what it says it is."""


class CutError(Exception):
    """The compressed body ends too early."""


class Unpacker:
    """Gathers the chunks of one answer.

    Args:
        encoding: the `Content-Encoding`; None or `identity` for none.
        limit: the greatest number of bytes unpacked.

    Raises:
        EncodingError: the encoding is one we did not ask for.
    """

    def __init__(self, encoding: str | None, limit: int) -> None:
        name = (encoding or "").strip().lower()
        if name not in _ENCODINGS and name not in {"", "identity"}:
            raise EncodingError(name)
        self._window = _ENCODINGS.get(name)
        self._unpacker = zlib.decompressobj(self._window) if self._window else None
        self._limit = limit
        self._body = bytearray()
        self._begun = b""

    def add(self, chunk: bytes) -> None:
        """Take one more chunk.

        Raises:
            TooLargeError: the limit is passed.
            EncodingError: the chunk can't be unpacked.
        """
        if self._unpacker is None:
            self._body += chunk
        else:
            self._unpack(self._unpacker, chunk)
        if len(self._body) > self._limit:
            raise TooLargeError

    def finish(self) -> bytes:
        """The whole body.

        Raises:
            CutError: the compressed stream did not come to its end.
        """
        if self._unpacker is not None and not self._unpacker.eof and (self._body or self._begun):
            raise CutError
        return bytes(self._body)

    def _unpack(self, unpacker: "zlib._Decompress", chunk: bytes) -> None:
        if not self._body:
            self._begun += chunk  # until something came out we may still have to start again
        while chunk and len(self._body) <= self._limit:
            if unpacker.eof:
                if chunk[:1] != b"\x1f":
                    return  # padding after the last member, which others ignore too
                unpacker = self._unpacker = zlib.decompressobj(_ENCODINGS["gzip"])  # gzip allows several members
            try:
                self._body += unpacker.decompress(chunk, self._limit - len(self._body) + 1)
            except zlib.error as error:
                unpacker = self._unpacker = self._without_header(error)
                chunk = self._begun
            else:
                chunk = unpacker.unconsumed_tail or unpacker.unused_data

    def _without_header(self, error: zlib.error) -> "zlib._Decompress":
        """Try `deflate` without its header, which some servers leave out; all bytes so far are to be unpacked again."""
        if self._window != _ENCODINGS["deflate"] or self._body:
            raise EncodingError from error
        self._window = -15
        return zlib.decompressobj(self._window)
