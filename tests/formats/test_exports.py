"""Malformed exports of bookmark services: odd values give a warning and never lose the file."""

import io
import json
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florilege.formats import Snapshot, SourceError, detect
from florilege.formats.document import Document
from florilege.formats.read_later import POCKET_FILES
from florilege.model import Comment
from support.snapshots import sample, unclean_texts


def packed(**members: str | bytes) -> bytes:
    """An archive; two underscores in a keyword stand for a slash, one at its end for nothing."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            path, _, ending = name.replace("__", "/").rpartition("_")
            file.writestr(f"{path}.{ending}", content)
    return buffer.getvalue()


def test_pocket_highlights_are_joined_to_articles_by_address() -> None:
    snapshot = detect.read(
        packed(
            part_000000_csv=sample("pocket_part_000000.csv"),
            part_000001_csv="title,url,time_added,cursor,tags,status\nMore,https://example.org/more,1773000001,x,a|b,unread\n",
            annotations__part_000000_json=sample("pocket_annotations_part_000000.json")[:-2]
            + b',{"url": "https://example.org/alone", "title": "Alone", "highlights": [{"quote": "Q"}]}]',
        )
    )
    assert [(entry.title, len(entry.highlights)) for entry in snapshot.entries] == [
        ("Lire en marge : pourquoi annoter à plusieurs", 2),
        ("How small groups keep a shared reading list alive", 1),
        ("", 0),
        ("More", 0),
        ("Alone", 1),
    ]
    assert snapshot.entries[3].tags == ("a", "b")
    assert snapshot.warnings == ()


def test_answer_of_pocket_is_read() -> None:
    article = {
        "item_id": "7", "resolved_title": "Ink", "resolved_url": "https://e.org/ink", "given_url": "https://t.co/x",
        "time_added": "1620123072", "tags": {"slow paper": {"item_id": "7", "tag": "slow paper"}}, "excerpt": "E",
        "annotations": [{"annotation_id": "1", "quote": "Quote", "created_at": "2021-05-04 10:12:12"}],
    }  # fmt: skip
    (entry,) = detect.read(json.dumps({"status": 1, "list": {"7": article}}).encode()).entries
    assert (entry.title, entry.url, entry.tags, entry.description) == ("Ink", "https://e.org/ink", ("slow paper",), "E")
    assert str(entry.shared_at) == "2021-05-04 10:11:12+00:00"
    assert [(each.quote, str(each.made_at)) for each in entry.highlights] == [("Quote", "2021-05-04 10:12:12")]


def test_omnivore_highlights_are_joined_to_articles_by_slug() -> None:
    snapshot = detect.read(
        packed(
            metadata_0_to_20_json=sample("omnivore_metadata_0_to_20.json"),
            content__lire_html="<p>never read",
            **{"highlights__lire-en-marge_md": sample("omnivore_highlights_lire-en-marge.md")},
        )
    )
    first, second = snapshot.entries
    assert [(each.quote, each.comments) for each in first.highlights] == [
        ("Une note isolée n'aide que son auteur.", (Comment(text="La clé du texte."),)),
        ("On surligne d'abord ce qui surprend,\npuis ce qui contredit.", ()),
        ("A quote without note or label", ()),
    ]
    assert first.tags == ("annotation", "lecture lente", "modèle", "atelier")
    assert (first.all_highlights, second.highlights) == (True, ())


def test_zip_bomb_is_refused_whatever_size_it_claims() -> None:
    document = Document(packed(part_000000_csv=b"x" * 100_000))
    with pytest.raises(SourceError, match="too large when unpacked"):
        list(document.members(POCKET_FILES, limit=99_999))
    assert len(list(document.members(POCKET_FILES, limit=100_000))) == 1


def test_archive_with_too_many_files_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("florilege.formats.document.MEMBERS", 1)
    with pytest.raises(SourceError, match="holds 2 files"):
        detect.read(packed(part_000000_csv="a", part_000001_csv="b"))


def test_damaged_file_in_an_archive_is_a_warning() -> None:
    data = packed(part_000000_csv=b"title,url,time_added,tags,status\n" + b"a,b,1,c,d\n" * 9, part_000001_csv=b"q" * 99)
    place = data.index(b"part_000001.csv") + 15
    snapshot = detect.read(data[:place] + bytes(byte ^ 255 for byte in data[place : place + 4]) + data[place + 4 :])
    assert len(snapshot.entries) == 9
    assert snapshot.warnings[-1] == "The file “part_000001.csv” in the archive is damaged and was left out."


def test_archive_of_a_newer_zip_version_is_refused_with_a_sentence() -> None:
    data = bytearray(packed(part_000000_csv=b"title,url,time_added,tags,status\na,b,1,c,d\n"))
    data[data.index(b"PK\x01\x02") + 6] = 99  # the version needed to extract it
    with pytest.raises(SourceError, match="its list of files can't be read"):
        detect.read(bytes(data))


def test_path_in_an_archive_is_only_a_name() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr(
            "../../part_000000.csv", "title,url,time_added,tags,status\na,https://example.org/,1773000000,,u\n"
        )
    assert [entry.title for entry in detect.read(buffer.getvalue()).entries] == ["a"]


def test_raindrop_highlights_alone_are_grouped_by_item() -> None:
    items = [
        {
            "_id": "a",
            "text": "One",
            "note": "n",
            "link": "https://example.org/1",
            "title": "T",
            "raindropRef": 7,
            "tags": ["x"],
        },
        {"_id": "b", "text": "Two", "link": "https://example.org/1", "title": "T", "raindropRef": 7},
        {"_id": "c", "text": "", "raindropRef": 8},
        {"_id": "d", "text": "Three", "color": 5, "raindropRef": 9},
    ]
    snapshot = detect.read(json.dumps({"result": True, "items": items}).encode())
    assert [[(each.id, each.quote) for each in entry.highlights] for entry in snapshot.entries] == [
        [("a", "One"), ("b", "Two")],
        [("d", "Three")],
    ]
    assert (snapshot.entries[0].tags, snapshot.entries[0].all_highlights) == (("x",), False)
    assert snapshot.warnings == (
        "Bookmark 3 holds no highlight and was left out.",
        "Bookmark 2: 1 field could not be read (color).",
    )


def test_readwise_reader_tags_are_read_from_python_syntax() -> None:
    rows = (
        "Title,URL,ID,Document tags,Saved date,Reading progress,Location,Seen\n"
        "A,https://example.org/a,01h,\"['ink', \"\"l'encre\"\", 'a\\'b']\",2026-03-12 10:00:00+00:00,0,new,True\n"
    )
    (entry,) = detect.read(rows.encode()).entries
    assert (entry.native_id, entry.tags) == ("01h", ("ink", "l'encre", "a'b"))
    assert str(entry.shared_at) == "2026-03-12 10:00:00+00:00"


def test_karakeep_lists_and_linkwarden_collections_are_parts() -> None:
    bookmark = {
        "createdAt": 1773306845,
        "title": "A",
        "tags": ["x"],
        "content": {"type": "link", "url": "https://e.org/"},
    }
    karakeep = {
        "bookmarks": [{**bookmark, "lists": ["l"]}, {**bookmark, "note": "Mine."}],
        "lists": [{"id": "l", "name": "L"}],
    }
    links = [{"name": "B", "url": "https://e.org/b", "tags": [{"name": "y"}], "createdAt": "2026-03-12T09:14:05.000Z"}]
    linkwarden = {"collections": [{"id": 1, "name": "C", "links": links}]}
    first, second = (detect.read(json.dumps(value).encode()) for value in (karakeep, linkwarden))
    assert [(part.title, part.identity, len(part.entries)) for part in first.parts] == [("L", "karakeep:list:l", 1)]
    assert (first.kind, first.entries[1].notes) == ("karakeep", (Comment(text="Mine."),))
    assert [(part.title, part.identity) for part in second.parts] == [("C", "linkwarden:collection:c")]
    assert (second.kind, second.entries[0].tags, str(second.entries[0].shared_at)) == (
        "linkwarden",
        ("y",),
        "2026-03-12 09:14:05+00:00",
    )


def test_nested_lists_with_the_same_name_stay_apart() -> None:
    above = {"a": ("A", None), "b": ("B", None), "x": ("Sub", "a"), "y": ("Sub", "b")}
    lists = [{"id": key, "name": name, "parentId": parent} for key, (name, parent) in above.items()]
    content = {"type": "link", "url": "https://e.org/"}
    bookmarks = [{"createdAt": 1773306845, "title": key, "content": content, "lists": [key]} for key in above]
    links = [{"name": "T", "url": "https://e.org/"}]
    for value in (
        {"bookmarks": bookmarks, "lists": lists},
        {"collections": [{**each, "links": links} for each in lists]},
    ):
        parts = detect.read(json.dumps(value).encode()).parts
        assert [part.title for part in parts] == ["A", "B", "A / Sub", "B / Sub"]


def test_delicious_export_names_its_owner() -> None:
    item = {"url": "https://e.org/", "title": "A", "tags": ["x"], "created": "1773306845", "owner": "ann"}
    snapshot = detect.read(json.dumps([item, {**item, "created": "0", "url": "https://e.org/2"}]).encode())
    assert (snapshot.kind, snapshot.identity) == ("delicious", "delicious:user:ann")
    assert [str(entry.shared_at) for entry in snapshot.entries] == ["2026-03-12 09:14:05+00:00", "None"]
    assert snapshot.warnings == ()


def test_line_break_in_a_bookmark_title_is_a_space() -> None:
    snapshot = detect.read(
        b"<!DOCTYPE NETSCAPE-Bookmark-file-1><DL><DT><A HREF='https://e.org/'>How ink<BR>dries</A></DL>"
    )

    assert [entry.title for entry in snapshot.entries] == ["How ink dries"]


def test_other_archives_with_similar_fields_are_not_taken_for_wallabag() -> None:
    readeck = {
        "created": "2021-05-04T10:11:12Z", "url": "https://e.org/a", "title": "How ink dries", "labels": ["ink"],
        "is_marked": True, "is_archived": False, "type": "article",
    }  # fmt: skip
    snapshot = detect.read(json.dumps([readeck]).encode())

    assert (snapshot.entries[0].tags, str(snapshot.entries[0].shared_at)) == (("ink",), "2021-05-04 10:11:12+00:00")
    assert "is_archived" in snapshot.warnings[0]


def test_kindle_chapter_is_neither_the_kind_nor_the_location_of_a_clipping() -> None:
    clippings = (
        "On Paper (Mina Tock)\n- Your Highlight on Page 11 | Chapter 2\n\nPaper remembers.\n==========\n"
        "On Paper (Mina Tock)\n- Your Highlight on Page 8 | A NOTE ON INK\n\nInk dries.\n==========\n"
        "On Paper (Mina Tock)\n- Your Note on Page 8 | Chapter 2\n\ntrue\n==========\n"
    )
    first, second = detect.read(clippings.encode()).entries[0].highlights

    assert [(each.quote, each.location, [said.text for said in each.comments]) for each in (first, second)] == [
        ("Paper remembers.", "p. 11", []),
        ("Ink dries.", "p. 8", ["true"]),
    ]


def test_clippings_with_and_without_zone_are_read_together() -> None:
    facts = (
        "On Paper (Mina Tock)\n- Your Highlight on page {} | Added on Saturday, 5 April 2014 {}\n\nInk\n==========\n"
    )
    clippings = facts.format(1, "12:00:00") + facts.format(2, "12:00:00 -0500")

    assert str(detect.read(clippings.encode()).entries[0].updated_at) == "2014-04-05 12:00:00-05:00"


def test_highlight_table_keeps_the_address_of_its_document() -> None:
    table = "Document Title,Document URL,Highlight,Note\nHow ink dries,https://e.org/a,From the edges.,true\n"
    snapshot = detect.read(table.encode())

    assert (snapshot.entries[0].url, snapshot.entries[0].highlights[0].quote) == ("https://e.org/a", "From the edges.")
    assert snapshot.warnings == ()


def test_nested_folders_are_parts_named_by_their_path() -> None:
    text = (
        "<!DOCTYPE NETSCAPE-Bookmark-file-1><H1>B</H1><DL><p><DT><H3>A</H3><DL><p><DT><A HREF='https://e.org/1'>1</A>"
        "<DT><H3>In</H3><DL><p><DT><A HREF='https://e.org/2'>2</A></DL><p><DT><A HREF='https://e.org/3'>3</A></DL><p>"
        "<DT><A HREF='https://e.org/4'>4</A><DD>See <a href='https://e.org/x'>this</a>.</DL>"
    )
    snapshot = detect.read(text.encode())
    assert [entry.title for entry in snapshot.entries] == ["1", "2", "3", "4"]
    assert [(part.title, [entry.title for entry in part.entries]) for part in snapshot.parts] == [
        ("A", ["1", "3"]),
        ("A / In", ["2"]),
    ]
    assert snapshot.entries[3].description == "See this."


def test_repeated_id_and_unreadable_date_give_a_warning_each() -> None:
    item = {"_id": 1, "link": "https://e.org/", "title": "A", "created": "2026-03-12T09:14:05Z"}
    snapshot = detect.read(
        json.dumps({"items": [item, {**item, "link": "x"}, {**item, "_id": 2, "created": "9999-99-99"}, 5]}).encode()
    )
    assert len(snapshot.entries) == 3
    assert snapshot.warnings == (
        "Bookmark 2 “A” has the id of an earlier one.",
        "Bookmark 3 “A”: its date “9999-99-99” can't be read.",
        "Bookmark 4 is no object and was left out.",
    )


def test_surrogates_and_nan_do_not_lose_the_file() -> None:
    snapshot = detect.read(b'{"items": [{"_id": NaN, "link": "https://e.org/", "title": "a\\ud800b"}]}')
    assert (snapshot.entries[0].title, unclean_texts(snapshot)) == ("ab", [])


names = st.sampled_from(
    """
    _id link title excerpt note tags created highlights creatorRef collection items results user_book_id text quote
    raindropRef href description time url slug savedAt bookmarks collections links lists content createdAt owner
    annotations stickyNotes u_name created_at extra comments desc user shared
    """.split()  # noqa: SIM905 -- a list of words is easier to read
)
values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
    max_leaves=15,
)
HEADS: list[tuple[str, dict[str, object]]] = [
    ("items", {"_id": 1, "link": "https://e.org/", "title": "Good"}),
    ("items", {"raindropRef": 1, "link": "https://e.org/", "title": "Good", "text": "Q"}),
    ("items", {"u_name": "ann", "url": "https://e.org/", "title": "Good"}),
    ("results", {"user_book_id": 1, "title": "Good"}),
    ("results", {"category": "article", "parent_id": None, "title": "Good"}),
    ("results", {"tag_names": [], "url": "https://e.org/", "title": "Good"}),
    ("items", {"crawlTimeMsec": "1", "origin": {}, "title": "Good"}),
    ("documents", {"title": "Good", "entries": []}),
    ("bookmarks", {"title": "Good", "createdAt": 1, "content": {}}),
    ("bookmarks", {"title": "Good", "url": "https://e.org/"}),
    ("", {"title": "Good", "url": "https://e.org/", "desc": ""}),
    ("", {"href": "https://e.org/", "description": "Good", "extended": "", "time": ""}),
    ("", {"u": "https://e.org/", "d": "Good", "dt": ""}),
    ("", {"url": "https://e.org/", "title": "Good", "is_archived": 0}),
    ("", {"id": "x", "type": "book", "title": "Good", "URL": "https://e.org/"}),
    ("", {"url": "https://e.org/", "title": "Good", "highlights": [{"quote": "Q"}]}),
    ("", {"slug": "good", "savedAt": "", "title": "Good"}),
    ("", {"url": "https://e.org/", "title": "Good", "created": "1", "owner": "ann"}),
]


@pytest.mark.parametrize(("key", "good"), HEADS)
@given(items=st.lists(values | st.dictionaries(names, values), max_size=3))
def test_no_value_anywhere_loses_the_file(key: str, good: dict[str, object], items: list[object]) -> None:
    whole = {key: [good, *items], "created_on": 1} if key else [good, *items]
    snapshot: Snapshot = detect.read(json.dumps(whole).encode())
    assert snapshot.entries[0].title == "Good"
    assert unclean_texts(snapshot) == []


def test_first_bookmark_called_title_is_no_header_row() -> None:
    rows = '"Title","https://example.org/","","","","","2025-07-29 11:21:15"\n'

    snapshot = detect.read(rows.encode())

    assert [(entry.title, entry.url) for entry in snapshot.entries] == [("Title", "https://example.org/")]


@pytest.mark.parametrize(
    ("kind", "document"),
    [
        (
            "raindrop",
            (
                '{"items": [{"_id": 1, "link": "https://example.org/", "title": "T", "highlights": '
                '[{"text": "", "note": "On the page"}, {"text": "Quote", "note": "On the quote"}]}]}'
            ),
        ),
        (
            "raindrop-csv",
            (
                "id,title,note,excerpt,url,folder,tags,created,cover,highlights,favorite\n"
                '1,T,,,https://example.org/,,,,,"Note: On the page\nHighlight: Quote\nNote: On the quote",false\n'
            ),
        ),
        (
            "readwise",
            (
                '{"results": [{"user_book_id": 1, "title": "T", "source_url": "https://example.org/", "highlights": '
                '[{"text": null, "note": "On the page"}, {"text": "Quote", "note": "On the quote"}]}]}'
            ),
        ),
    ],
)
def test_comment_without_a_quote_is_a_note_on_the_page(kind: str, document: str) -> None:
    snapshot = detect.read(document.encode())
    (entry,) = snapshot.entries

    assert snapshot.kind == kind
    assert [note.text for note in entry.notes] == ["On the page"]
    assert [(each.quote, [c.text for c in each.comments]) for each in entry.highlights] == [("Quote", ["On the quote"])]


def test_text_before_the_first_quote_is_a_note_on_the_page() -> None:
    metadata = b'[{"id": "1", "slug": "s", "title": "T", "savedAt": "2026-01-02T03:04:05Z"}]'
    archive = packed(metadata_0_to_20_json=metadata, highlights__s_md=b"Before\n\n> Quote\n\nAfter\n")
    (entry,) = detect.read(archive).entries

    assert [note.text for note in entry.notes] == ["Before"]
    assert [(each.quote, each.comments[0].text) for each in entry.highlights] == [("Quote", "After")]


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (
            b"% From a reference manager\n@article{ink,\n  title = {How Ink Dries}\n}\n",
            "export the same works as RIS",
        ),
        (b"bplist00\xd2\x01\x02XChildren_\x10\x0fWebBookmarkType", "export them in Safari"),
        (
            b'<?xml version="1.0"?><plist version="1.0"><dict><key>Children</key></dict></plist>',
            "export them in Safari",
        ),
        (b'mozLz40\0\x10\0\0\0{"guid": "root"}', "Manage Bookmarks"),
        (b'-- we can read Lua syntax here!\nreturn {\n    ["annotations"] = {},\n}\n', "in KOReader as JSON"),
        (b'<!DOCTYPE xbel><xbel version="1.0"><bookmark href="https://e.org"/></xbel>', "same bookmarks as HTML"),
        (b'<?xml version="1.0"?><response><item key="0"><title>T</title></item></response>', "articles as JSON"),
        (b'{"changes": [{"collection": "annotations", "object": {"pageUrl": "e.org"}}]}', "a backup of Memex"),
        (b'[{"pageUrl": "e.org", "pageTitle": "T", "body": "B", "createdWhen": 1}]', "a backup of Memex"),
    ],
)
def test_unsupported_file_type_says_what_to_add_instead(document: bytes, sentence: str) -> None:
    with pytest.raises(SourceError, match=sentence):
        detect.read(document)


@pytest.mark.parametrize(
    "one",
    [
        {"href": "https://e.org/", "title": "T", "description": ["a remark"]},
        {"href": "https://e.org/", "title": "T", "description": "", "tags": [{"wort": "ink"}]},
        {"url": "https://e.org/", "title": "T", "created": "1", "owner": "ann", "tags": [{"wort": "ink"}]},
        {"url": "https://e.org/", "title": "T", "desc": "", "comments": [{"wort": "true"}]},
        {
            "url": "https://e.org/",
            "title": "T",
            "desc": "",
            "annotations": [{"content": "q", "comments": [{"x": "y"}]}],
        },
    ],
)
def test_value_of_an_unknown_form_is_named_in_a_warning(one: dict[str, object]) -> None:
    snapshot = detect.read(json.dumps([one]).encode())
    assert "1 field could not be read" in snapshot.warnings[-1]
    assert snapshot.entries[0].incomplete


def test_numbers_are_tags_too() -> None:
    one = {"href": "https://e.org/", "title": "T", "description": "", "tags": ["ink", 2024, None]}
    snapshot = detect.read(json.dumps([one]).encode())
    assert (snapshot.entries[0].tags, snapshot.warnings) == (("ink", "2024"), ())
