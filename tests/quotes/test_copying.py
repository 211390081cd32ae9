"""Highlights formatted by the reader's template."""

from florilege.model import Comment, Highlight, ReadingState
from florilege.quotes.copying import item_values, plain_quote, quote_text, quote_values, quotes_text
from florilege.quotes.passages import passage_link
from florilege.quotes.templates import ITEM_FIELDS, QUOTE_FIELDS, template
from support.selections import NOW, item, rich

FULL = next(iter(rich().rows)).item


def test_every_documented_field_has_a_value() -> None:
    assert set(quote_values(FULL, FULL.highlights[0], "Encre")) == set(QUOTE_FIELDS)
    assert set(item_values(FULL, ReadingState(item=FULL.id), "Encre")) == set(ITEM_FIELDS)


def test_known_fields_are_filled_in() -> None:
    known = quote_values(FULL, FULL.highlights[0], "Encre")
    assert (known["sharer"], known["author"], known["date"]) == ("Odette Plumier", "Bob", "2019-04-12")
    assert (known["tags"], known["note"]) == ("papier", "oui\nnon")
    assert (known["location"], known["page"]) == ("p. xii", "xii")
    assert known["passage"].startswith("https://example.org/marges#:~:text=")


def test_unknown_fields_are_empty() -> None:
    bare = item(title="", url=None)
    known = quote_values(bare, Highlight(id="1", quote="q"), "Encre")
    assert {name for name, value in known.items() if value} == {"quote", "group"}
    assert passage_link(bare, Highlight(id="1", quote="q")) is None


def test_note_on_the_page_stands_in_for_a_missing_comment() -> None:
    noted = item(notes=(Comment("sur la page"),))
    assert quote_values(noted, Highlight(id="1", quote="q"), "")["note"] == "sur la page"


def test_hostile_words_stay_words() -> None:
    evil = Highlight(id="1", quote="{title.__class__} {0}")
    assert quote_text(item(), evil, "", now=NOW, template=template("“{quote}”")) == "“{title.__class__} {0}”"


def test_template_applies_to_every_copied_highlight() -> None:
    mine = template("{quote}: {group} {page}\n")
    assert quotes_text([(FULL, "Encre"), (item(), "Papier")], now=NOW, template=mine) == (
        "« La marge est un lieu. »: Encre xii\n\nDeux\nparagraphes: Encre \n"
    )


def test_highlight_has_its_own_tags_or_those_of_the_item_not_from_other_highlights() -> None:
    first, second = FULL.highlights
    assert (quote_values(FULL, first, "")["tags"], quote_values(FULL, second, "")["tags"]) == ("papier", "lecture")


def test_forbidden_address_is_not_filled_in() -> None:
    known = quote_values(item(url="javascript:alert(1)"), Highlight(id="1", quote="q"), "")
    assert (known["url"], known["passage"]) == ("", "")


def test_plain_quote_has_no_markup_and_no_empty_source() -> None:
    bare = item(title="", url=None)
    assert plain_quote(bare, Highlight(id="1", quote="*q*"), "") == "*q*\n\n— (without title)\n"
