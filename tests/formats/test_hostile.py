"""Documents that cost more than their size: each is read, or refused with a sentence, in bounded time and memory."""

import json
import resource
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from florilege.formats import SourceError, detect
from florilege.formats.markup import events, html_to_text

FOLDER = Path(__file__).parent / "hostile"
SECONDS = 1.0
"""Seconds of processor time; the slowest document takes 0.2."""
NBSP = "\u00a0"


def rss(items: str) -> str:
    return (
        '<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>'
        f"<link>http://e.example/</link>{items}</channel></rss>"
    )


def item(title: str = "t", description: str = "d", extra: str = "") -> str:
    return f"<item><title>{title}</title><link>http://e.example/1</link><description>{description}</description>{extra}</item>"


def diigo(description: str) -> str:
    return rss(
        item(
            description=escape(
                f"<p>{description}</p><p><strong>by:</strong> <a href='http://www.diigo.com/user/x'>x</a></p>"
                "<div class='annInner'>q</div>"
            )
        )
    )


def json_feed(field: str) -> str:
    return f'{{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [{{"id": "1", {field}}}]}}'


DOCUMENTS: dict[str, Callable[[], str]] = {
    "newlines before the root": lambda: '<?xml version="1.0"?>' + "\n" * 180_000 + rss(item())[21:],
    "attributes": lambda: rss(
        "<item " + " ".join(f'a{number}="1"' for number in range(15_000)) + "><title>x</title></item>"
    ),
    "ill-formed, with CDATA": lambda: rss(item(title="& ") + "<![CDATA[" * 20_000),
    "a title of spaces": lambda: rss(item(title="a" + " " * 60_000 + NBSP + "b")),
    "classes in a body": lambda: rss(item(description=escape("<p>" + "class=" * 30_000))),
    "lists in lists": lambda: (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><entry><title>x</title><summary type="html">'
        + escape("<ul><li>x" * 12_000)
        + '</summary><content type="html">x</content></entry></feed>'
    ),
    "quotes in quotes": lambda: rss(item(description=escape("<blockquote>x" * 12_000))),
    "a comment of spaces": lambda: diigo(
        f"<strong>Comments:</strong><ul><li>a{NBSP * 60_000}b<small>x on 13 Mar 26</small></li></ul>"
    ),
    "bold spaces": lambda: diigo(f"<b>{' ' * 60_000}<i>Note</i></b>"),
    "the pager of a page": lambda: (
        "Home/ G/ Group items tagged x\n\nAnn\n\nT - 1 views\n\n  \u2022 " + "1 - 1 of 11" * 26 + "x\n  \u2022 b\n"
    ),
    "spaces in a breadcrumb": lambda: "Home/ a/" + " " * 100_000 + "/b\n\nAnn\n\nT - 1 views\n\n  \u2022 x\n",
    "tags in Python's words": lambda: (
        "Title,URL,ID,Document tags,Saved date,Reading progress,Location,Seen\n"
        'a,http://e.example,1,"[' + "\\'" * 60_000 + ']",2020-01-01,0,new,True\n'
    ),
    "titles in a page": lambda: "<html>" + "<title>" * 28_000,
    "fields for passwords": lambda: "<html>" + "<input " * 28_000,
    "folders in folders": lambda: (
        "<!DOCTYPE NETSCAPE-Bookmark-file-1><DL>"
        + ("<DT><H3>" + "f" * 200 + "</H3><DL><DT><A HREF='http://e.example/'>x</A>") * 700
    ),
    "links that begin": lambda: rss(item(description=escape("<a " * 5_000))),
    "brackets": lambda: rss(item(description=escape("http://e.example/ " + "[" * 40_000))),
    "lists in a description of Diigo's": lambda: diigo("<strong>Comments:</strong>" + "<ul><li>x" * 5_000),
    "quotes in a description of Diigo's": lambda: diigo("<blockquote>x" * 5_000),
    "objects in an unknown field": lambda: json_feed('"_x": ' + '{"a": ' * 10_000 + "1" + "}" * 10_000),
    "lists in a field": lambda: json_feed('"tags": ' + "[" * 10_000 + "]" * 10_000),
    "folders of a list of groups": lambda: (
        "<opml><body>"
        + '<outline text="x">' * 10_000
        + '<outline xmlUrl="https://e.example/"/>'
        + "</outline>" * 10_000
    ),
    "an author of one word": lambda: rss(item(extra=f"<author>{'a' * 100_000} (b</author><broken>")),
    "rel in a body": lambda: rss(item(description=escape("<p>" + "rel=" * 40_000))),
}


def read_or_refused(data: bytes) -> None:
    with suppress(SourceError):
        detect.read(data)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_document_takes_long(name: str) -> None:
    data = DOCUMENTS[name]().encode()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    read_or_refused(data)
    assert time.process_time() - began < SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300 << 10


@pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda path: path.name)
def test_no_file_that_once_did_harm_does_any(path: Path) -> None:
    began = time.process_time()
    snapshot = detect.read(path.read_bytes())
    for entry in snapshot.entries:
        html_to_text(entry.body or "")
    assert time.process_time() - began < SECONDS


@pytest.mark.parametrize("order", [1, -1], ids=["as they were said", "the last first"])
def test_endlessly_nested_replies_are_all_kept(order: int) -> None:
    first = {"id": "0", "user": "acct:ann@hypothes.is", "uri": "https://e.example/1", "text": "said", "target": []}
    replies = [first | {"id": str(number), "references": [str(number - 1)]} for number in range(1, 10_001)]
    rows = [first, *replies][::order]
    began = time.process_time()
    (entry,) = detect.read(json.dumps({"total": len(rows), "rows": rows}).encode()).entries
    assert time.process_time() - began < SECONDS
    said = [*entry.notes, *entry.comments]
    for comment in said:
        said.extend(comment.replies)
    assert len(said) == len(rows)


BODIES = {
    "a ": "<a ",
    "an open quotation mark": "<a b='",
    "quotation marks that swallow the ends": "x='><a ' ",
    "comments": "<!-- ",
    "declarations": "<!x ",
    "sections": "<![CDATA[",
    "ends": "</",
    "scripts": "<script>",
    "styles in scripts": "<script><style a=b>",
    "attributes": "<a " + "b=c " * 50,
    "spaces": "<a" + " " * 50,
    "equals": "<a " + "=" * 50,
    "ampersands": "&",
    "references": "&#" + "9" * 50,
    "unknown names": "<x>",
    "lists": "<ul><li>x",
    "quotes": "<blockquote>x",
    "tables": "<table><tr><td>x",
    "bold": "<b><p>x",
    "kept space": "<pre>\n ",
}


@pytest.mark.parametrize("name", BODIES)
def test_no_body_takes_long_whatever_its_markup(name: str) -> None:
    unit = BODIES[name]
    for markup in (unit * (200_000 // len(unit)), unit * (200_000 // len(unit)) + "'>-->"):
        began = time.process_time()
        html_to_text(markup)
        events(markup, of_html=False)
        assert time.process_time() - began < SECONDS


def test_formatting_elements_reopened_in_every_paragraph_cost_nothing() -> None:
    markup = "<p>" + "".join(f"<b a={number}>" for number in range(2_000)) + "</p><p>x" * 2_000
    began = time.process_time()
    assert html_to_text(markup).count("x") == 2_000
    assert time.process_time() - began < SECONDS


def test_number_of_thousands_of_digits_stays_text() -> None:
    number = "&#" + "9" * 4_700 + ";"
    assert html_to_text(f"<p>a {number} b &amp; c</p>") == f"a {number} b & c"
