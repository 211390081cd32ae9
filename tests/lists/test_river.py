"""The river of highlights as data: which ones, in which sections, what matches, and as Markdown."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from florilege.lists.catalogue import ItemRow
from florilege.lists.river import Grouping, Passage, arranged, as_text, matching, passages
from florilege.model import Highlight, Item, ItemSummary, ReadingState, Sharer
from florilege.query.language import parse
from florilege.quotes.templates import template

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def item(name: str, *quotes: str, sharer: str | None = None, tags: tuple[str, ...] = (), month: int = 11) -> Item:
    return Item(
        id=name,
        group="g",
        added_at=NOW,
        title=f"About {name}",
        url=f"https://example.org/{name}",
        sharer=Sharer(name=sharer) if sharer else None,
        tags=tags,
        shared_at=datetime(2026, month, 1, tzinfo=UTC) if month else None,
        highlights=tuple(Highlight(id=f"{name}-{quote}", quote=quote) for quote in quotes),
    )


def listed(each: Item) -> ItemRow:
    summary = ItemSummary(
        id=each.id, group=each.group, added_at=each.added_at, title=each.title, url=each.url, sharer=each.sharer,
        shared_at=each.shared_at, tags=each.tags, highlights=tuple(each.highlights),  # type: ignore[arg-type]
    )  # fmt: skip
    return ItemRow(summary, "Encre & Papier")


def flowing(*items: Item) -> list[Passage]:
    return passages([listed(each) for each in items], lambda _: items)


def unread(row: ItemRow) -> ReadingState:
    return ReadingState(item=row.key)


def labels(found: list[Passage], grouping: Grouping) -> list[tuple[str, list[str]]]:
    return [
        (section.label, [each.highlight.quote for each in section.passages]) for section in arranged(found, grouping)
    ]


def test_highlights_are_in_list_order_and_numbered_within_their_item() -> None:
    found = flowing(item("b", "one", "two"), item("empty"), item("a", "three"))

    assert [(each.row.key, each.number, each.highlight.quote) for each in found] == [
        ("b", 1, "one"), ("b", 2, "two"), ("a", 1, "three"),
    ]  # fmt: skip


def test_group_without_highlights_is_not_read() -> None:
    def never(_: str) -> list[Item]:
        raise AssertionError("nothing to read here")

    assert passages([listed(item("empty"))], never) == []


def test_by_sharer_the_most_quoted_is_first_and_the_unknown_last() -> None:
    found = flowing(item("x", "1", "2", "3"), item("y", "4", sharer="Zoé"), item("z", "5", "6", sharer="Ann"))

    assert [label for label, _ in labels(found, Grouping.SHARER)] == ["Ann", "Zoé", "sharer unknown"]


def test_by_tag_a_highlight_is_under_each_tag_of_its_item() -> None:
    found = flowing(item("x", "one", tags=("encre", "papier")), item("y", "two", tags=("Papier",)), item("z", "three"))

    assert labels(found, Grouping.TAG) == [
        ("#papier", ["one", "two"]), ("#encre", ["one"]), ("untagged", ["three"]),
    ]  # fmt: skip


def test_by_date_months_are_newest_first_and_undated_highlights_last() -> None:
    found = flowing(item("x", "old", month=3), item("y", "never", month=0), item("z", "new", month=11))

    assert labels(found, Grouping.DATE) == [
        ("November 2026", ["new"]), ("March 2026", ["old"]), ("date unknown", ["never"]),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "quotes"),
    [
        ("", ["L’encre sèche", "Le papier boit"]),
        ("encre", ["L’encre sèche"]),
        ("quote:papier", ["Le papier boit"]),
        ("title:x", ["L’encre sèche", "Le papier boit"]),
        ("by:odette -boit", ["L’encre sèche"]),
        ("is:read", []),
        ("nowhere", []),
    ],
)
def test_filter_is_applied_to_each_highlight(asked: str, quotes: list[str]) -> None:
    found = flowing(item("x", "L’encre sèche", "Le papier boit", sharer="Odette"))

    assert [each.highlight.quote for each in matching(found, parse(asked), unread, now=NOW)] == quotes


def test_markdown_holds_exactly_what_is_shown() -> None:
    whole = item("x", "one", "two", sharer="Ann")
    shown = matching(flowing(whole), parse("two"), unread, now=NOW)

    by_item = as_text(arranged(shown, Grouping.ITEM), lambda _: whole, NOW, None)
    by_sharer = as_text(arranged(shown, Grouping.SHARER), lambda _: whole, NOW, None)

    assert by_item == "## [About x](https://example.org/x)\n\nShared by Ann, 1 November 2026\n\n> two\n"
    assert by_sharer == "## Ann\n\n> two\n\n— [About x](https://example.org/x), shared by Ann, 1 November 2026\n"


def test_template_output_has_each_highlight_once() -> None:
    whole = item("x", "one", tags=("encre", "papier"))
    sections = arranged(flowing(whole), Grouping.TAG)

    assert as_text(sections, lambda _: whole, NOW, template("{quote} ({group})")) == "one (Encre & Papier)\n"


def test_removed_item_leaves_the_rest_of_the_page() -> None:
    found = flowing(item("x", "one"), item("y", "two"))

    assert as_text(arranged(found, Grouping.SHARER), lambda _: None, NOW, None) == ""


def test_tag_filter_uses_the_item_tags_only_for_highlights_without_any() -> None:
    marks = (Highlight(id="1", quote="own", tags=("Élan",)), Highlight(id="2", quote="none"))
    found = flowing(replace(item("x", tags=("encre", "élan")), highlights=marks))

    def quotes(text: str) -> list[str]:
        return [each.highlight.quote for each in matching(found, parse(text), unread, now=NOW)]

    assert quotes("tag:elan") == ["own", "none"]
    assert quotes("#encre") == ["none"]
