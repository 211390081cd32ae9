"""Bookmark and highlight files: how formats are told apart, and what is kept of each."""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florilege.export.annotations import readwise_csv
from florilege.export.citations import csl
from florilege.export.feeds import own_json
from florilege.formats import Snapshot, SourceError, detect
from florilege.model import Comment, Entry, Highlight
from florilege.text import tag_key
from support.selections import item, row, selection
from support.snapshots import sample


def read(text: str) -> Snapshot:
    return detect.read(text.encode())


def read_json(value: object) -> Snapshot:
    return read(json.dumps(value))


def only_entry(snapshot: Snapshot) -> Entry:
    (entry,) = snapshot.entries
    return entry


# What tells formats


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ({"bookmarks": [{"createdAt": 1, "title": "T", "content": {"url": "https://e.org"}}]}, "karakeep"),
        ({"bookmarks": [{"title": "T", "url": "https://e.org"}]}, "bookmark-list"),
        ([{"href": "https://e.org", "description": "T", "extended": "", "time": ""}], "pinboard"),
        ([{"href": "https://e.org", "title": "T", "description": "D"}], "bookmark-list"),
        ([{"url": "https://e.org", "title": "T", "desc": "", "annotations": []}], "diigo-json"),
        ([{"url": "https://e.org", "title": "T", "annotations": [], "is_archived": 0, "is_starred": 0}], "wallabag"),
        ([{"url": "https://e.org", "title": "T", "is_archived": False, "is_marked": False}], "bookmark-list"),
        ({"results": [{"id": "a", "category": "article", "parent_id": None, "title": "T"}]}, "readwise-reader"),
        ({"results": [{"user_book_id": 1, "title": "T", "category": "articles"}], "nextPageCursor": None}, "readwise"),
        ({"annotations": [{"uri": "https://e.org", "user": "acct:ann@hypothes.is", "text": "x"}]}, "hypothesis"),
        ({"annotations": [{"type": "Annotation", "target": "https://e.org", "bodyValue": "x"}]}, "web-annotation"),
        ({"posts": [{"href": "https://e.org", "description": "T", "extended": "", "time": ""}]}, "pinboard"),
        ({"bookmarks": [{"url": "https://e.org", "title": "T", "desc": "", "annotations": []}]}, "diigo-json"),
        ({"data": {"bookmarks": [{"url": "https://e.org", "title": "T", "desc": ""}]}}, "diigo-json"),
        ({"data": {"annotations": [{"type": "Annotation", "target": "https://e.org"}]}}, "web-annotation"),
        ({"links": [{"Title": "T", "URL": "https://e.org"}]}, "bookmark-list"),
        ({"title": "T", "url": "https://e.org", "desc": "", "annotations": [{"content": "Q"}]}, "diigo-json"),
        ({"items": [{"itemType": "webpage", "title": "T", "url": "https://e.org"}]}, "zotero"),
    ],
)  # fmt: skip
def test_format_is_recognised_by_its_own_marks(value: object, kind: str) -> None:
    assert read_json(value).kind == kind


def test_list_inside_an_object_is_read_as_the_list_itself() -> None:
    items = [{"url": "https://e.org", "title": "T", "desc": "D", "annotations": [{"content": "Q"}]}]
    assert read_json({"user": "m", "bookmarks": items}).entries == read_json(items).entries


@pytest.mark.parametrize(
    "value",
    [
        [{"name": "a repository", "url": "https://e.org"}],
        [{"title": "a song", "url": "song.ogg"}],
        {"annotations": [{"label": "a cat", "box": [1, 2, 3, 4]}]},
        {"bookmarks": {"title": "T"}},
        {"items": [{"id": 1, "title": "a task"}]},
    ],
)
def test_unknown_json_is_refused(value: object) -> None:
    with pytest.raises(SourceError, match="a JSON document of another kind"):
        read_json(value)


def test_false_in_place_of_a_text_is_nothing() -> None:
    snapshot = read_json([{"href": "https://e.org", "description": False, "extended": "D", "time": ""}])
    assert (only_entry(snapshot).description, snapshot.warnings) == ("D", ())


def test_seconds_may_have_decimals() -> None:
    page = '<!DOCTYPE NETSCAPE-Bookmark-file-1><DL><DT><A HREF="https://e.org" ADD_DATE="1620123072.5">T</A></DL>'
    assert str(only_entry(read(page)).shared_at) == "2021-05-04 10:11:12.500000+00:00"


def test_every_folder_and_description_of_browsers_like_chrome_is_read() -> None:
    def folder(name: str, **facts: object) -> dict[str, object]:
        leaf = {"type": "url", "name": name, "url": f"https://e.org/{name}", **facts}
        return {"type": "folder", "name": name, "children": [leaf]}

    bar = folder("bar", meta_info={"Description": "remark"})
    opera = {"unsorted": folder("unsorted"), "trash": folder("gone")}
    snapshot = read_json({"roots": {"bookmark_bar": bar, "custom_root": opera, "trash": folder("gone")}})
    assert [(each.title, each.description) for each in snapshot.entries] == [("bar", "remark"), ("unsorted", None)]


def test_page_marked_in_koreader_is_no_highlight() -> None:
    marks = [{"sort": "highlight", "text": "Quote"}, {"sort": "bookmark", "text": "in Chapter 1"}]
    snapshot = read_json({"created_on": 1, "title": "T", "entries": marks})
    assert [each.quote for each in only_entry(snapshot).highlights] == ["Quote"]


def test_zotero_rdf_is_refused_with_what_to_export_instead() -> None:
    with pytest.raises(SourceError, match=r"Zotero's RDF export.*export the items as CSV or CSL JSON"):
        detect.read(sample("zotero.rdf"))


# Annotations without known fields


def test_annotation_without_known_fields_is_a_warning() -> None:
    bookmark = {
        "url": "https://e.org",
        "title": "T",
        "desc": "",
        "annotations": [{"quote": "lost"}, {"content": "kept"}],
    }
    snapshot = read_json([bookmark])
    assert [each.quote for each in only_entry(snapshot).highlights] == ["kept"]
    assert only_entry(snapshot).incomplete
    assert snapshot.warnings == ("Bookmark 1 “T”: 1 field could not be read (annotations).",)


def test_annotation_with_an_unknown_body_is_a_warning() -> None:
    known = {"type": "Annotation", "target": "https://e.org", "bodyValue": "x"}
    snapshot = read_json([known, {"type": "Annotation", "target": "https://e.org", "thoughts": "lost"}])
    assert snapshot.warnings == ("Annotation 2 holds no passage, words or tags that florilege knows.",)


# Tables


def test_table_columns_are_recognised_in_any_order_and_spelling() -> None:
    entry = only_entry(read("Tags;dateAdded;Link;Page Title\nink|slow paper;2021-05-04;https://e.org;How ink dries\n"))
    assert (entry.title, entry.url, entry.tags) == ("How ink dries", "https://e.org", ("ink", "slow paper"))
    assert entry.shared_at is not None


def test_unknown_table_columns_are_reported() -> None:
    snapshot = read("id,title,url,author,rating\n1,T,https://e.org,Mina,5\n")
    assert snapshot.warnings == ("Left out, for florilege knows no such facts: author, rating.",)
    snapshot = read("Sub-folder,Title,Url,Highlight,Note\nS,T,https://e.org,One,\n")
    assert snapshot.warnings == ("Left out, for florilege knows no such facts: sub-folder.",)


def test_highlight_rows_are_grouped_by_page_and_keep_their_own_tags() -> None:
    snapshot = read(
        "quote,title,url,tags,note,page\n"
        "One,T,https://e.org,ink,mine,xii\nOther,U,https://e.org/u,,,\nTwo,T,https://e.org,paper,,13\n"
    )
    first, second = snapshot.entries
    assert [(each.quote, each.tags, each.location) for each in first.highlights] == [
        ("One", ("ink",), "p. xii"), ("Two", ("paper",), "p. 13"),
    ]  # fmt: skip
    assert first.highlights[0].comments == (Comment(text="mine"),)
    assert first.tags == ("ink", "paper")
    assert [each.quote for each in second.highlights] == ["Other"]


def test_highlights_of_books_with_the_same_title_stay_with_their_author() -> None:
    snapshot = read("Highlight,Title,Author\nOne,Poems,Ann\nTwo,Poems,Bob\nThree,Poems,Ann\n")
    found = [(each.native_id, [one.quote for one in each.highlights]) for each in snapshot.entries]
    assert found == [("Poems (Ann)", ["One", "Three"]), ("Poems (Bob)", ["Two"])]


def test_object_may_hold_highlights_of_its_page() -> None:
    marks = [{"text": "One", "note": "true", "tags": ["own"]}, "Two", {"comment": "on the page"}, {"from": 1}]
    snapshot = read_json([{"title": "T", "url": "https://e.org", "Highlights": marks}])
    entry = only_entry(snapshot)
    found = [(each.quote, [said.text for said in each.comments], each.tags) for each in entry.highlights]
    assert found == [("One", ["true"], ("own",)), ("Two", [], ())]
    assert [note.text for note in entry.notes] == ["on the page"]
    assert snapshot.warnings == ("Bookmark 1 “T”: 1 field could not be read (Highlights).",)


def test_highlight_rows_keep_author_and_comment() -> None:
    (entry,) = read(
        "url,title,annotator,quote,comment,note\nhttps://e.org,T,Mina,One,true,\nhttps://e.org,T,Basil,Two,false,why\n"
    ).entries
    assert [(each.quote, each.author, each.comments) for each in entry.highlights] == [
        ("One", "Mina", (Comment(text="true", author="Mina"),)),
        ("Two", "Basil", (Comment(text="why\n\nfalse", author="Basil"),)),
    ]
    assert entry.description is None


@pytest.mark.parametrize(
    ("columns", "description", "notes"),
    [
        ("description,comment,note", "a", ["c\n\nb"]),
        ("comment,note,x", "a", ["b"]),
        ("note,x,y", None, ["a"]),
    ],
)
def test_bookmark_comment_is_the_description_unless_there_is_one(
    columns: str, description: str | None, notes: list[str]
) -> None:
    (entry,) = read(f"title,url,{columns}\nT,https://e.org,a,b,c\n").entries
    assert (entry.description, [note.text for note in entry.notes]) == (description, notes)


def test_column_names_in_other_languages_are_recognised() -> None:
    (entry,) = read("Titel;Adresse;Schlagwörter;Datum\nTinte;https://e.org/;Papier, Rand;04.05.2021\n").entries
    assert (entry.title, entry.url, entry.tags) == ("Tinte", "https://e.org/", ("Papier", "Rand"))
    assert entry.shared_at == datetime(2021, 5, 4)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        (["5/13/2021"], datetime(2021, 5, 4, 22, 12)),  # noqa: DTZ001
        (["13/5/2021"], datetime(2021, 4, 5, 22, 12)),  # noqa: DTZ001
        (["5/13/2021", "13/5/2021"], None),
        ([], None),
    ],
)
def test_day_or_month_first_is_decided_by_all_dates_of_a_table(others: list[str], expected: datetime | None) -> None:
    rows = [f"a,https://e.org/{number},{date}\n" for number, date in enumerate(["5/4/2021 22:12", *others])]
    snapshot = read("title,url,date\n" + "".join(rows))
    assert snapshot.entries[0].shared_at == expected
    assert bool(snapshot.warnings) == (expected is None)


def test_table_about_something_else_is_refused() -> None:
    with pytest.raises(SourceError, match="nothing in it is the address of a page"):
        read("name,address\nMina Tock,12 Margin Street\n")


def test_page_title_stands_in_for_a_missing_title() -> None:
    one = {"url": "https://e.org/", "title": "", "description": "", "website_title": "Ink", "tag_names": ["a"]}
    (entry,) = read(json.dumps({"results": [one]})).entries
    assert entry.title == "Ink"


# Lists of addresses


def test_list_of_feed_addresses_names_groups() -> None:
    snapshot = read('# mine\nhttps://e.org/feed.xml\nhttps://e.org/rss papier "~A title"\n')
    assert [(each.address, each.title, each.tags) for each in snapshot.subscriptions] == [
        ("https://e.org/feed.xml", None, ()), ("https://e.org/rss", "A title", ("papier",)),
    ]  # fmt: skip


def test_list_of_other_addresses_is_a_list_of_pages_and_says_so() -> None:
    snapshot = read("https://e.org/one\nhttps://e.org/two\n")
    assert [entry.url for entry in snapshot.entries] == ["https://e.org/one", "https://e.org/two"]
    assert "taken for a list of pages" in snapshot.warnings[0]


@pytest.mark.parametrize(
    ("text", "titles", "left_out"),
    [
        ("My links:\n\nhttps://e.org/a\nhttps://e.org/b\n", ["", ""], "1 line without"),
        ("First\nhttps://e.org/a\n\nSecond\nhttps://e.org/b\n", ["First", "Second"], ""),
        ("https://e.org/a - First\nhttps://e.org/b\tSecond\n", ["First", "Second"], ""),
        ("Poems\n=====\n\n- [First](https://e.org/a)\n- [Second](https://e.org/b)\n", ["First", "Second"], "1 line"),
        ("## Poetry\n* [First](https://e.org/a)\n    * a remark\n* <https://e.org/b>\n", ["First", ""], "1 line"),
        ("[First](https://e.org/a)\n[Second](https://e.org/b)\n", ["First", "Second"], ""),
    ],
)  # fmt: skip
def test_list_may_have_titles_headings_and_comments(text: str, titles: list[str], left_out: str) -> None:
    snapshot = read(text)
    assert [(each.title, each.url, each.tags) for each in snapshot.entries] == [
        (titles[0], "https://e.org/a", ()), (titles[1], "https://e.org/b", ()),
    ]  # fmt: skip
    assert snapshot.warnings[0].startswith(left_out or "This was taken")


@pytest.mark.parametrize("between", [", ", " ", ";", ",\t "])
def test_line_may_hold_several_addresses(between: str) -> None:
    snapshot = read(f"https://e.org/one{between}https://e.org/two\n")
    assert [(entry.url, entry.tags) for entry in snapshot.entries] == [
        ("https://e.org/one", ()), ("https://e.org/two", ()),
    ]  # fmt: skip


def test_text_with_few_addresses_is_no_list() -> None:
    with pytest.raises(SourceError, match="no format"):
        read("A letter.\nIt goes on.\nAnd on.\nhttps://e.org/a\n")


def test_infinity_in_json_is_no_title() -> None:
    first, _ = read('[{"title": 1e400, "url": "https://e.org/a"}, {"title": "B", "url": "https://e.org/b"}]').entries
    assert first.title == ""


def test_list_may_give_page_titles_after_a_bar() -> None:
    first, _ = read("https://e.org/one | One, with 'a quote\nhttps://e.org/two | Two - 2. * two\n").entries
    assert (first.url, first.title, first.tags) == ("https://e.org/one", "One, with 'a quote", ())


def test_markdown_link_may_have_a_title() -> None:
    entry = only_entry(read('- [Ink](https://e.org/ink "How it dries"): a remark\n'))
    assert (entry.title, entry.url, entry.description) == ("Ink", "https://e.org/ink", "a remark")


def test_list_may_be_markdown_links() -> None:
    one, two, three = read(
        "# To read\n\n- [One](https://e.org/one_(1)) - a remark\n* [x] https://e.org/two\n3. <https://e.org/three>\n"
    ).entries
    assert (one.url, one.title, one.description) == ("https://e.org/one_(1)", "One", "a remark")
    assert (two.url, three.url) == ("https://e.org/two", "https://e.org/three")


def test_prose_starting_with_an_address_is_no_list() -> None:
    with pytest.raises(SourceError, match="no format"):
        read("https://e.org/one\nis a page I like.\n")


# Kindle


def test_kindle_note_belongs_to_the_highlight_ending_at_its_location() -> None:
    def clipping(kind: str, places: str, text: str) -> str:
        return f"T (A)\n- Your {kind} at location {places} | Added on May 4, 2021 10:11:12 AM\n\n{text}\n==========\n"

    text = (
        clipping("Note", "20", "on the second")
        + clipping("Highlight", "10-30", "One")
        + clipping("Note", "15", "in one")
    )
    entry = only_entry(read(text + clipping("Highlight", "18-20", "Two") + clipping("Note", "99", "on the book")))
    assert [(each.quote, [said.text for said in each.comments]) for each in entry.highlights] == [
        ("One", ["in one"]), ("Two", ["on the second"]),
    ]  # fmt: skip
    assert [note.text for note in entry.notes] == ["on the book"]


def test_extended_clipping_replaces_the_shorter_one_and_cut_ones_are_counted() -> None:
    def highlight(places: str, text: str) -> str:
        return (
            f"T (A)\n- Your Highlight at location {places} | Added on May 4, 2021 10:11:12 AM\n\n{text}\n==========\n"
        )

    cut = "<You have reached the clipping limit for this item>"
    snapshot = read(
        highlight("10-11", "Ink dries")
        + highlight("10-12", "Ink dries slowly") * 2
        + highlight("20-21", f"A passage {cut}")
        + highlight("30-31", f" {cut}")
    )
    assert [each.quote for each in only_entry(snapshot).highlights] == ["Ink dries slowly", "A passage"]
    assert snapshot.warnings[0].startswith("2 passages cut by the Kindle")


# Diigo


def test_escaped_line_breaks_separate_records_only_without_real_ones() -> None:
    head = "title,url,tags,description,annotations\n"
    written = only_entry(read(head + r'T,https://e.org,,,"Highlight:one\nSticky note:mine\nHighlight:two"' + "\n"))
    assert [(each.quote, len(each.comments)) for each in written.highlights] == [("one", 1), ("two", 0)]
    real = only_entry(read(head + 'T,https://e.org,,,"Highlight:print(\\nHighlight:)\nHighlight:two"\n'))
    assert [each.quote for each in real.highlights] == [r"print(\nHighlight:)", "two"]


# Round trips


words = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=12)


@given(st.lists(st.tuples(words, words | st.none(), st.lists(words, max_size=2, unique=True)), min_size=1, max_size=4))
def test_our_csv_keeps_highlights_and_their_notes(marks: list[tuple[str, str | None, list[str]]]) -> None:
    highlights = [
        Highlight(id=str(number), quote=quote, comments=(Comment(text=note),) if note else (), tags=tuple(tags))
        for number, (quote, note, tags) in enumerate(marks)
    ]
    one = item(title="T", highlights=tuple(highlights))
    entry = only_entry(read("".join(readwise_csv(selection(row(one))))))
    assert (entry.title, entry.url) == ("T", one.url)
    assert [(each.quote, each.comments) for each in entry.highlights] == [
        (each.quote, each.comments) for each in highlights
    ]


def test_our_csv_invents_no_title() -> None:
    one = item(title="", highlights=(Highlight(id="1", quote="A passage."),))

    assert only_entry(read("".join(readwise_csv(selection(row(one)))))).title == ""


def test_our_csl_keeps_a_tag_with_a_comma() -> None:
    assert only_entry(read("".join(csl(selection(row(item(tags=("a,b",)))))))).tags == ("a b",)


@given(words, words, st.lists(words, max_size=3, unique_by=tag_key))
def test_our_csl_keeps_works(title: str, description: str, tags: list[str]) -> None:
    one = item(title=title, description=description, tags=tuple(tags))
    entry = only_entry(read("".join(csl(selection(row(one))))))
    assert (entry.title, entry.url, entry.description) == (title, one.url, description)
    assert [tag for tag in entry.tags if tag != "no_tag"] == [tag for tag in tags if tag.lower() != "no_tag"]


@given(st.lists(words, max_size=3, unique_by=tag_key), words)
def test_our_json_keeps_tags_and_locations_of_highlights(tags: list[str], place: str) -> None:
    mark = Highlight(id="h", quote="Q", tags=tuple(tags), location=f"p. {place}")
    entry = only_entry(read("".join(own_json(selection(row(item(highlights=(mark,))))))))
    assert entry.highlights == (mark,)


# Time


N = 20_000
HOSTILE: dict[str, Callable[[], str]] = {
    "marks that never end": lambda: (
        "<!DOCTYPE NETSCAPE-Bookmark-file-1><DL><DT><A HREF='https://e.org'>t</A><DD>x" + "<blockquote color=y>" * N
    ),
    "notes that begin again": lambda: (
        "<!DOCTYPE NETSCAPE-Bookmark-file-1><DL><DT><A HREF='https://e.org'>t</A><DD>" + "[linkding-notes]" * N
    ),
    "digits of a page": lambda: f"T (A)\n- On page {'1' * 200} | Location {'1' * 80}\n\nq\n==========\n" * 500,
    "long passages in a book": lambda: "".join(
        f"T (A)\n- Your {'Note' if n % 2 else 'Highlight'} at location {n}-{n + 90_000} |\n\nq{n}\n==========\n"
        for n in range(3_000)
    ),
    "quotes in a text": lambda: (
        "2024-03-05 09:00\nT\nhttps://e.org\nGroup: g\n\nAnnotation 1:\n2024-03-01 10:15\n" + 'Quote: "\n' * 100_000
    ),
    "marks of one passage": lambda: "<html><title>t</title>" + '<em class="diigoHighlight id_a">x</em>' * N,
    "classes of an item": lambda: "<html>diigo titleInner" + '<div class="' + "ListItem " * 200_000,
    "quotation marks after an address": lambda: "https://e.org/ " + "'" * 400_000,
    "a date of digits": lambda: json.dumps(
        {"roots": {"other": {"children": [{"url": "https://e.org", "name": "x", "date_added": "9" * 100_000}]}}}
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_reading_time_is_linear_for_every_document(name: str) -> None:
    data = HOSTILE[name]().encode()
    begun = time.process_time()
    with suppress(SourceError):
        detect.read(data)
    assert time.process_time() - begun < 1.0


# Lines of JSON


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("raindrop_items.json", "items"),
        ("readwise_export.json", "results"),
        ("readwise_reader.json", "results"),
        ("google_reader_starred.json", "items"),
        ("linkding_api.json", "results"),
        ("diigo_interact_items.json", "items"),
        ("hypothesis_export.json", "annotations"),
        ("wallabag.json", None),
        ("zotero_csl.json", None),
    ],
)
def test_api_answers_are_also_read_as_json_lines(name: str, key: str | None) -> None:
    whole = json.loads(sample(name))
    lines = "\n".join(json.dumps(each) for each in (whole[key] if key else whole))
    assert [(entry.title, entry.highlights) for entry in read(lines).entries] == [
        (entry.title, entry.highlights) for entry in detect.read(sample(name)).entries
    ]
    assert read(lines).kind == detect.read(sample(name)).kind


def test_bookmark_file_cut_inside_a_link_keeps_the_words_of_the_link() -> None:
    begun = '<!DOCTYPE NETSCAPE-Bookmark-file-1><DL><DT><A HREF="place:type=6">Recent</A><DT><A HREF="https://e.org/a">'

    assert [entry.title for entry in detect.read(f"{begun}How ink".encode()).entries] == ["How ink"]
    assert [entry.title for entry in detect.read(begun.encode()).entries] == [""]


def test_folder_with_an_unclosed_heading_keeps_its_bookmarks() -> None:
    body = '<DT><H3>Ink<DL><p><DT><A HREF="https://e.org/1">1</A></DL><DT><A HREF="https://e.org/2">2</A>'
    snapshot = detect.read(f"<!DOCTYPE NETSCAPE-Bookmark-file-1><H1>Menu<DL><p>{body}".encode())

    assert ([entry.title for entry in snapshot.entries], snapshot.title) == (["1", "2"], "Menu")
    assert [(part.title, len(part.entries)) for part in snapshot.parts] == [("Ink", 1)]


def test_empty_remark_is_none() -> None:
    head = b"<!DOCTYPE NETSCAPE-Bookmark-file-1><DL><DT><A HREF='https://example.org/'>A</A>"
    snapshot = detect.read(head + b"<DD><DT><A HREF='https://example.org/b'>B</A></DL>")
    entry = snapshot.entries[0]

    assert (snapshot.warnings, entry.description, entry.incomplete, entry.all_highlights) == ((), None, False, True)
