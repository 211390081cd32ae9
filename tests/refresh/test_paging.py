"""Where the next older page is, and which pages are not followed."""

from datetime import UTC, datetime

import pytest

from florilege.formats import Snapshot
from florilege.model import Comment, Entry, Highlight
from florilege.refresh.paging import PageWalk, older_page

FEED = "https://groups.example/rss"
DIIGO = "https://groups.diigo.com/group/encre/rss"
SEARCH = "https://api.hypothes.is/api/search?group=abc"
ZOTERO = "https://api.zotero.org/groups/1/items"


def page(kind: str = "rss", entries: int = 20, next_page: str | None = None) -> Snapshot:
    return Snapshot(
        kind=kind, entries=tuple(Entry(native_id=f"{n}") for n in range(entries)), next_page=next_page, older=True
    )


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("?page=2", "https://groups.example/rss?page=2"),
        ("/old.rss", "https://groups.example/old.rss"),
        ("https://other.example/2", "https://other.example/2"),
        ("http://[", None),
    ],
)
def test_next_page_named_by_the_document_comes_first(written: str, address: str | None) -> None:
    assert older_page(FEED, page(next_page=written), link="https://groups.example/link") == address


def test_then_the_one_named_by_the_server() -> None:
    assert older_page(ZOTERO, page("zotero-json"), link=f"{ZOTERO}?start=25") == f"{ZOTERO}?start=25"


@pytest.mark.parametrize(
    ("address", "snapshot", "following"),
    [
        (DIIGO, page("diigo-rss"), f"{DIIGO}?count=100&start=20"),
        (f"{DIIGO}?count=100&start=20", page("diigo-rss", 100), f"{DIIGO}?count=100&start=120"),
        (f"{DIIGO}?count=100&start=120", page("diigo-rss", 63), None),
        (
            "https://secure.diigo.com/api/v2/bookmarks?key=k&user=u&count=10",
            page("diigo-json", 10),
            "https://secure.diigo.com/api/v2/bookmarks?key=k&user=u&count=10&start=10",
        ),
        (DIIGO, page("rss"), None),
        ("https://groups.example/rss", page("diigo-rss"), None),
        ("https://notdiigo.com/rss", page("diigo-rss"), None),
        (f"{ZOTERO}?limit=100&format=json", page("zotero-json", 7), f"{ZOTERO}?limit=100&format=json&start=100"),
        (f"{ZOTERO}?limit=100&start=100", page("zotero-json", 7), f"{ZOTERO}?limit=100&start=200"),
        (ZOTERO, page("zotero-json"), None),
        (FEED, page(), None),
        ("https://groups.diigo.com:x/rss", page("diigo-rss"), None),
        ("/home/ann/export.rss", page("diigo-rss"), None),
    ],
)
def test_otherwise_known_conventions_of_services_are_used(
    address: str, snapshot: Snapshot, following: str | None
) -> None:
    assert older_page(address, snapshot) == following


@pytest.mark.parametrize("address", [FEED, f"{DIIGO}?count=100&start=300", f"{ZOTERO}?limit=5", SEARCH])
def test_empty_page_is_the_last(address: str) -> None:
    kind = {"api.zotero.org": "zotero-json", "api.hypothes.is": "hypothesis"}.get(address.split("/")[2], "diigo-rss")
    assert older_page(address, page(kind, 0, next_page="?page=9")) is None


def test_hypothesis_pages_continue_from_the_oldest_annotation() -> None:
    def made(day: int) -> datetime:
        return datetime(2026, 3, day, 9, 14, 5, 120000, tzinfo=UTC)

    entries = (
        Entry(highlights=(Highlight(id="a", quote="q", made_at=made(9)), Highlight(id="b", quote="q"))),
        Entry(notes=(Comment("n", made_at=made(7), replies=(Comment("r", made_at=made(5)),)),), shared_at=made(1)),
    )
    snapshot = Snapshot(kind="hypothesis-search", entries=entries, older=True)

    first = older_page(SEARCH, snapshot)
    second = older_page(first or "", snapshot)
    third = older_page(second or "", snapshot)

    assert first == f"{SEARCH}&sort=created&order=desc&limit=200"
    assert second == f"{first}&search_after=2026-03-05T09%3A14%3A05.121000%2B00%3A00"
    assert third == f"{first}&search_after=2026-03-05T09%3A14%3A05.120000%2B00%3A00"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("https://elsewhere.example/2", "another host"),
        ("http://groups.example/2", "secure connection"),
        ("file:///etc/passwd", "none that florilege can follow"),
        ("https://groups.example:x/2", "none that florilege can follow"),
        ("https://groups.example/rss", "in a circle"),
        ("https://GROUPS.example/rss/?utm_source=x", "in a circle"),
        ("https://groups.example/rss?page=2", "in a circle"),
    ],
)
def test_some_pages_are_not_followed(address: str, said: str) -> None:
    walk = PageWalk(FEED)
    walk.visit("https://groups.example/rss?page=2", page())

    assert said in (walk.refusal(address) or "")


def test_other_pages_of_the_host_are_followed() -> None:
    assert PageWalk(FEED).refusal("https://groups.example/rss?page=2") is None
    assert PageWalk("http://groups.example/rss").refusal("https://groups.example/2") is None


def test_page_repeating_earlier_ones_counts_as_nothing_new() -> None:
    walk = PageWalk(FEED)
    assert walk.visit("https://groups.example/rss?page=2", page())
    assert not walk.visit("https://groups.example/rss?page=3", page())


def test_no_refusal_repeats_a_secret() -> None:
    refusal = PageWalk(FEED).refusal("https://elsewhere.example/rss?token=hunter2")
    assert "hunter2" not in (refusal or "hunter2")


def test_new_annotation_of_a_known_page_counts_as_new() -> None:
    def page(name: str) -> Snapshot:
        marked = (Highlight(id=name, quote="A passage."),)
        return Snapshot(kind="hypothesis", entries=(Entry(native_id="p", highlights=marked, is_aggregate=True),))

    walk = PageWalk(SEARCH)
    assert [walk.visit(f"{SEARCH}&p={place}", page(name)) for place, name in enumerate("abb")] == [True, True, False]
