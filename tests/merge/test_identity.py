"""Identity: which entries are one item, within a document and from one document to the next."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from florilege.model import Entry, Sharer
from support.decisions import BASILE, LINK, ODETTE, after, decided, entry, quoted, said, stored

DAY = datetime(2019, 4, 12, tzinfo=UTC)

# Across documents: the rules in their order


@pytest.mark.parametrize(
    "newer",
    [
        entry("Les marges, revues", native_id="1"),
        entry(native_id="1", sharer=BASILE),
        entry(native_id="1", shared_at=DAY),
        entry("Tout autre", native_id="1", sharer=None, tags=("papier",)),
    ],
    ids=["another title", "another sharer", "another date", "all but the link"],
)
def test_same_native_id_and_link_are_the_same_item(newer: Entry) -> None:
    (item,) = after([entry(native_id="1")], [newer])

    assert item.title == newer.title


@pytest.mark.parametrize(
    "newer",
    [
        entry(native_id="2"),
        entry(native_id=None),
        entry("Un autre titre", native_id="2", shared_at=DAY),
        entry(native_id="2", url="https://EXAMPLE.org:443/marges"),
    ],
    ids=["another id", "no id", "another id, title and date", "another spelling of the link"],
)
def test_same_link_and_sharer_are_the_same_item(newer: Entry) -> None:
    assert len(after([entry(native_id="1")], [newer])) == 1


def test_same_link_by_two_sharers_is_two_items() -> None:
    assert len(after([entry(sharer=ODETTE)], [entry(sharer=BASILE)])) == 2


def test_same_link_without_sharers_is_the_same_item() -> None:
    assert len(after([entry("Un titre", sharer=None)], [entry("Un autre", sharer=None)])) == 1


def test_name_identifies_a_sharer_whose_handle_one_side_lacks() -> None:
    (item,) = after([entry(sharer=Sharer(name="Odette Plumier"))], [entry(sharer=ODETTE)])

    assert item.sharer == ODETTE


def test_different_handles_are_different_sharers_despite_equal_names() -> None:
    namesake = Sharer(name="Odette Plumier", handle="odette_2")

    assert len(after([entry(sharer=ODETTE)], [entry(sharer=namesake)])) == 2


def test_link_and_sharer_repeated_in_the_document_match_nothing() -> None:
    known = after([entry(native_id="1")])

    items = stored(known, decided(known, entry("Deux", native_id="2"), entry("Trois", native_id="3")))

    assert sorted(item.title for item in items) == ["Deux", "Marges", "Trois"]


def test_link_and_sharer_repeated_among_known_items_match_nothing() -> None:
    known = after([entry("Un", native_id="1"), entry("Deux", native_id="2")])

    items = stored(known, decided(known, entry("Trois", native_id="3")))

    assert sorted(item.title for item in items) == ["Deux", "Trois", "Un"]


def test_page_saved_as_text_matches_its_feed_by_title_and_sharer() -> None:
    saved = entry(url=None, sharer=Sharer(name="Odette Plumier"), quotes=["Une phrase."])
    (item,) = after([saved], [entry(native_id="1", sharer=ODETTE, all_highlights=False)])

    assert (item.url, item.native_id, [each.quote for each in item.highlights]) == (LINK, "1", ["Une phrase."])


def test_feed_matches_the_page_saved_as_text() -> None:
    saved = entry(url=None, sharer=Sharer(name="Odette Plumier"), quotes=["Une phrase."])
    (item,) = after([entry(native_id="1", sharer=ODETTE, all_highlights=False)], [saved])

    assert (item.url, [each.quote for each in item.highlights]) == (LINK, ["Une phrase."])


def test_title_and_sharer_do_not_match_two_different_links() -> None:
    assert len(after([entry(url="https://example.org/1")], [entry(url="https://example.org/2")])) == 2


def test_title_and_sharer_of_several_items_match_nothing() -> None:
    known = after([entry(url="https://example.org/1"), entry(url="https://example.org/2")])

    assert len(stored(known, decided(known, entry(url=None, quotes=["Une phrase."])))) == 3
    assert len(stored(known, decided(known, entry(url=None)))) == 2, "it says nothing that is not known"


def test_title_alone_matches_nothing() -> None:
    assert len(after([entry(sharer=None)], [entry(sharer=None, url=None)])) == 2


def test_entry_without_id_link_and_sharer_is_identified_by_content() -> None:
    page = entry(url=None, sharer=None, quotes=["Une phrase."], notes=(said("Belle"),))

    assert len(after([page], [page])) == 1


def test_one_id_on_two_links_is_two_items() -> None:
    pages = [entry(native_id="1", url="https://example.org/1"), entry(native_id="1", url="https://example.org/2")]

    assert len(after(pages)) == 2
    assert len(after(pages, pages)) == 2
    assert len(after(pages[:1], pages)) == 2


def test_item_matches_one_entry_only() -> None:
    known = after([entry(native_id="1")])

    decision = decided(known, entry(native_id="1"), entry("Une autre", native_id="2"))

    assert decision.added == 1
    assert len(stored(known, decision)) == 2


def test_unique_id_is_the_item_whatever_its_link_says_now() -> None:
    first = [entry("Un", native_id="1", url="https://old.example/1"), entry(native_id="2", url="https://old.example/2")]
    moved = [entry("Un", native_id="1", url="https://new.example/1"), entry("Tout", native_id="2", url="https://n.e/")]

    assert [item.title for item in after(first, moved)] == ["Un", "Tout"]


def test_id_repeated_on_several_links_needs_the_link_too() -> None:
    first = [entry("Un", native_id="1", url="https://example.org/1")]
    later = [entry("Un", native_id="1", url="https://example.org/2"), entry("Un", native_id="1", url="https://e.org/3")]

    assert len(after(first, later)) == 3


def test_renewed_ids_under_the_same_link_and_title_are_the_same_items() -> None:
    titles = ["Un", "Deux", "Trois"]
    documents = [[entry(title, native_id=f"{turn}-{title}") for title in titles] for turn in range(3)]

    assert [item.native_id for item in after(*documents)] == ["2-Un", "2-Deux", "2-Trois"]


def test_link_to_a_whole_site_is_not_enough_where_id_and_title_differ() -> None:
    first, second = (entry(title, native_id=title, url="https://example.org/") for title in ("Lundi", "Mardi"))

    assert len(after([first], [second])) == 2


def test_ids_that_only_number_the_entries_move_no_mark() -> None:
    pages = {name: entry(name, url=f"https://example.org/{name}") for name in "abc"}
    first = [replace(pages[name], native_id=str(place)) for place, name in enumerate("ab")]
    later = [replace(pages[name], native_id=str(place)) for place, name in enumerate("cab")]

    assert [item.title for item in after(first, later)] == ["a", "b", "c"]


@pytest.mark.parametrize("native_id", [None, "day"], ids=["no id", "an id a day"])
def test_later_alert_of_the_same_title_and_link_is_another_item(native_id: str | None) -> None:
    def alert(day: int, text: str) -> Entry:
        own = native_id and f"{native_id} {day}"
        return entry("Alerte", sharer=None, native_id=own, shared_at=DAY.replace(day=day), body=text)

    known = after([alert(1, "vent"), alert(2, "pluie"), alert(3, "neige")], [alert(4, "grêle"), alert(3, "neige")])

    assert [item.body for item in known] == ["vent", "pluie", "neige", "grêle"]
    assert len(after([alert(1, "vent")], [alert(2, "pluie")])) == 2
    assert len(after([alert(1, "vent")], [alert(2, "vent")])) == 1, "a new date alone is no new alert"


def test_fragments_of_one_page_are_separate_items_where_a_document_has_several() -> None:
    places = [entry(url=f"{LINK}#{place}") for place in ("encre", "papier")]

    assert len(after(places, places)) == 2
    assert len(after([*places, entry()])) == 3
    assert len(after([entry()], [entry(url=f"{LINK}#comments")])) == 1


@pytest.mark.parametrize("extra", ["at_medium=RSS&at_campaign=x", "utm_source=a", "fbclid=1&gclid=2", "mc_cid=1"])
def test_referral_parameters_make_no_other_link(extra: str) -> None:
    assert len(after([entry(sharer=None)], [entry("Autre titre", sharer=None, url=f"{LINK}?{extra}")])) == 1


@pytest.mark.parametrize(
    ("before", "newer", "expected"),
    [
        (Sharer("Ann", "ann"), Sharer("Bob"), Sharer("Bob")),
        (Sharer("Ann", "ann"), Sharer("Ann"), Sharer("Ann", "ann")),
        (Sharer("Ann"), Sharer("Anne", "ann"), Sharer("Anne", "ann")),
        (Sharer("Ann"), Sharer(handle="bob"), Sharer(handle="bob")),
        (Sharer("Ann", "ann"), None, Sharer("Ann", "ann")),
    ],
)
def test_sharer_is_never_combined_from_two(before: Sharer, newer: Sharer | None, expected: Sharer) -> None:
    (item,) = after([entry(native_id="1", sharer=before)], [entry(native_id="1", sharer=newer)])

    assert item.sharer == expected


# Within one document


def test_different_ids_are_different_items_though_all_else_is_equal() -> None:
    assert len(after([entry(native_id="1"), entry(native_id="2")])) == 2


def test_entries_without_ids_and_with_different_titles_are_different() -> None:
    assert len(after([entry("Un"), entry("Deux")])) == 2


def test_repeated_entry_is_one_item_with_the_facts_of_both() -> None:
    first = entry(native_id="1", tags=("papier",), description="Pour jeudi", quotes=["Une phrase."])
    again = entry(native_id="1", tags=("encre",), description="Relu", quotes=["Une autre phrase."], notes=(said("n"),))
    (item,) = after([first, again])

    assert (item.tags, item.description, item.notes) == (("papier", "encre"), "Pour jeudi\n\nRelu", (said("n"),))
    assert {each.quote for each in item.highlights} == {"Une phrase.", "Une autre phrase."}
    assert decided([item], first, again).items == ()


def test_entries_of_one_link_and_title_with_different_content_are_different() -> None:
    first, second = entry(body="Le papier boit."), entry(body="L'encre sèche.")

    assert [item.body for item in after([first, second])] == [first.body, second.body]
    assert decided(after([first, second]), second, first).items == ()


def test_entry_with_and_without_its_link_is_one_item_if_nothing_else_differs() -> None:
    (item,) = after([entry(native_id="1", url=None, sharer=None), entry("", native_id="1")])

    assert (item.title, item.url, item.sharer) == ("Marges", LINK, ODETTE)


@pytest.mark.parametrize("turned", [False, True])
def test_undated_entries_without_ids_are_told_apart_by_content_where_link_and_title_are_shared(turned: bool) -> None:
    texts = ["vent", "pluie", "neige", "grêle"]
    first, later = ([entry("Alerte", sharer=None, body=text) for text in each] for each in (texts[:3], texts[1:]))

    known = after(first, later[::-1] if turned else later)

    assert [item.body for item in known] == texts


@pytest.mark.parametrize("by_link", [False, True], ids=["no ids", "links for ids"])
def test_moved_site_keeps_its_items_without_stable_ids(by_link: bool) -> None:
    def at(host: str) -> list[Entry]:
        links = {title: f"https://{host}/{title}" for title in ("un", "deux")}
        return [
            entry(title, url=link, native_id=link if by_link else None, shared_at=DAY, body=f"Le {title}")
            for title, link in links.items()
        ]

    assert [item.url for item in after(at("old.example"), at("new.example"))] == [
        "https://new.example/un", "https://new.example/deux",
    ]  # fmt: skip


@pytest.mark.parametrize("first", [True, False])
def test_item_listed_as_starred_and_elsewhere_is_starred(first: bool) -> None:
    decision = decided([], entry(was_starred=first), entry(was_starred=not first))

    assert (decision.added, len(decision.starred)) == (1, 1)


def test_scattered_statements_about_one_page_are_one_item() -> None:
    pieces = [entry(sharer=None), entry(), entry(native_id="1", sharer=None), entry("", tags=("papier",))]

    (item,) = after(pieces)

    assert (item.native_id, item.sharer, item.tags) == ("1", ODETTE, ("papier",))


def test_page_named_with_and_without_id_and_sharer_is_matched_at_once() -> None:
    other = "https://example.org/2"
    first = [entry("", sharer=None), entry("", sharer=None), entry("Un"), entry("", native_id="1", url=other)]
    second = [entry("", sharer=None), entry(""), entry("", native_id="1", sharer=None)]

    assert decided(after(first, second), *second).items == ()


def test_entries_without_any_identity_are_different_when_their_content_is() -> None:
    pages = [entry("", url=None, sharer=None, quotes=[quote]) for quote in ("Une phrase.", "Une tout autre.")]

    assert len(after(pages, pages)) == 2


# Stability


def test_item_keeps_its_id_place_and_arrival_whatever_changes() -> None:
    first = after([entry("Un", native_id="0", url="https://example.org/0"), entry(native_id="1", shared_at=DAY)])
    newer = entry("Tout autre titre", native_id="9", shared_at=DAY.replace(year=2020))
    later = stored(first, decided(first, newer))

    before, now = first[1], later[1]
    assert (now.id, now.group, now.order, now.added_at) == (before.id, before.group, before.order, before.added_at)
    assert (now.title, now.shared_at, now.native_id) == ("Tout autre titre", newer.shared_at, "9")


def test_ids_are_unique_even_from_equal_input() -> None:
    known = after([entry(native_id="1")])
    # The link of the known item changed meanwhile, so a new item would get its old id.
    known = [replace(known[0], url="https://example.org/moved", native_id="0")]

    items = stored(known, decided(known, entry(native_id="1")))

    assert len({item.id for item in items}) == len(items) == 2


def test_same_document_gives_the_same_ids_in_any_library() -> None:
    entries = [entry("Un", native_id="1"), entry("Deux", url=None, highlights=(quoted("Une phrase."),))]

    assert [item.id for item in after(entries)] == [item.id for item in after(entries)]


def test_link_alone_identifies_an_entry_without_sharer_when_shared_once() -> None:
    (item,) = after([entry()], [entry("Another title", sharer=None, incomplete=True)], [entry()])

    assert item.sharer == ODETTE
    assert len(after([entry(), entry(sharer=BASILE)], [entry("Another title", sharer=None)])) == 3
