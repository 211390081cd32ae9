"""Diigo's item descriptions, as documented and in other shapes that may occur."""

from dataclasses import dataclass
from datetime import datetime
from html import escape
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florilege.formats import Snapshot, detect, diigo
from florilege.formats.fields import prose
from florilege.model import Comment, Entry
from florilege.text import clean, tag_key


def read(description: str) -> Entry:
    snapshot = Snapshot(
        kind="rss", site="https://groups.diigo.com/group/g", entries=(Entry(title="x", body=description),)
    )
    (entry,) = diigo.from_feed(snapshot).entries
    return entry


def quotes(description: str) -> list[str]:
    return [highlight.quote for highlight in read(description).highlights]


@dataclass(frozen=True)
class Written:
    """What a member wrote: the text of a comment, and its author."""

    text: str
    author: str


def is_kept(text: str) -> bool:
    """Whether reading leaves a text unchanged: HTML collapses white space and the rest is cleaned."""
    return bool(text) and " ".join(text.split(" ")) == prose(clean(text)) and "  " not in text and text.strip() == text


letters = st.characters(exclude_categories=["C", "Z"], include_characters=" -<>&\"'\u00a0")
words = st.text(letters, min_size=1, max_size=30).filter(is_kept)
names = words.filter(lambda name: " on " not in name and not name.startswith("by "))
remarks = st.builds(Written, words.filter(lambda text: not text.endswith("-")), names)
tags = st.lists(words.filter(lambda tag: tag != "no_tag"), max_size=4, unique_by=tag_key)
passages = st.lists(st.tuples(words, st.lists(remarks, max_size=2)), max_size=4)


def list_of(remarks: list[Written]) -> str:
    items = (f"<li>{escape(r.text)} - <small>{escape(r.author)} on 13 Mar 26</small></li>" for r in remarks)
    return f"<ul>{''.join(items)}</ul>" if remarks else ""


def as_read(remarks: list[Written]) -> tuple[Comment, ...]:
    day = datetime(2026, 3, 13)  # noqa: DTZ001 -- Diigo names no zone
    return tuple(Comment(text=each.text, author=each.author, made_at=day) for each in remarks)


@given(passages, st.lists(remarks, max_size=3), tags, names)
def test_documented_shape_is_read_back(
    passages: list[tuple[str, list[Written]]], comments: list[Written], tags: list[str], sharer: str
) -> None:
    html = "".join(
        f'<div class="annContent"><div class="annInner">{escape(text)}</div><div>{list_of(said)}</div></div>'
        for text, said in passages
    )
    html += f"<p><strong>Comments:</strong>{list_of(comments)}</p>"
    links = " ".join(f"<a href='https://www.diigo.com/tag/{quote(tag)}'>{escape(tag)}</a>" for tag in tags)
    html += f"<p><strong>Tags:</strong> {links}</p>"
    html += f"<p><strong>by:</strong> <a href='https://www.diigo.com/profile/some_one'>{escape(sharer)}</a></p>"

    entry = read(html)

    assert [(each.quote, each.comments) for each in entry.highlights] == [
        (text, as_read(said)) for text, said in passages
    ]
    assert entry.comments == as_read(comments)
    assert list(entry.tags) == tags
    assert entry.sharer is not None
    assert (entry.sharer.name, entry.sharer.handle) == (sharer, "some_one")
    assert entry.description is None
    assert len({highlight.id for highlight in entry.highlights}) == len(passages)


ELEMENTS = ["p", "ul", "li", "small", "q", "div"]
PIECES = [
    *(f"<{name}>" for name in ELEMENTS),
    *(f"</{name}>" for name in ELEMENTS),
    *('<div class="annContent">', '<div class="annInner">', '<em class="diigoHighlight id_1">', "</em>"),
    *(
        "<strong>Tags:</strong>",
        "<b>by:</b>",
        "<strong>Comments</strong>",
        "<a href='x'>",
        "</a>",
        "word",
        " - ",
        "<br>",
    ),
]


@given(st.lists(st.sampled_from(PIECES)))
def test_no_description_is_too_broken_and_no_word_is_lost(pieces: list[str]) -> None:
    entry = read("".join(pieces))
    found = str((entry.highlights, entry.notes, entry.comments, entry.tags, entry.sharer, entry.description))
    assert ("word" in found) == ("word" in pieces) or "Tags" in str(pieces) or "by:" in str(pieces)


@pytest.mark.parametrize(
    ("description", "found"),
    [
        ("<div class='diigoContent'>a <b>bold</b> passage</div>", ["a bold passage"]),
        ("<div class='diigoContent'><div class='diigoContentInner'>a</div></div>", ["a"]),
        ("<div class='annInner'><div class='annInner'>a</div> b</div>", ["a\nb"]),
        ("<div class='annInner'><em class='diigoHighlight'>a</em> <q>b</q></div>", ["a b"]),
        ("<em class='diigoHighlight id_1'>a</em> <em class='diigoHighlight id_1'>b</em>", ["a b"]),
        ("<em class='diigoHighlight id_1'>a</em> <em class='diigoHighlight id_2'>b</em>", ["a", "b"]),
        ("<em class='diigoHighlight id_1'>a</em>, or <em class='diigoHighlight id_1'>b</em>", ["a", "b"]),
        ("<p><em class='diigoHighlight id_1'>a</em></p><p><em class='diigoHighlight id_1'>b</em></p>", ["a", "b"]),
        ("<mark>a</mark> and <q>b</q>", ["a", "b"]),
        ("<p><b>HIGHLIGHTS and sticky notes</b></p><ul><li>a<li>b</ul><ul><li>c</li></ul>", ["a", "b", "c"]),
        ("<div class='annInner'>open <div>inner<p><strong>Tags:</strong> <a>t</a></p>", ["open\ninner"]),
        ("<div class='annContent'><div class='annInner'>a<div class='annContent'><div class='annInner'>b", ["a", "b"]),
        ("<p>no passage</p>", []),
    ],
)
def test_highlights_are_found_by_class_and_label_and_counted_once(description: str, found: list[str]) -> None:
    assert quotes(description) == found


def test_empty_highlight_with_comments_is_a_note_on_the_page() -> None:
    entry = read("<div class='annContent'><div class='annInner'>\u00a0</div><ul><li>Note</li></ul></div>")
    assert (entry.highlights, [note.text for note in entry.notes]) == ((), ["Note"])


@pytest.mark.parametrize(
    ("item", "comment"),
    [
        ("a - b - <small>Ann on 13 Mar 26</small>", Comment("a - b", "Ann", datetime(2026, 3, 13))),  # noqa: DTZ001
        ("a - b", Comment("a - b")),
        ("a - <small>Ann</small>", Comment("a", "Ann")),
        ("a <small>small</small> print", Comment("a small print")),
        ("a - <small>On on Monday</small>", Comment("a", "On on Monday")),
    ],
)
def test_small_print_at_the_end_of_a_comment_is_its_author(item: str, comment: Comment) -> None:
    assert read(f"<p><strong>Comments:</strong><ul><li>{item}</li></ul></p>").comments == (comment,)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<a href='x'>a b</a> <a href='x'>c</a>", ("a b", "c")),
        ('a, "b c", d', ("a", "b c", "d")),
        ("no_tag", ()),
        ("<ul><li>a</li><li>b</li></ul>", ("a", "b")),
        ("", ()),
    ],
)
def test_tags_are_links_or_a_comma_separated_list(text: str, found: tuple[str, ...]) -> None:
    for label in ("<strong>Tags:</strong>", "<b>tags</b>:", "<STRONG>TAGS</STRONG>"):
        assert read(f"<p>{label} {text}</p>").tags == found


def test_unknown_label_belongs_to_the_description() -> None:
    entry = read("<p><strong>Tags:</strong> a</p><p><strong>Mood:</strong> fair</p><p>and <b>comments</b> too</p>")
    assert (entry.tags, entry.description) == (("a",), "Mood: fair\n\nand comments too")


@pytest.mark.parametrize(
    ("body", "site", "kind"),
    [
        ("<p>x</p>", "https://groups.diigo.com/group/g", "diigo-rss"),
        ("<p>x</p>", "http://diigo.com/user/ann", "diigo-rss"),
        ("<p>x</p>", "https://blog.diigo.com/", "rss"),
        ("<p>x</p>", "https://diigo.com.example.org/", "rss"),
        ("<div class='annInner'>x</div>", "https://example.org/", "diigo-rss"),
        ("<p><b>Tags:</b> a</p><p><b>Posted by:</b> b</p>", "https://example.org/", "diigo-rss"),
        ("<p><b>Tags:</b> a</p><p>Posted by b, annInner</p>", "https://example.org/", "rss"),
    ],
)
def test_diigo_feed_is_recognised_by_site_class_or_labels(body: str, site: str, kind: str) -> None:
    document = f"<rss version='2.0'><channel><link>{site}</link><item><title>t</title>"
    document += f"<description>{escape(body)}</description></item></channel></rss>"
    assert detect.read(document.encode()).kind == kind


def test_one_highlight_shows_that_the_feed_carries_them() -> None:
    item = "<item><title>t</title><description>{}</description></item>"
    with_one = item.format(escape("<div class='annInner'>a</div>")) + item.format("x")
    channel = "<rss version='2.0'><channel><link>https://groups.diigo.com/g</link>{}</channel></rss>"
    assert [each.all_highlights for each in detect.read(channel.format(with_one).encode()).entries] == [True, True]
    without = channel.format(item.format("x"))
    assert [each.all_highlights for each in detect.read(without.encode()).entries] == [False]


@pytest.mark.parametrize("text", ["<a>Basil Quern</a>", "Basil Quern", "<a href=''>Basil Quern</a>"])
def test_sharer_without_a_profile_is_named(text: str) -> None:
    sharer = read(f"<p><strong>by:</strong> {text}</p>").sharer
    assert sharer is not None
    assert (sharer.name, sharer.handle) == ("Basil Quern", None)
