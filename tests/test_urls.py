"""Addresses: which may be opened, how they are shown, and when two are the same."""

import time
import urllib.parse
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florilege.text import clean_line
from florilege.urls import _respelt, canonical, redact, safe_to_open, scheme_of, site_of

SECRET = "0123456789abcdef0123456789abcdef"  # looks like one, but opens nothing

addresses = st.builds(
    "{}://{}{}{}{}".format,
    st.sampled_from(["http", "https", "HTTPS"]),
    st.sampled_from(["example.org", "www.Example.org", "example.org:8080", "example.org.", "[::1]", "élan.example"]),
    st.text().map(lambda text: "/" + quote(text, safe="/%:")),
    st.text().map(lambda text: "?" + quote(text, safe="&=%+")) | st.just(""),
    st.sampled_from(["", "#part", "#!/route", "#/route"]),
)


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org",
        "http://example.org/a?b=c#d",
        "HTTPS://EXAMPLE.ORG/",
        "https://élan.example/œuvre",
        "https://192.0.2.1:8080/",
        "https://[::1]/",
        "https://example.org/a\\b",
    ],
)
def test_web_addresses_may_be_opened_unchanged(address: str) -> None:
    assert safe_to_open(address) == address


@pytest.mark.parametrize(
    "address",
    [
        None,
        "",
        "example.org",
        "/etc/passwd",
        "//example.org/",
        "javascript:alert(1)",
        "JaVaScRiPt://example.org/%0aalert(1)",
        "file:///etc/passwd",
        "data:text/html,x",
        "ssh://example.org",
        "mailto:ann@example.org",
        "https:",
        "https://",
        "https:///path",
        "https:example.org",
        "https://[::1",
        " https://example.org",
        "https://example.org ",
        "https://example.org/a b",
        "https://example.org/a\u00a0b",
        "https://example.org/\n--new-window",
        "https://example.org/\t",
        "https://example.org/\x1b]52;c;aGE=\x07",
        "https://example.org/\u202egro.live",
        "https://example.org/\ud800",
        "java\nscript:alert(1)",
        "https://evil.example\\@example.org/",
    ],
)
def test_nothing_else_may_be_opened(address: str | None) -> None:
    assert safe_to_open(address) is None


@given(st.text() | addresses | st.text().map(lambda text: f"https://{text}"))
def test_openable_address_is_http_on_one_clean_line(address: str) -> None:
    opened = safe_to_open(address)

    if opened is not None:
        assert opened == address == clean_line(address)
        assert scheme_of(opened) in {"http", "https"}
        assert not any(character.isspace() for character in opened)


@pytest.mark.parametrize(
    ("address", "scheme"),
    [("HTTP://x", "http"), ("mailto:a", "mailto"), (" ftp://x", "ftp"), ("/a:b", None), ("a/b:c", None), ("", None)],
)
def test_scheme_is_the_part_before_the_colon(address: str, scheme: str | None) -> None:
    assert scheme_of(address) == scheme


@pytest.mark.parametrize(
    ("address", "site"),
    [
        ("https://www.Example.org/a", "example.org"),
        ("https://ann:pass@example.org:8080/a", "example.org"),
        ("https://blog.example.org", "blog.example.org"),
        ("mailto:ann@example.org", None),
        ("https://[broken", None),
        ("https://evil.example\\@example.org/", None),
        ("", None),
        (None, None),
    ],
)
def test_site_is_the_host_a_link_leads_to(address: str | None, site: str | None) -> None:
    assert site_of(address) == site


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://example.org/rss/group?page=2", "https://example.org/rss/group?page=2"),
        (f"https://example.org/rss/12/{SECRET}", "https://example.org/rss/12/…"),
        (f"https://example.org/rss/12/{SECRET}/", "https://example.org/rss/12/…/"),
        (f"https://example.org/{SECRET}.rss", "https://example.org/….rss"),
        (f"https://example.org/{SECRET}/{SECRET}", "https://example.org/…/…"),
        ("https://example.org/rss/secret:ab12/u:ann/", "https://example.org/rss/…/u:ann/"),
        ("https://ann:pass@example.org/a", "https://…@example.org/a"),
        ("https://a@b:pass@example.org/a", "https://…@example.org/a"),
        ("https://example.org/a?api_key=12&page=2&empty", "https://example.org/a?api_key=…&page=2&empty"),
        ("https://example.org/a?%74oken=12", "https://example.org/a?%74oken=…"),
        (f"https://example.org/a?k={SECRET}", "https://example.org/a?k=…"),
        ("https://example.org/a#access_token=12", "https://example.org/a#…"),
        ("https://example.org/a?key=4f2a91c0d3e8b7a6", "https://example.org/a?key=…"),
        ("https://example.org/a?authKey=Zm9vYmFyYmF6MQ", "https://example.org/a?authKey=…"),
        ("https://example.org/a?feed_token=x&sid=a1b2c3d4e5f6g7", "https://example.org/a?feed_token=…&sid=…"),
        ("https://example.org/a?X-Amz-Signature=ab12", "https://example.org/a?X-Amz-Signature=…"),
        ("https://www.diigo.com/rss/12/short", "https://www.diigo.com/rss/12/…"),
        ("https://www.instapaper.com/starred/rss/12/aB3", "https://www.instapaper.com/starred/rss/12/…"),
        ("https://feedbin.com/starred/aB3dE.xml", "https://feedbin.com/starred/….xml"),
        ("https://bag.example/feed/ann/aB3dE/unread", "https://bag.example/feed/ann/…/unread"),
        (f"https://ann:pass@[broken/{SECRET}?token=1", "https://…@[broken/…"),
        ("/home/ann/feeds/group.xml", "/home/ann/feeds/group.xml"),
    ],
)
def test_secrets_are_not_shown(address: str, shown: str) -> None:
    assert redact(address) == shown


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/feed?keywords=poetry",
        "https://example.org/feed?author=jane&design=1&sigma=2&passage=3&monkey=4&token_count_of=5",
        "https://example.org/feed?key=poetry&auth=no&session=spring",
        "https://example.org/the-long-name-of-a-weekly-newsletter/feed",
        "https://medium.com/feed/the-collected-essays-of-a-very-patient-reader",
        "https://www.youtube.com/feeds/videos.xml?playlist_id=PLrAXtmErZgOeiKm4sgNOknGvNjby9efdf",
        "https://www.youtube.com/feeds/videos.xml?channel_id=UCBR8-60-B28hp2BmDPdntcQ",
        "https://example.org/articles/20260101123456789012345678901234",
        "https://example.org/deadbeefdeadbeefdeadbeefdeadbeef-is-not-one/feed",
        "https://example.org/a#!/forum/ink",
        "https://example.org/a#part=2",
    ],
)
def test_harmless_parts_are_shown_in_full(address: str) -> None:
    assert redact(address) == address


@pytest.mark.parametrize(
    "worst",
    [
        "/" + "a1" * 50_000,
        "/" + "0" * 100_000,
        "?" + "key=" * 25_000,
        "?key=" + "a" * 100_000,
        "?" + "aA" * 50_000,
        "/feed/" * 20_000,
        "/rss/1/" * 20_000,
        "/secret:" * 20_000,
        "//" * 50_000 + "@",
    ],
    ids=range(9),
)
def test_redacting_takes_linear_time(worst: str) -> None:
    started = time.process_time()
    for host in ("https://www.diigo.com", "https://www.instapaper.com", "http://[broken"):
        redact(host + worst)
    assert time.process_time() - started < 2


@given(
    addresses, st.sampled_from(["https://ann:{}@example.org/", "https://example.org/{}/a", "https://x.org/?token={}"])
)
def test_secret_is_never_shown_wherever_it_is(address: str, place: str) -> None:
    assert SECRET not in redact(place.format(SECRET) + address)
    assert SECRET not in redact(place.format(SECRET))


@given(st.text() | addresses)
def test_shown_address_is_one_clean_line(address: str) -> None:
    assert redact(address) == clean_line(redact(address))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://example.org", "https://example.org/"),
        ("https://www.example.org/a/", "https://example.org/a"),
        ("https://Example.ORG/a", "https://example.org/a"),
        ("https://example.org:443/a", "https://example.org/a"),
        ("https://example.org./a", "https://example.org/a"),
        ("https://example.org/a?b=1&c=2", "https://example.org/a?c=2&b=1"),
        ("https://example.org/a?utm_source=x&fbclid=y", "https://example.org/a"),
        ("https://example.org/a#part", "https://example.org/a"),
        ("https://example.org/%C3%A9lan", "https://example.org/élan"),
        ("https://example.org/a%7Eb", "https://example.org/a~b"),
        ("https://example.org/a?b=%20", "https://example.org/a?b=+"),
        (" https://example.org/a ", "https://example.org/a"),
    ],
)
def test_two_spellings_of_one_page_are_the_same(one: str, other: str) -> None:
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.org/a", "https://example.org/A"),
        ("https://example.org/a", "https://example.org/a?b=1"),
        ("https://example.org/a?b=1", "https://example.org/a?b=2"),
        ("https://example.org/#/one", "https://example.org/#/two"),
        ("https://example.org/#!one", "https://example.org/"),
        ("https://example.org:8080/", "https://example.org/"),
        ("https://blog.example.org/", "https://example.org/"),
        ("https://example.org/caf%E9", "https://example.org/caf%E8"),
        ("https://example.org/?a=%E9", "https://example.org/?a=%E8"),
        ("https://example.org/a%2Fb", "https://example.org/a/b"),
        ("https://example.org/100%25", "https://example.org/100%2525"),
        ("mailto:a", "mailto:b"),
    ],
)
def test_different_pages_stay_different(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)


@given(st.text() | addresses | st.text().map(lambda text: f"https://example.org/{text}"))
def test_canonical_form_is_its_own_canonical_form(address: str) -> None:
    assert canonical(canonical(address)) == canonical(address)


plain_addresses = st.builds(
    "{}://{}{}".format,
    st.sampled_from(["http", "https"]),
    st.text(alphabet="aw0.-", max_size=12).map(lambda host: f"www.{host}") | st.text(alphabet="aw0.-", max_size=12),
    st.text(alphabet="/aZéÀ×œ0:@!$&'()*+,;=~._-%?#", max_size=20).map(lambda path: f"/{path}") | st.just(""),
)


@given(plain_addresses)
def test_canonical_shortcut_gives_the_same_result(address: str) -> None:
    assert canonical(address) == _respelt(address)


def test_standard_library_keeps_no_address_in_its_cache() -> None:
    before = urllib.parse.urlsplit.cache_info()  # type: ignore[attr-defined]
    address = f"https://example.org/{'x' * 100_000}"

    assert site_of(address) == "example.org"
    assert redact(address) == address
    assert urllib.parse.urlsplit.cache_info() == before  # type: ignore[attr-defined]
