"""Highlights, notes and comments of an item when a newer version arrives."""

from datetime import UTC, datetime
from time import process_time

import pytest

from florilege.model import Comment, Entry, Highlight, Item, ReadingState
from support.decisions import NOW, after, decided, entry, quoted, said, stored

LONG = "Le papier boit l'encre comme la terre boit l'eau, et la garde plus longtemps."
EDITED = "Le papier boit l'encre comme la terre boit l'eau, et la garde bien plus longtemps."
AGAIN = "Le papier boit l'encre comme la terre boit l'eau, et la garde longtemps."
OTHER = "Rien de commun avec ce qui précède."


def quotes(item: Item) -> list[str]:
    return [highlight.quote for highlight in item.highlights]


def the_item(*versions: Entry) -> Item:
    (item,) = after(*([version] for version in versions))
    return item


def read(item: Item) -> ReadingState:
    return ReadingState(item=item.id, read_at=NOW, seen=item.revision)


# Matching


def test_highlight_with_a_native_id_keeps_it_whatever_its_quote() -> None:
    item = the_item(entry(highlights=(quoted(LONG, id="h-1"),)), entry(highlights=(quoted(OTHER, id="h-1"),)))

    assert [(each.id, each.quote, each.revision) for each in item.highlights] == [("h-1", OTHER, 0)]


@pytest.mark.parametrize(
    "again",
    ["“Le papier boit.”", "Le  papier boit.", "LE PAPIER BOIT.", "Le papier\nboit."],
    ids=["quotation marks", "spaces", "case", "line break"],
)
def test_typographic_differences_do_not_make_another_highlight(again: str) -> None:
    first = entry(quotes=["Le papier boit."])
    item = the_item(first, entry(quotes=[again]))

    assert [(each.id, each.revision) for each in item.highlights] == [(first.highlights[0].id, 0)]


def test_nearly_equal_quote_is_an_edit_and_stays_seen() -> None:
    first = the_item(entry(quotes=[LONG]))
    (edited,) = stored([first], decided([first], entry(quotes=[EDITED]), read={first.id}))

    assert quotes(edited) == [EDITED]
    assert edited.highlights[0].id == first.highlights[0].id
    assert read(first).new_highlights(edited) == 0


@pytest.mark.parametrize(("known", "fresh"), [([LONG, AGAIN], [EDITED]), ([LONG], [EDITED, AGAIN])])
def test_edit_matches_the_closest_highlight_only(known: list[str], fresh: list[str]) -> None:
    first = the_item(entry(quotes=known))
    (later,) = stored([first], decided([first], entry(quotes=fresh)))

    assert quotes(later) == fresh
    assert [each.id for each in later.highlights if each.id in {each.id for each in first.highlights}] == [
        first.highlights[0].id
    ]


def test_edit_is_distinguished_from_an_addition() -> None:
    first = the_item(entry(quotes=[LONG]))
    (later,) = stored([first], decided([first], entry(quotes=[LONG, EDITED]), read={first.id}))

    assert [each.id == first.highlights[0].id for each in later.highlights] == [True, False]
    assert read(first).new_highlights(later) == 1


def test_different_native_ids_are_different_highlights_however_alike() -> None:
    first = the_item(entry(highlights=(quoted(LONG, id="h-1"),)))
    (later,) = stored([first], decided([first], entry(highlights=(quoted(EDITED, id="h-2"),)), read={first.id}))

    assert [each.id for each in later.highlights] == ["h-2"]
    assert read(first).new_highlights(later) == 1


def test_passage_highlighted_twice_stays_two_highlights() -> None:
    twice = (quoted(LONG, id="h-1", author="Odette"), quoted(LONG, id="h-2", author="Basile"))

    assert len(the_item(entry(highlights=twice), entry(highlights=twice)).highlights) == 2


def test_native_id_given_twice_becomes_two() -> None:
    twice = (quoted(LONG, id="h-1"), quoted(OTHER, id="h-1"))
    item = the_item(entry(highlights=twice))

    assert quotes(item) == [LONG, OTHER]
    assert len({each.id for each in item.highlights}) == 2
    assert decided([item], entry(highlights=twice)).items == ()


def test_highlights_are_in_the_order_of_the_newest_version() -> None:
    assert quotes(the_item(entry(quotes=[LONG, OTHER]), entry(quotes=[OTHER, LONG]))) == [OTHER, LONG]


def test_newer_version_adds_what_it_knows_and_erases_nothing() -> None:
    known = quoted(LONG, author="Odette", colour="yellow", comments=(said("Vrai"),))
    item = the_item(entry(highlights=(known,)), entry(highlights=(quoted(LONG, made_at=NOW),)))

    (kept,) = item.highlights
    assert (kept.author, kept.colour, kept.made_at, kept.comments) == ("Odette", "yellow", NOW, (said("Vrai"),))


# Dropping and keeping


def test_highlight_missing_from_a_complete_newer_version_is_dropped() -> None:
    assert quotes(the_item(entry(quotes=[LONG, OTHER]), entry(quotes=[OTHER]))) == [OTHER]


@pytest.mark.parametrize(
    "poorer",
    [
        entry(quotes=[OTHER], folded=1),
        entry(quotes=[OTHER], incomplete=True),
        entry(quotes=[OTHER], all_highlights=False),
        entry(quotes=[], all_highlights=False),
    ],
    ids=["folded", "cut", "poorer", "a feed that carries none"],
)
def test_highlight_missing_from_a_folded_cut_or_poorer_version_is_kept(poorer: Entry) -> None:
    assert quotes(the_item(entry(quotes=[LONG, OTHER]), poorer)) == [LONG, OTHER]


def test_kept_highlight_stays_beside_its_old_neighbour() -> None:
    item = the_item(entry(quotes=["Un.", "Deux.", "Trois."]), entry(quotes=["Zéro.", "Un.", "Trois."], folded=1))

    assert quotes(item) == ["Zéro.", "Un.", "Deux.", "Trois."]


def test_document_without_highlights_drops_none_when_several_items_had_some() -> None:
    pages = [entry(title, url=f"https://example.org/{title}", quotes=[title]) for title in ("Un", "Deux")]
    bare = [entry(title, url=f"https://example.org/{title}") for title in ("Un", "Deux")]

    assert [quotes(item) for item in after(pages, bare)] == [["Un"], ["Deux"]]


def test_notes_and_comments_follow_the_same_rule_including_replies() -> None:
    first = entry(notes=(said("Belle page"), said("À relire")), comments=(said("Oui", None, said("Non")),))
    complete = entry(notes=(said("Belle page"),), comments=(said("Oui"),))
    folded = entry(notes=(said("Belle page"),), comments=(said("Oui"),), folded=2)

    assert [note.text for note in the_item(first, complete).notes] == ["Belle page"]
    assert [note.text for note in the_item(first, folded).notes] == ["Belle page", "À relire"]
    assert the_item(first, folded).comments == (Comment(text="Oui", replies=(said("Non"),)),)


# New


def test_highlights_of_a_first_add_are_never_new() -> None:
    decision = decided([], entry(quotes=[LONG, OTHER]))

    assert decision.new_highlights == 0
    assert read(decision.items[0]).new_highlights(decision.items[0]) == 0


def test_highlights_added_to_a_read_item_are_new_until_seen() -> None:
    first = the_item(entry(quotes=[LONG]))
    decision = decided([first], entry(quotes=[LONG, OTHER]), read={first.id})
    (later,) = decision.items

    assert decision.new_highlights == 1
    assert [read(first).has_new(each) for each in later.highlights] == [False, True]
    assert read(later).new_highlights(later) == 0


def test_highlights_added_to_an_unread_item_are_not_new() -> None:
    first = the_item(entry(quotes=[LONG]))
    decision = decided([first], entry(quotes=[LONG, OTHER]))

    assert (decision.revised, decision.new_highlights) == (1, 0)
    assert ReadingState(item=first.id).new_highlights(decision.items[0]) == 0


def test_highlight_that_returns_after_a_poorer_version_is_not_new() -> None:
    first = the_item(entry(quotes=[LONG, OTHER]))
    item = the_item(entry(quotes=[LONG, OTHER]), entry(quotes=[OTHER], folded=1), entry(quotes=[LONG, OTHER]))

    assert read(first).new_highlights(item) == 0


# Older versions


def test_older_version_never_overwrites() -> None:
    recent, old = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
    first = entry("Titre corrigé", updated_at=recent, tags=("papier",), highlights=(quoted(EDITED, colour="blue"),))
    older = entry("Titre", updated_at=old, tags=("papyrus",), description="Pour jeudi", quotes=[LONG])
    item = the_item(first, older)

    assert (item.title, item.tags, item.updated_at) == ("Titre corrigé", ("papier",), recent)
    assert [(each.quote, each.colour) for each in item.highlights] == [(EDITED, "blue")]
    assert item.description == "Pour jeudi"


def test_older_version_drops_nothing() -> None:
    recent, old = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
    item = the_item(entry(updated_at=recent, quotes=[LONG, OTHER]), entry(updated_at=old, quotes=[OTHER]))

    assert quotes(item) == [LONG, OTHER]


def test_item_is_complete_once_a_complete_version_came() -> None:
    cut = entry(quotes=[LONG], folded=1, incomplete=True)
    whole = entry(quotes=[LONG, OTHER], folded=1)

    assert the_item(cut).incomplete
    assert not the_item(cut, whole).incomplete
    assert not the_item(whole, cut).incomplete


def test_unknown_highlight_is_taken_as_given() -> None:
    fresh = Highlight(id="h-9", quote=LONG, author="Ann", prefix="avant", suffix="après")

    assert the_item(entry(), entry(highlights=(fresh,))).highlights[0].prefix == "avant"


# Scale


def test_many_long_edited_highlights_are_matched_cheaply() -> None:
    quotes_ = [" ".join(f"{word}{number}" for word in ("encre", "papier", "gomme") * 12) for number in range(200)]
    before = the_item(entry(quotes=quotes_))
    start = process_time()

    edited = entry(quotes=[f"Note: {quote}" for quote in quotes_])
    (after_,) = stored([before], decided([before], edited))

    assert [each.id for each in after_.highlights] == [each.id for each in before.highlights]
    assert process_time() - start < 2


def test_many_highlights_of_one_id_are_cheap() -> None:
    same = [Highlight(id="a", quote=f"Phrase {number}.") for number in range(4000)]
    start = process_time()

    item = the_item(entry(highlights=tuple(same)))

    assert len({each.id for each in item.highlights}) == len(same)
    assert process_time() - start < 2


def test_edits_of_very_many_highlights_of_like_words_are_matched() -> None:
    quotes_ = [f"Encre et papier, marge numéro {number} du carnet." for number in range(1000)]
    before = the_item(entry(quotes=quotes_))
    start = process_time()

    (after_,) = stored([before], decided([before], entry(quotes=[f"{quote[:-1]} !" for quote in quotes_])))

    assert [each.id for each in after_.highlights] == [each.id for each in before.highlights]
    assert process_time() - start < 2
