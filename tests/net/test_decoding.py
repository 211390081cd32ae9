"""Decompression within a size limit."""

import gzip
import tracemalloc
import zlib
from collections.abc import Callable
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florilege.net.answers import FailureReason, NotFetched
from florilege.net.exchange import unpacked

LIMIT = 1 << 20


def headerless(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "Deflate": zlib.compress,
    "deflate": headerless,
}


def test_empty_body_is_empty_whatever_its_encoding() -> None:
    assert unpacked(b"", "deflate", LIMIT) == b""


@given(data=st.binary(max_size=2_000), encoding=st.sampled_from(sorted(PACKERS)))
def test_compressed_body_is_restored(data: bytes, encoding: str) -> None:
    assert unpacked(PACKERS[encoding](data), encoding, LIMIT) == data


@pytest.mark.parametrize("encoding", ["identity", "utf-8", "UTF-8", "none", "aws-chunked", "aws-chunked,"])
def test_unknown_content_encodings_are_ignored(encoding: str) -> None:
    assert unpacked(b"as it is", encoding, LIMIT) == b"as it is"


def test_compression_among_unknown_encodings_is_undone() -> None:
    assert unpacked(gzip.compress(b"one"), "aws-chunked,gzip", LIMIT) == b"one"
    assert unpacked(gzip.compress(gzip.compress(b"one")), "gzip, gzip", LIMIT) == b"one"


def test_body_wrongly_declared_compressed_is_left_as_it_is() -> None:
    assert unpacked(b"<rss/>", "gzip", LIMIT) == b"<rss/>"


def test_several_members_are_one_document() -> None:
    assert unpacked(gzip.compress(b"one ") + gzip.compress(b"two"), "gzip", LIMIT) == b"one two"


def test_padding_after_the_end_is_ignored() -> None:
    assert unpacked(gzip.compress(b"one") + b"\x00" * 20, "gzip", LIMIT) == b"one"
    assert unpacked(gzip.compress(b"") + b"\x00" * 20, "gzip", LIMIT) == b""


@pytest.mark.parametrize("encoding", ["br", "zstd", ", ".join(["gzip"] * 9)])
def test_compression_we_did_not_request_is_refused(encoding: str) -> None:
    with pytest.raises(NotFetched) as refused:
        unpacked(b"x", encoding, LIMIT)
    assert refused.value.reason is FailureReason.BAD_ENCODING


@pytest.mark.parametrize(
    ("encoding", "body"), [("gzip", b"\x1f\x8bnot packed at all"), ("deflate", b"<rss>not packed at all</rss>")]
)
def test_corrupt_compressed_body_is_refused(encoding: str, body: bytes) -> None:
    with pytest.raises(NotFetched) as refused:
        unpacked(body, encoding, LIMIT)
    assert refused.value.reason is FailureReason.BAD_ENCODING


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_truncated_compressed_body_is_noticed(encoding: str) -> None:
    with pytest.raises(NotFetched) as refused:
        unpacked(PACKERS[encoding](b"a longer text, " * 50)[:-9], encoding, LIMIT)
    assert refused.value.reason is FailureReason.BROKEN_OFF


def test_bomb_stops_at_the_limit() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    tracemalloc.start()
    try:
        with pytest.raises(NotFetched) as refused:
            unpacked(bomb, "gzip", 1_000)
        assert refused.value.reason is FailureReason.TOO_LARGE
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_exactly_the_limit_passes() -> None:
    assert unpacked(gzip.compress(b"x" * 1_000), "gzip", 1_000) == b"x" * 1_000


def test_many_members_take_linear_time() -> None:
    members = gzip.compress(b"") * 100_000
    start = process_time()

    assert unpacked(members + gzip.compress(b"at last"), "gzip", 4 * LIMIT) == b"at last"
    assert process_time() - start < 4


def test_raw_deflate_that_starts_like_zlib_is_read_from_its_beginning() -> None:
    data = bytes(range(256)) * 1000

    assert unpacked(headerless(data), "deflate", LIMIT) == data
    with pytest.raises(NotFetched):
        unpacked(zlib.compress(data, 0)[:100_000] + b"x" * 100_000, "deflate", LIMIT)
