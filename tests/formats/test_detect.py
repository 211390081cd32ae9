"""Recognition from bytes alone: encodings, compression, and refusals."""

import codecs
import gzip
import html
import io
import re
import zipfile

import msgspec
import pytest

from florilege.formats import LIMIT, Snapshot, SourceError, detect
from florilege.formats.detect import recognise
from florilege.formats.document import Document
from florilege.formats.snapshots import split_groups
from support.snapshots import sample, unclean_texts

FEED = (
    '<?xml version="1.0"?><rss version="2.0"><channel><title>Élan</title><item><title>é</title></item></channel></rss>'
)


def refusal(data: bytes) -> str:
    with pytest.raises(SourceError) as error:
        detect.read(data)
    return str(error.value)


def assert_is_one_sentence(said: str) -> None:
    """A refusal is one sentence: what the document is, then a colon and what to do."""
    assert said.endswith(".")
    assert ". " not in said
    assert "\n" not in said
    assert re.search(r"[\w)”]: (add|get|give|look|unpack|export|download|if it|update|try)\b", said), said


def entries(data: bytes) -> Snapshot:
    """A snapshot without its warnings, which depend on the packing."""
    return msgspec.structs.replace(detect.read(data), warnings=())


@pytest.mark.parametrize(
    "name",
    [
        "diigo_group.rss", "diigo_apiv2_bookmarks.json", "rdf_bookmarks.rdf", "hypothesis_stream.atom",
        "hypothesis_stream.rss", "zotero_group_items.atom",
    ],
)  # fmt: skip
def test_byte_order_marks_white_space_and_compression_make_no_difference(name: str) -> None:
    data = sample(name)
    plain = entries(data)
    assert entries(codecs.BOM_UTF8 + data) == plain
    assert entries(b" \r\n\t" + data) == plain
    assert entries(codecs.BOM_UTF8 + b"\n" + data) == plain
    assert entries(codecs.BOM_UTF8 + codecs.BOM_UTF8 + data) == plain
    assert entries("ï»¿".encode() + data) == plain
    assert entries(gzip.compress(data)) == plain


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_utf_16_and_utf_32_are_read(encoding: str) -> None:
    text = FEED.replace('"1.0"?', f'"1.0" encoding="{encoding[:6]}"?')
    snapshot = detect.read(text.encode(encoding))
    assert (snapshot.title, snapshot.entries[0].title) == ("Élan", "é")


def test_json_in_utf_16_is_read() -> None:
    text = sample("diigo_apiv2_bookmarks.json").decode()
    assert detect.read(text.encode("utf-16")).entries == detect.read(text.encode()).entries


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("said", ["utf-16", "UTF-16LE", "utf-32", "windows-1251"])
def test_byte_order_mark_and_actual_letters_win_over_the_declared_encoding(said: str, mark: str) -> None:
    opml = '<opml version="1.0"><body><outline text="Café" xmlUrl="https://e.org/a"/></body></opml>'
    snapshot = detect.read(f'{mark}<?xml version="1.0" encoding="{said}"?>\n{opml}'.encode())

    assert [each.title for each in snapshot.subscriptions] == ["Café"]
    assert snapshot.warnings == ()


def test_declared_encoding_is_used_without_a_warning() -> None:
    snapshot = detect.read(FEED.replace('"1.0"?', '"1.0" encoding="iso-8859-1"?').encode("latin-1"))
    assert snapshot.entries[0].title == "é"
    assert snapshot.warnings == ()


@pytest.mark.parametrize(
    ("said", "meant", "title"),
    [
        ("iso-8859-1", "cp1252", "“é”"),
        ("gb2312", "gbk", "你好 镕"),
        ("Shift_JIS", "cp932", "日本語①～"),
        ("EUC-KR", "cp949", "뻣 한국어"),
    ],
)
def test_encoding_labels_mean_what_they_mean_on_the_web(said: str, meant: str, title: str) -> None:
    text = f'<?xml version="1.0" encoding="{said}"?><rss><channel><item><title>{title}</title></item></channel></rss>'
    snapshot = detect.read(text.encode(meant))
    assert (snapshot.entries[0].title, snapshot.warnings) == (title, ())


def test_one_title_in_another_encoding_affects_no_other() -> None:
    titles = ["café, naïve".encode(), "“café, x”".encode("cp1252")]
    items = b"".join(b"<item><title>%s</title></item>" % title for title in titles)
    snapshot = detect.read(b"<rss><channel>%s</channel></rss>" % items)
    assert [entry.title for entry in snapshot.entries] == ["café, naïve", "�caf�, x�"]
    assert "3 characters of the document are damaged (not UTF-8)" in " ".join(snapshot.warnings)


def test_bytes_that_are_not_utf_8_are_read_as_windows_1252_with_a_warning() -> None:
    snapshot = detect.read(FEED.replace("é", "“é”").encode("windows-1252"))
    assert snapshot.entries[0].title == "“é”"
    assert "Windows-1252" in " ".join(snapshot.warnings)


def test_unknown_declared_encoding_does_not_prevent_recognition() -> None:
    assert detect.read(FEED.replace('"1.0"?', '"1.0" encoding="klingon"?').encode()).kind == "rss"


def test_lines_before_the_feed_are_skipped_with_a_warning() -> None:
    snapshot = detect.read(b"Warning: mysql_connect() failed\n" + FEED.encode())
    assert [entry.title for entry in snapshot.entries] == ["é"]
    assert snapshot.warnings


@pytest.mark.parametrize("data", [b"", b"   \n\t ", codecs.BOM_UTF8, codecs.BOM_UTF16_LE, b"\0\0\0"])
def test_empty_document_is_an_error_of_its_own(data: bytes) -> None:
    assert refusal(data) == "The document is empty, and your items are unchanged: try again later."


def test_sign_in_page_is_refused_and_names_its_feed() -> None:
    assert refusal(sample("login_page.html")) == (
        "This is a sign-in page (“Sign in”), not a feed: look on it for the address of the feed it names (/feed)."
    )


@pytest.mark.parametrize(
    ("address", "end"),
    [
        ("https://groups.example.org/login", "add the feed it names instead, https://groups.example.org/feed"),
        ("/home/ann/login.html", "look on it for the address of the feed it names (/feed)."),
    ],
)
def test_advertised_feed_is_absolute_when_the_address_of_the_page_is_known(address: str, end: str) -> None:
    with pytest.raises(SourceError) as error:
        detect.read(sample("login_page.html"))
    assert error.value.about(address) == f"This is a sign-in page (“Sign in”), not a feed: {end}"


def test_advertised_feed_is_resolved_against_the_base_of_the_page() -> None:
    page = b"""<html><base href="https://example.org/a/"><link rel=alternate type=application/atom+xml href=b></html>"""
    assert refusal(page).endswith("add the feed it names instead, https://example.org/a/b")


@pytest.mark.parametrize(
    "page", [b"<!doctype html><p>Hello", b"<html><body>Hello</body></html>", b"<head><title>x</title></head>"]
)
def test_web_page_is_refused_as_one(page: bytes) -> None:
    assert refusal(page).startswith("This is a web page")
    assert ", not a feed: look on it for a link to its feed" in refusal(page)


def test_bookmarks_need_no_doctype_and_a_definition_list_is_not_bookmarks() -> None:
    assert detect.read(b"<DL><p><DT><A HREF='https://example.org/'>x</A></DL>").kind == "netscape"
    assert "a web page" in refusal(b"<html><dl><dt>term<dd><a href='x'>y</a></dl></html>")


def test_advertised_feed_is_shown_without_its_secret() -> None:
    secret = "0123456789abcdef0123456789abcdef"
    page = f'<html><link rel="alternate" type="application/rss+xml" href="https://example.org/rss/{secret}"></html>'
    assert secret not in refusal(page.encode())
    assert "after copying its secret address from there" in refusal(page.encode())


def test_unknown_bytes_are_shown_without_control_characters() -> None:
    assert refusal(b"\x1b]52;c;Zm9v\x07 just text") == (
        "This is in no format that florilege knows (it begins with “]52;c;Zm9v just text”): give the address of a "
        "feed, or an export of bookmarks or annotations."
    )


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b'[{"url": ', "This looks like JSON, but it is broken (line 1, column 10 can't be read): export or"),
        (b"[" * 200_000, "This looks like JSON, but it is broken (its values are nested too deeply): export or"),
        (b"[" + b"9" * 5000 + b"]", "This looks like JSON, but it is broken (a number in it is too long): export or"),
        (b"[]", "This is an empty JSON list: if it should hold items, export it again."),
        (b'{"a": 1}', "This is a JSON document of another kind, not one that florilege knows"),
        (b"<svg xmlns='x'/>", "This is an XML document of another kind, not one that florilege knows"),
        (b"<rss", "This looks like a feed, but nothing in it could be read, so it may be damaged: get"),
    ],
)
def test_each_refusal_is_one_sentence(data: bytes, sentence: str) -> None:
    said = refusal(data)
    assert said.startswith(sentence)
    assert_is_one_sentence(said)


@pytest.mark.parametrize(
    ("name", "found"),
    [("metadata_0_to_20.json", "an Omnivore export"), ("part_000000.csv", "a Pocket export"), ("x", "a ZIP archive")],
)
def test_zip_is_recognised_by_its_contents(name: str, found: str | None) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, "x")
    assert recognise(Document(buffer.getvalue())).name == found


def zipped(**files: bytes) -> bytes:
    """A ZIP archive of these files; two underscores in a keyword stand for a dot."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "."), data)
    return buffer.getvalue()


def test_zip_without_a_document_is_refused_as_one() -> None:
    assert refusal(zipped(x=b"x")) == (
        "This is a ZIP archive, but no file in it is in a format that florilege knows: give the address of a feed, or "
        "an export of bookmarks or annotations."
    )


def test_any_format_is_read_from_a_zip() -> None:
    for name in ("diigo_group.rss", "raindrop_export.csv", "diigo_group_page.txt", "subscriptions.opml"):
        alone = detect.read(sample(name))
        packed = detect.read(zipped(readme__txt=b"Read me.", document=sample(name), __DS_Store=b"x"))
        title = alone.title or "document"
        left_out = "1 file in the archive could not be read and was left out (“readme.txt” first)."
        assert packed == msgspec.structs.replace(alone, title=title, warnings=(left_out, *alone.warnings))


def test_documents_in_a_zip_are_parts_and_those_of_one_group_are_merged() -> None:
    pages = [
        f"Home/ Encre/ Group items tagged {tag}\n\nAnn\n\n{tag} - 2 views\n\n  • Quote\n".encode()
        for tag in ("papier", "lecture")
    ]
    several = detect.read(zipped(a=pages[0], b=pages[1], c=sample("pinboard_export.json")))
    of_one_group = detect.read(zipped(a=pages[0], b=pages[1]))

    assert [(each.title, len(each.entries)) for each in split_groups(several)] == [("Encre", 2), ("c", 3)]
    assert (of_one_group.title, len(of_one_group.entries), split_groups(of_one_group)) == ("Encre", 2, ())


def test_nested_zip_is_not_opened() -> None:
    assert "no file in it" in refusal(zipped(inner__zip=zipped(feed__rss=FEED.encode())))


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.4\n%\xe2\xe3", "a PDF document"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a picture (PNG)"),
        (b"SQLite format 3\0\x10\0", "a database (SQLite)"),
        (b"PK\x05\x06" + b"\0" * 18, "an empty ZIP archive"),
        (b"{% for link in links %}{{ link }}{% endfor %}", "a template of a page"),
        (b"name,size\nA,5\n", "a table whose columns (“name, size”) are of no export known here"),
    ],
)
def test_other_file_types_are_refused_by_name(data: bytes, kind: str) -> None:
    said = refusal(data)
    assert said.startswith(f"This is {kind}, and florilege can't read it: give")
    assert_is_one_sentence(said)


def test_omnivore_highlights_alone_are_refused_by_name() -> None:
    said = refusal(sample("omnivore_highlights_lire-en-marge.md"))
    assert said.startswith("This looks like the highlights of one article in an Omnivore export")
    assert_is_one_sentence(said)


def test_gzip_is_unpacked_once_only() -> None:
    assert "a compressed file inside a compressed file" in refusal(gzip.compress(gzip.compress(FEED.encode())))


def test_gzip_bomb_is_refused() -> None:
    assert refusal(gzip.compress(b"\0" * (LIMIT + 1), 1)).startswith(
        "The document is too large, for florilege reads at most"
    )


def test_size_limit_is_inclusive() -> None:
    Document(b"x" * 100, limit=100)
    with pytest.raises(SourceError, match="too large"):
        Document(b"x" * 101, limit=100)


@pytest.mark.parametrize("rest", [b"", b"\0\0", b"junk", gzip.compress(b"", mtime=0)])
def test_trailing_data_after_gzip_is_ignored(rest: bytes) -> None:
    feed = b"<rss version='2.0'><channel><item><title>One</title></item></channel></rss>"
    snapshot = detect.read(gzip.compress(feed[:40]) + gzip.compress(feed[40:]) + rest)
    assert ([entry.title for entry in snapshot.entries], snapshot.warnings) == (["One"], ())


def test_small_truncated_gzip_gives_its_beginning_too() -> None:
    feed = b"<rss version='2.0'><channel>" + b"<item><title>One</title></item>" * 50
    snapshot = detect.read(gzip.compress(feed, 0)[:-60])
    assert len(snapshot.entries) > 40
    assert snapshot.cut


def test_truncated_gzip_gives_its_beginning_with_a_warning() -> None:
    document = Document(gzip.compress(FEED.encode() * 20_000)[:-200])
    assert document.text.startswith("<?xml")
    (warning,) = document.warnings
    assert warning.startswith("The document is compressed and damaged: only its beginning could be read.")


def test_empty_gzip_is_refused() -> None:
    assert refusal(b"\x1f\x8bnonsense").startswith("The document is compressed (gzip) and so damaged")


BOOKMARKS = [
    b'{"title":"a","url":"https://e.org/1","desc":"","readlater":"no"}',
    b'{"title":"b","url":"https://e.org/2"}',
]


def test_document_may_be_json_lines() -> None:
    snapshot = detect.read(b"\n".join([*BOOKMARKS, b""]))
    assert [entry.title for entry in snapshot.entries] == ["a", "b"]
    assert snapshot.warnings == ()
    assert [entry.title for entry in detect.read(BOOKMARKS[0]).entries] == ["a"]


def test_damaged_json_line_loses_only_itself() -> None:
    snapshot = detect.read(b"\n".join([*BOOKMARKS, b'{"title":"c', BOOKMARKS[0].replace(b"/1", b"/3")]))
    assert len(snapshot.entries) == 3
    assert snapshot.warnings[0] == "1 line of 4 could not be read as JSON and was left out."


def test_template_is_not_taken_for_broken_json() -> None:
    with pytest.raises(SourceError, match="a template of a page"):
        detect.read(b"{% for link in links %}<dt>{{ link }}{% endfor %}")


@pytest.mark.parametrize(
    "page",
    [
        "<html><body><div id='webkit-xml-viewer-source-xml'>{}</div><script>x()</script></body></html>",
        "<!DOCTYPE html><html><body><p>This XML file</p>{}</body></html>",
    ],
)
def test_feed_inside_a_web_page_is_read(page: str) -> None:
    feed = sample("diigo_group.rss").decode().partition("?>")[2]
    alone, wrapped = detect.read(feed.encode()), detect.read(page.replace("{}", feed).encode())
    escaped = detect.read(page.replace("{}", "<pre>" + html.escape(feed) + "</pre>").encode())
    assert wrapped.entries == escaped.entries == alone.entries
    assert wrapped.kind == "diigo-rss"
    assert "inside a web page" in wrapped.warnings[0]


@pytest.mark.parametrize("encoding", ["punycode", "idna", "hex", "unicode_escape", "no-such", "utf-7"])
def test_codecs_that_are_not_text_encodings_are_ignored(encoding: str) -> None:
    feed = f"<?xml version='1.0' encoding='{encoding}'?><rss><channel><item><title>é</title></item></channel></rss>"
    assert detect.read(feed.encode()).entries[0].title == "é"


def test_book_and_highlight_colour_are_cleaned_before_comparison() -> None:
    notebook = sample("kindle_notebook.html").replace(b"'authors'>", b"'authors'>\x0e\xe2\x80\xae")
    notebook = notebook.replace(b"highlight_blue", b"highlight_\x00lue")
    assert unclean_texts(detect.read(notebook)) == []
