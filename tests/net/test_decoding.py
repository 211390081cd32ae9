"""Unpacking within a limit."""

import gzip
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florilege.net.decoding import CutError, EncodingError, TooLargeError, Unpacker


def unpacked(encoding: str | None, *chunks: bytes, limit: int = 1 << 20) -> bytes:
    unpacker = Unpacker(encoding, limit)
    for chunk in chunks:
        unpacker.add(chunk)
    return unpacker.finish()


def headerless(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "Deflate": zlib.compress,
    "deflate": headerless,
}


@given(data=st.binary(max_size=2_000), size=st.integers(1, 50), encoding=st.sampled_from(sorted(PACKERS)))
def test_what_was_packed_comes_back_however_it_is_cut_into_chunks(data: bytes, size: int, encoding: str) -> None:
    packed = PACKERS[encoding](data)

    chunks = [packed[start : start + size] for start in range(0, len(packed), size)]

    assert unpacked(encoding, *chunks) == data


@pytest.mark.parametrize("encoding", [None, "", "identity"])
def test_without_compression_the_bytes_pass(encoding: str | None) -> None:
    assert unpacked(encoding, b"as ", b"it is") == b"as it is"


def test_several_members_are_one_document() -> None:
    assert unpacked("gzip", gzip.compress(b"one ") + gzip.compress(b"two")) == b"one two"


def test_padding_after_the_end_is_ignored() -> None:
    assert unpacked("gzip", gzip.compress(b"one") + b"\x00" * 20) == b"one"


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip"])
def test_a_compression_we_did_not_ask_for_is_refused(encoding: str) -> None:
    with pytest.raises(EncodingError):
        unpacked(encoding, b"x")


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_bytes_that_are_not_packed_are_refused(encoding: str) -> None:
    with pytest.raises(EncodingError):
        unpacked(encoding, b"<rss>not packed at all</rss>")


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_packed_body_without_its_end_is_noticed(encoding: str) -> None:
    with pytest.raises(CutError):
        unpacked(encoding, PACKERS[encoding](b"a longer text, " * 50)[:-9])


def test_a_bomb_stops_at_the_limit() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    unpacker = Unpacker("gzip", limit=1_000)

    with pytest.raises(TooLargeError):
        unpacker.add(bomb)

    assert len(unpacker._body) <= 1_001


@pytest.mark.parametrize("encoding", [None, "gzip"])
def test_exactly_the_limit_passes(encoding: str | None) -> None:
    body = gzip.compress(b"x" * 1_000) if encoding else b"x" * 1_000

    assert unpacked(encoding, body, limit=1_000) == b"x" * 1_000
