"""Links and quotes exactly as they are copied."""

from datetime import UTC, datetime

import pytest

from florilege.model import Highlight, Item, Sharer
from florilege.quotes.markdown import all_quotes, item_link, quote

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
FIRST = Highlight(id="1", quote="« Une phrase »,\n\nen deux paragraphes.", author="odette")
SECOND = Highlight(id="2", quote="Une autre.", author="Basile")


def item(title: str = "Les marges", **facts: object) -> Item:
    return Item(id="i", group="g", added_at=NOW, title=title, **facts)  # type: ignore[arg-type]


WHOLE = item(
    url="https://example.org/marges",
    sharer=Sharer(name="Odette Plumier", handle="odette"),
    shared_at=datetime(2019, 4, 12, tzinfo=UTC),
    highlights=(FIRST, SECOND),
)


def test_quote_is_copied_as_highlighted_followed_by_its_source() -> None:
    assert quote(WHOLE, FIRST, NOW) == (
        "> « Une phrase »,\n>\n> en deux paragraphes.\n\n"
        "— [Les marges](https://example.org/marges), shared by Odette Plumier, 12 April 2019\n"
    )


def test_highlighter_is_named_when_not_the_sharer() -> None:
    assert quote(WHOLE, SECOND, NOW) == (
        "> Une autre.\n\n"
        "— [Les marges](https://example.org/marges), highlighted by Basile, shared by Odette Plumier, 12 April 2019\n"
    )


def test_quote_with_a_partly_known_source_names_what_is_known() -> None:
    assert quote(item(""), Highlight(id="1", quote="Une phrase."), NOW) == "> Une phrase.\n\n— (without title)\n"


def test_all_quotes_are_listed_under_the_title() -> None:
    assert all_quotes(WHOLE, NOW) == (
        "## [Les marges](https://example.org/marges)\n\nShared by Odette Plumier, 12 April 2019\n\n"
        "> « Une phrase »,\n>\n> en deux paragraphes.\n\n> Une autre.\n>\n> — Basile\n"
    )


def test_missing_sharer_and_date_leave_no_gap() -> None:
    assert all_quotes(item(highlights=(FIRST,)), NOW).startswith("## Les marges\n\n> « Une phrase »,")


@pytest.mark.parametrize(
    ("title", "url", "link"),
    [
        ("a [b] *c*", "https://example.org/", r"[a \[b\] \*c\*](https://example.org/)"),
        ("a", "https://example.org/(x) y", "[a](https://example.org/%28x%29%20y)"),
        ("a", "https://example.org/<x>", "[a](https://example.org/%3Cx%3E)"),
        ("a", "javascript:alert(1)", "a"),
        ("![a](b)", "https://example.org/", r"[!\[a\](b)](https://example.org/)"),
        ("<b>`\\", "https://example.org/", r"[\<b>\`\\](https://example.org/)"),
        ("a", None, "a"),
        ("", None, "(without title)"),
    ],
)
def test_markdown_links_escape_title_and_address(title: str, url: str | None, link: str) -> None:
    assert item_link(item(title, url=url)) == link
