"""Exports can be read by other programs, whatever strangers have written into them."""

import csv
import io
import json
import re
from dataclasses import replace
from html import unescape
from typing import Any

import defusedxml.ElementTree
import jsonschema
import msgspec
import pytest
import yaml
from bibtexparser.entrypoint import parse_string
from hypothesis import assume, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from florilege.export.annotations import COLUMNS
from florilege.export.citations import bibtex_entry
from florilege.export.feeds import NAMESPACE
from florilege.export.formats import FORMATS
from florilege.export.notes import note_text
from florilege.export.selection import Selection
from florilege.formats import detect, own
from florilege.lists.river import Grouping
from florilege.model import Entry, Highlight, Source
from florilege.quotes import markdown
from florilege.quotes.copying import markdown_links, quote_values
from florilege.text import clean, clean_line
from support.schemas import ANNOTATIONS, CSL, JSON_FEED
from support.selections import HOSTILE, NOW, SECRET, entry_of, group, hostile, item, rich, row, selection, selections

MEANINGFUL = {"html_block", "html_inline", "fence", "code_block", "code_inline", "hr", "image", "em_open"}
FORMATS_JSON = {"jsonfeed": JSON_FEED, "csl": CSL, "webannotation": ANNOTATIONS}


def written(name: str, what: Selection) -> str:
    return "".join(FORMATS[name].write(what))


@pytest.fixture(params=HOSTILE, ids=range(len(HOSTILE)))
def evil(request: pytest.FixtureRequest) -> Selection:
    return hostile(clean(request.param))  # as it would be in a library: cleaned when read


# JSON


@pytest.mark.parametrize("name", FORMATS_JSON)
def test_json_formats_conform_to_their_schemas(name: str) -> None:
    jsonschema.validate(json.loads(written(name, rich())), FORMATS_JSON[name])


@pytest.mark.parametrize("name", FORMATS_JSON)
def test_empty_json_exports_conform_to_their_schemas(name: str) -> None:
    jsonschema.validate(json.loads(written(name, selection(title=""))), FORMATS_JSON[name])


@pytest.mark.parametrize("name", FORMATS_JSON)
def test_json_formats_conform_to_their_schemas_whatever_they_hold(name: str, evil: Selection) -> None:
    jsonschema.validate(json.loads(written(name, evil)), FORMATS_JSON[name])


@given(what=selections())
def test_our_json_is_read_back_unchanged(what: Selection) -> None:
    (read,) = own.decode(written("json", what).encode()).groups
    assert list(read.items) == [row.item for row in what.rows]
    kept = {state.item: state for state in read.states}
    assert [kept.get(row.item.id, type(row.state)(item=row.item.id)) for row in what.rows] == [
        row.state for row in what.rows
    ]


@given(what=selections())
def test_json_feed_keeps_whole_entries(what: Selection) -> None:
    feed = json.loads(written("jsonfeed", what))
    entries = msgspec.convert([one["_florilege"]["entry"] for one in feed["items"]], list[Entry])
    assert entries == [entry_of(row.item) for row in what.rows]


def test_state_is_left_out_on_request() -> None:
    what = rich()
    home = Selection(what.rows, what.exported_at, with_state=False)
    assert [len(each.states) for each in own.decode(written("json", what).encode()).groups] == [1, 0]
    assert [each.states for each in own.decode(written("json", home).encode()).groups] == [(), ()]


def test_json_feed_has_source_and_shared_content() -> None:
    what = rich()
    feed = json.loads(written("jsonfeed", selection(*list(what.rows)[:1], title="Encre")))
    (one,) = feed["items"]
    assert feed["home_page_url"] == "https://example.org/encre"
    assert (one["external_url"], one["url"]) == ("https://example.org/marges", "https://example.org/talk/1")
    assert one["date_published"] == "2019-04-12T06:00:00Z"
    assert one["authors"] == [{"name": "Odette Plumier"}]
    assert "« La marge est un lieu. »" in one["content_text"]


def test_annotations_have_quote_page_and_people() -> None:
    first, second, note, tags = json.loads(written("webannotation", rich()))["first"]["items"]
    assert first["target"]["source"] == "https://example.org/marges"
    assert first["target"]["selector"] == [
        {
            "type": "TextQuoteSelector",
            "exact": "« La marge est un lieu. »",
            "prefix": "avant ",
            "suffix": " après",
        },
        {"type": "FragmentSelector", "value": "page=xii"},
    ]
    assert first["creator"] == {"type": "Person", "name": "Bob"}
    assert [(body["value"], body["purpose"]) for body in first["body"]] == [
        ("oui", "commenting"), ("non", "replying"), ("papier", "tagging"),
    ]  # fmt: skip
    assert "body" not in second
    assert {body["purpose"] for body in note["body"]} == {"commenting", "replying"}
    assert (tags["motivation"], tags["creator"]["name"]) == ("tagging", "Odette Plumier")
    assert [body["value"] for body in tags["body"]] == ["lecture"]
    assert second["creator"]["name"] == "Odette Plumier"
    assert (note["motivation"], note["body"][0]["value"]) == ("commenting", "Une note")


# CSV


def test_csv_columns_are_those_of_readwise() -> None:
    lines = list(csv.DictReader(io.StringIO(written("csv", rich()))))
    assert tuple(lines[0]) == COLUMNS == ("Highlight", "Title", "Author", "URL", "Note", "Location", "Date")
    assert [line["Highlight"] for line in lines] == ["« La marge est un lieu. »", "Deux\nparagraphes"]
    assert lines[0]["Note"] == "Ann: oui\nOdette: non"
    assert [line["Date"] for line in lines] == ["2019-04-12 09:00:00", "2019-04-12 08:00:00"]


def test_no_cell_is_a_formula(evil: Selection) -> None:
    cells = [cell for line in csv.reader(io.StringIO(written("csv", evil))) for cell in line]
    assert len(cells) == 2 * len(COLUMNS)
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []


@given(what=selections())
def test_csv_reader_reads_every_quote(what: Selection) -> None:
    lines = list(csv.DictReader(io.StringIO(written("csv", what), newline="")))
    quotes = [each.quote for row in what.rows for each in row.item.highlights]
    assert [re.sub("^'(?=[=+@\\t\\r-])", "", line["Highlight"]) for line in lines] == quotes


@given(what=selections())
def test_our_csv_can_be_added_with_every_quote(what: Selection) -> None:
    exported = written("csv", what).encode()
    quotes = sorted(" ".join(each.quote.split()) for row in what.rows for each in row.item.highlights)
    assume(quotes)
    entries = detect.read(exported).entries
    assert sorted(" ".join(each.quote.split()) for entry in entries for each in entry.highlights) == quotes


def test_our_csv_keeps_pages_dates_and_notes() -> None:
    (entry,) = detect.read(written("csv", rich()).encode()).entries
    known = next(iter(rich().rows)).item
    assert (entry.title, entry.url) == (known.title, known.url)
    dates = [each.made_at.isoformat() for each in entry.highlights if each.made_at]
    assert dates == ["2019-04-12T09:00:00", "2019-04-12T08:00:00"]
    assert [each.text for each in entry.highlights[0].comments] == ["Ann: oui\nOdette: non"]


# Front matter of notes


def test_front_matter_is_yaml_with_the_same_values(evil: Selection) -> None:
    one = next(iter(evil.rows))
    front = yaml.safe_load(note_text(one, "0" * 16, None, with_state=True).split("---\n")[1])
    assert front["title"] == clean_line(one.item.title) or not clean_line(one.item.title)
    assert front["group"] == clean_line(one.group.title)
    assert {type(value) for value in front["tags"]} <= {str}


# BibTeX


def parsed(text: str) -> Any:
    library = parse_string(text)
    assert library.failed_blocks == []
    return library


def test_bibtex_entry_holds_what_is_known() -> None:
    first, second = parsed(written("bibtex", rich())).entries
    assert first.entry_type == "online"
    assert first.key.startswith("lire-en-marge-")
    assert first["url"] == "https://example.org/marges"
    assert first["urldate"] == "2019-04-12"
    assert first["keywords"] == "lecture, papier"
    assert first["annotation"] == r"« La marge est un lieu. » (p. xii) \par Deux \par paragraphes"
    assert first["note"] == r"Shared by Odette Plumier in Encre \& Papier."
    assert "author" not in first.fields_dict
    assert second["title"] == "{(without title)}"


def test_no_field_breaks_out_of_its_bibtex_entry(evil: Selection) -> None:
    library = parsed(written("bibtex", evil))
    assert len(library.entries) == 1
    assert (library.strings, library.preambles, library.comments) == ([], [], [])
    (one,) = library.entries
    assert re.fullmatch(r"[\w-]+", one.key)
    assert not re.search(r"\\(?!textbackslash|textbrace|textascii|textquotedbl|symbol|par |[#$%&_])", str(one["title"]))


def test_bibtex_keys_are_unique_despite_equal_titles() -> None:
    keys = [each.key for each in parsed(written("bibtex", selection(row(item("a")), row(item("b"))))).entries]
    assert len(set(keys)) == 2


@given(what=selections())
def test_every_item_is_one_bibtex_entry(what: Selection) -> None:
    assert len(parsed(written("bibtex", what)).entries) == len(list(what.rows))


# OPML


def outlines(text: str) -> list[dict[str, str]]:
    return [dict(each.attrib) for each in defusedxml.ElementTree.fromstring(text).iter("outline")]


def test_opml_keeps_titles_tags_and_addresses_without_secrets() -> None:
    assert outlines(written("opml", rich())) == [
        {"text": "Encre & Papier", "title": "Encre & Papier", "htmlUrl": "https://example.org/encre",
         "category": "papier,a  b", f"{{{NAMESPACE}}}tags": '["papier", "a, b"]'},
        {"text": "Open science", "title": "Open science", "type": "rss", "xmlUrl": "https://example.org/feed"},
    ]  # fmt: skip


def test_secrets_are_exported_on_request() -> None:
    what = rich()
    asked = Selection(what.rows, what.exported_at, with_secrets=True, groups=what.groups)
    assert outlines(written("opml", asked))[0]["xmlUrl"] == SECRET
    assert own.decode(written("json", asked).encode()).groups[0].sources[0].address == SECRET


@pytest.mark.parametrize("name", FORMATS)
def test_no_format_reveals_a_secret_unasked(name: str) -> None:
    assert "0123456789abcdef0123456789abcdef" not in written(name, rich())


def test_source_is_exported_without_validators() -> None:
    where = group(sources=(Source(address="https://example.org/rss", kind="rss", etag="W/1", body_hash="x"),))
    (read,) = own.decode(written("json", selection(groups=[where])).encode()).groups
    assert read.sources == (own.OwnSource("https://example.org/rss", "rss"),)
    assert "W/1" not in written("json", selection(groups=[where]))


def test_local_file_paths_are_not_exported() -> None:
    where = group(sources=(Source(address="/home/ann/feed.rss"),))
    assert outlines(written("opml", selection(groups=[where]))) == [
        {"text": "Encre & Papier", "title": "Encre & Papier"}
    ]


def test_opml_outline_cannot_be_broken_up(evil: Selection) -> None:
    (one,) = outlines(written("opml", evil))
    assert set(one) <= {"text", "title", "htmlUrl", "category", f"{{{NAMESPACE}}}tags"}


# Markdown


def shown(text: str) -> str:
    """The text that a reader of the Markdown sees."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", MarkdownIt("commonmark", {"html": False}).render(text))).split())


def tokens(text: str) -> list[str]:
    found = []
    for token in MarkdownIt("commonmark").parse(text):
        found.append(token.type)
        found += [child.type for child in token.children or ()]
    return found


def test_markdown_shows_titles_quotes_and_authors() -> None:
    text = written("markdown", rich())
    rendered = MarkdownIt("commonmark").render(text)
    assert '<h2><a href="https://example.org/marges">Lire en marge</a></h2>' in rendered
    assert "<blockquote>\n<p>« La marge est un lieu. »</p>\n<p>— Bob, p. xii</p>\n</blockquote>" in rendered
    assert "<blockquote>\n<p>Deux</p>\n<p>paragraphes</p>\n</blockquote>" in rendered
    assert "Shared by Odette Plumier, 12 April 2019, in Encre &amp; Papier" in rendered
    assert "<h2>(without title)</h2>" in rendered


def test_markdown_shows_text_literally(evil: Selection) -> None:
    text = written("markdown", evil)
    found = tokens(text)
    assert not MEANINGFUL & set(found)
    assert found.count("heading_open") == 2
    assert "javascript:" not in re.findall(r'href="([a-z]*:)', MarkdownIt("commonmark").render(text))
    word = " ".join(next(iter(evil.rows)).item.highlights[0].quote.split())
    assert word in shown(text)


@pytest.mark.parametrize("grouping", [Grouping.SHARER, Grouping.TAG, Grouping.DATE])
def test_markdown_of_quotes_shows_text_literally(evil: Selection, grouping: Grouping) -> None:
    text = written("markdown", replace(evil, grouping=grouping))
    assert not MEANINGFUL & set(tokens(text))
    assert tokens(text).count("heading_open") == 2
    assert " ".join(next(iter(evil.rows)).item.highlights[0].quote.split()) in shown(text)


@given(what=selections(), grouping=st.sampled_from(Grouping))
def test_every_quote_is_shown_exactly(what: Selection, grouping: Grouping) -> None:
    seen = shown(written("markdown", replace(what, grouping=grouping)))
    for each in (each for one in what.rows for each in one.item.highlights):
        assert " ".join(each.quote.split()) in seen


def test_forbidden_address_is_no_link() -> None:
    text = written("markdown", selection(row(item(url="javascript:alert(1)"))))
    assert "link_open" not in tokens(text)


# What is copied


def test_copied_markdown_is_literal_too(evil: Selection) -> None:
    one = next(iter(evil.rows)).item
    (highlight,) = one.highlights
    for text in (markdown.quote(one, highlight, NOW), markdown.all_quotes(one, NOW), markdown_links([one])):
        assert not MEANINGFUL & set(tokens(text))
        assert set(re.findall(r'href="([a-z]*:)', MarkdownIt("commonmark").render(text))) <= {"https:"}
    assert " ".join(highlight.quote.split()) in shown(markdown.quote(one, highlight, NOW))


def test_copied_bibtex_is_a_single_entry(evil: Selection) -> None:
    one = next(iter(evil.rows)).item
    assert len(parsed(bibtex_entry(one, "Encre")).entries) == 1


def test_template_fills_in_no_forbidden_address(evil: Selection) -> None:
    one = next(iter(evil.rows)).item
    known = quote_values(msgspec.structs.replace(one, url=one.title), one.highlights[0], "Encre")
    assert {known["url"], known["passage"]} == {""}


# What a format can't hold


def test_what_a_format_cannot_hold_is_reported() -> None:
    what = selection(row(item(highlights=(Highlight(id="1", quote="q"),))), row(item("00000000000000b2")))
    written("csv", what)

    assert FORMATS["csv"].written(what, "q.csv") == (
        "1 highlight of 1 item written to q.csv; 1 item has none and is not in it"
    )
