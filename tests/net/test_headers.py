"""Parsing of HTTP headers."""

from datetime import UTC, datetime, timedelta

import pytest

from florilege.net.http import LONGEST_WAIT, as_readable, max_age, next_page, retry_at, sendable

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("120", NOW + timedelta(seconds=120)),
        (" 120 ", NOW + timedelta(seconds=120)),
        ("Fri, 20 Nov 2026 13:30:00 GMT", datetime(2026, 11, 20, 13, 30, tzinfo=UTC)),
        ("Friday, 20-Nov-26 13:30:00 GMT", datetime(2026, 11, 20, 13, 30, tzinfo=UTC)),
        ("Fri, 20 Nov 2026 13:30:00 -0000", datetime(2026, 11, 20, 13, 30, tzinfo=UTC)),
    ],
)
def test_retry_after_is_read_as_seconds_and_as_a_date(value: str, moment: datetime) -> None:
    assert retry_at(value, NOW) == moment


@pytest.mark.parametrize("value", [None, "", "0", "soon", "-5", "Fri, 20 Nov 2026 11:59:59 GMT", "Fri, 99 Nov 2026"])
def test_retry_after_in_the_past_is_ignored(value: str | None) -> None:
    assert retry_at(value, NOW) is None


@pytest.mark.parametrize("value", ["9" * 40, "9" * 5000, "0" * 5000 + "9" * 10, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_absurd_retry_after_is_cut_to_the_longest_wait(value: str) -> None:
    assert retry_at(value, NOW) == NOW + LONGEST_WAIT


@pytest.mark.parametrize(
    ("value", "age"),
    [
        ("max-age=600", 600),
        ("public, Max-Age=600", 600),
        ('max-age="600"', 600),
        ("s-maxage=600", None),
        ("max-age=0", None),
        ("no-store", None),
        (None, None),
    ],
)
def test_max_age_is_found_among_other_directives(value: str | None, age: int | None) -> None:
    assert max_age(value) == (None if age is None else timedelta(seconds=age))


def test_validator_is_sent_back_byte_for_byte() -> None:
    assert sendable('W/"caf\xe9"') == b'W/"caf\xe9"'


@pytest.mark.parametrize("value", [None, "", '"a"\r\nX-Forged: 1', '"œuvre"'])
def test_validator_that_no_header_can_hold_is_not_sent(value: str | None) -> None:
    assert sendable(value) is None


def test_charset_known_only_from_the_header_becomes_utf_8() -> None:
    body = "<rss><title>Лирика</title></rss>".encode("koi8-r")

    assert as_readable(body, "text/xml; charset=KOI8-R") == "<rss><title>Лирика</title></rss>".encode()


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("<?xml version='1.0' encoding='iso-8859-1'?><rss>é</rss>".encode("latin-1"), "text/xml; charset=koi8-r"),
        ("<rss>é</rss>".encode(), "text/xml; charset=iso-8859-1"),
        (b"\xff\xfe<\x00\xe9\x00", "text/xml; charset=koi8-r"),
        ("<rss>é</rss>".encode("latin-1"), "text/xml"),
        ("<rss>é</rss>".encode("latin-1"), "text/xml; charset=martian"),
        ("<rss>é</rss>".encode("latin-1"), "text/xml; charset=base64"),
        ("<rss>é</rss>".encode("latin-1"), None),
    ],
    ids=["declared", "is utf-8", "byte order mark", "no charset", "unknown charset", "no text codec", "no header"],
)
def test_otherwise_the_bytes_are_unchanged(body: bytes, content_type: str | None) -> None:
    assert as_readable(body, content_type) == body


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ('<https://api.example/items?start=25>; rel="next"', "https://api.example/items?start=25"),
        ('<?start=25>; rel=next, </last>; rel="last"', "https://groups.example/rss?start=25"),
        ('</last>; rel="last", </2>; title="a, b"; rel="prefetch NEXT"', "https://groups.example/2"),
        ('</last>; rel="last"', None),
        ('<>; rel="next"', None),
        ("</2>", None),
        ("rel=next", None),
        ("<http://[>; rel=next", None),
        (None, None),
    ],
)
def test_next_page_is_found_among_links(value: str | None, address: str | None) -> None:
    assert next_page(value, "https://groups.example/rss") == address
