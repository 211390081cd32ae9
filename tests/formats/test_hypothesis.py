"""Hypothes.is annotations: threads, moderation, and escaping in feeds."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florilege.formats import Snapshot, SourceError, detect
from florilege.model import Comment, Entry, Highlight, thread
from florilege.urls import safe_to_open
from support.snapshots import sample, unclean_texts

PAGE = "https://example.org/page"


def annotation(name: str, **facts: object) -> dict[str, object]:
    quote = facts.pop("quote", None)
    selectors = [{"type": "RangeSelector", "startOffset": 3}, {"type": "TextQuoteSelector", "exact": quote}]
    given: dict[str, object] = {
        "id": name,
        "created": "2026-03-12T09:00:00+00:00",
        "user": "acct:ann@hypothes.is",
        "uri": PAGE,
        "group": "abc",
        "text": "",
        "target": [{"source": PAGE, "selector": selectors if quote else []}],
    }
    return given | facts


def read(*annotations: object) -> Snapshot:
    return detect.read(json.dumps({"rows": annotations, "total": len(annotations)}).encode())


def only(*annotations: object) -> Entry:
    (entry,) = read(*annotations).entries
    return entry


def said(comments: tuple[Comment, ...]) -> list[tuple[int, str]]:
    return [(depth, comment.text) for depth, comment in thread(comments)]


@pytest.mark.parametrize("wrap", [list, lambda rows: {"annotations": rows}, lambda rows: rows[0]])
def test_list_export_and_single_annotation_are_recognised(wrap: object) -> None:
    rows = [annotation("a", quote="A passage.")]
    snapshot = detect.read(json.dumps(wrap(rows)).encode())  # type: ignore[operator]
    assert snapshot.kind == "hypothesis"
    assert [highlight.id for highlight in snapshot.entries[0].highlights] == ["a"]


def test_annotations_of_one_page_are_one_item_however_its_address_is_spelt() -> None:
    entry = only(
        annotation("a", quote="One."),
        annotation("b", quote="Two.", uri="http://www.example.org/page/?utm_source=x#top"),
    )
    assert (entry.url, entry.native_id, len(entry.highlights)) == (PAGE, PAGE, 2)
    assert (entry.is_aggregate, entry.all_highlights) == (True, False)


def test_first_annotator_is_the_sharer_and_replies_do_not_count() -> None:
    entry = only(
        annotation(
            "r", references=["b"], created="2026-03-01T09:00:00+00:00", user="acct:cy@hypothes.is", text="Early."
        ),
        annotation("a", quote="Later.", created="2026-03-05T09:00:00+00:00", updated="2026-03-09T09:00:00+00:00"),
        annotation("b", quote="First.", created="2026-03-02T09:00:00+00:00", user="acct:bob@hypothes.is"),
    )
    assert entry.sharer is not None
    assert (entry.sharer.name, entry.sharer.handle) == ("bob", "acct:bob@hypothes.is")
    assert (entry.shared_at, entry.updated_at) == (
        datetime(2026, 3, 2, 9, tzinfo=UTC), datetime(2026, 3, 9, 9, tzinfo=UTC),
    )  # fmt: skip
    assert [highlight.id for highlight in entry.highlights] == ["b", "a"]


def test_highlights_are_in_page_order_where_positions_are_known() -> None:
    def placed(name: str, start: object) -> dict[str, object]:
        selector = [{"type": "TextPositionSelector", "start": start}, {"type": "TextQuoteSelector", "exact": name}]
        return annotation(name, target=[{"selector": selector}])

    entry = only(placed("late", 900), placed("early", 5), placed("odd", 1e300))
    assert [highlight.id for highlight in entry.highlights] == ["early", "late", "odd"]


def test_replies_are_nested_and_orphans_are_comments_on_the_item() -> None:
    entry = only(
        annotation("a", quote="A passage.", text="Mine."),
        annotation("b", references=["a"], text="To a."),
        annotation("c", references=["a", "b"], text="To b."),
        annotation("d", references=["a", "gone"], text="To what is gone, in the thread of a."),
        annotation("e", references=["nowhere"], text="To nothing here."),
        annotation("f", references=["e"], text="To e."),
    )
    assert said(entry.highlights[0].comments) == [
        (0, "Mine."), (1, "To a."), (2, "To b."), (1, "To what is gone, in the thread of a."),
    ]  # fmt: skip
    assert said(entry.comments) == [(0, "To nothing here."), (1, "To e.")]
    assert entry.notes == ()


def test_replies_to_a_highlight_without_text_are_comments_on_it() -> None:
    entry = only(annotation("a", quote="A passage."), annotation("b", references=["a"], text="Why?"))
    assert said(entry.highlights[0].comments) == [(0, "Why?")]


def test_circular_and_endless_threads_lose_nothing() -> None:
    chain = [annotation(f"c{n}", references=[f"c{n - 1}"] if n else [], text=f"c{n}") for n in range(400)]
    circle = [annotation("x", references=["y"], text="x"), annotation("y", references=["x"], text="y")]
    entry = only(*chain, *circle, annotation("s", references=["s"], text="s"))
    words = [text for comments in (entry.notes, entry.comments) for _, text in said(comments)]
    assert sorted(words) == sorted([f"c{n}" for n in range(400)] + ["x", "y", "s"])


def test_annotation_without_a_quote_is_a_note_on_the_page() -> None:
    region = [{"type": "ShapeSelector", "shape": {"type": "rect"}}, {"type": "PageSelector", "index": 2}]
    entry = only(annotation("a", text="A region.", target=[{"selector": region}]), annotation("b", text="All of it."))
    assert [note.text for note in entry.notes] == ["A region.", "All of it."]
    assert entry.highlights == ()


def test_comments_stay_markdown_and_quotes_stay_text() -> None:
    entry = only(annotation("a", quote="use List<String> & &amp;", text="*so* <b>x</b> &amp;"))
    (highlight,) = entry.highlights
    assert highlight.quote == "use List<String> & &amp;"
    assert highlight.comments[0].text == "*so* <b>x</b> &amp;"
    assert highlight.comments[0].markdown


def test_hidden_annotations_are_left_out_and_their_replies_kept() -> None:
    entry = only(
        annotation("a", quote="Hidden.", hidden=True, tags=["secret"]),
        annotation("b", references=["a"], text="An answer."),
    )
    assert (entry.highlights, entry.tags) == ((), ())
    assert said(entry.comments) == [(0, "An answer.")]


@pytest.mark.parametrize("uri", ["urn:x-pdf:0123", "file:///home/ann/a.pdf"])
def test_pages_without_a_web_address_are_kept_and_never_opened(uri: str) -> None:
    entry = only(annotation("a", quote="x", uri=uri))
    assert entry.url == uri
    assert safe_to_open(entry.url) is None


@pytest.mark.parametrize(
    ("groups", "identity"),
    [
        (["abc", "abc"], "hypothesis:group:abc"),
        (["abc", "__world__"], "hypothesis:group:abc"),
        (["__world__"], None),
        (["abc", "def"], None),
        ([None], None),
    ],
)
def test_group_is_that_of_the_annotations(groups: list[str | None], identity: str | None) -> None:
    snapshot = read(*(annotation(str(number), quote="x", group=group) for number, group in enumerate(groups)))
    assert snapshot.identity == identity
    assert (snapshot.title is None) == (identity is None)


def test_partial_answer_is_reported() -> None:
    snapshot = detect.read(json.dumps({"total": 1302, "rows": [annotation("a", quote="x")]}).encode())
    assert snapshot.older
    assert snapshot.warnings == ("The document holds 1 of 1\u202f302 annotations.",)


def test_empty_answer_is_an_empty_group_with_a_warning() -> None:
    snapshot = detect.read(b'{"total": 0, "rows": []}')
    assert (snapshot.entries, snapshot.warnings) == ((), ("The document holds no annotations.",))


@pytest.mark.parametrize(
    ("odd", "warning"),
    [
        ("text", "Annotation 2 is no object and was left out."),
        ({"user": "acct:a@b", "target": []}, "Annotation 2 does not say which page it is on and was left out."),
        (annotation("good"), "Annotation 2 has the id of an earlier one and was left out."),
        (annotation("b", created="yesterday"), "Annotation 2: its date “yesterday” can't be read."),
        (annotation("b", tags=5, text=["x"]), "Annotation 2: 2 fields could not be read (text, tags)."),
    ],
)
def test_odd_value_is_one_warning_and_nothing_else(odd: object, warning: str) -> None:
    snapshot = read(annotation("good", quote="Kept."), odd, annotation("last", quote="Kept too."))
    assert snapshot.warnings == (warning,)
    assert {"Kept.", "Kept too."} <= {highlight.quote for highlight in snapshot.entries[0].highlights}


values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["selector", "exact", "title", "type", "html", "display_name"]), inner)
    ),
    max_leaves=12,
)
names = st.sampled_from(
    [
        "id",
        "created",
        "updated",
        "user",
        "user_info",
        "uri",
        "text",
        "tags",
        "group",
        "document",
        "target",
        "references",
    ]
)


@given(st.lists(st.dictionaries(names, values), max_size=3))
def test_no_value_anywhere_loses_the_document(odd: list[dict[str, object]]) -> None:
    try:
        snapshot = read(annotation("good", quote="Kept."), *odd)
    except SourceError as error:
        pytest.fail(f"{odd} was refused: {error}")
    assert any(highlight.quote == "Kept." for entry in snapshot.entries for highlight in entry.highlights)
    assert unclean_texts(snapshot) == []


# Feeds


def stream(*items: tuple[str, str, str]) -> Snapshot:
    """A stream of (id, title, escaped body)."""
    entries = "".join(
        f"<item><title>{title}</title><description>{body}</description>"
        f'<guid isPermaLink="false">tag:hypothes.is,2015-09:{name}</guid><link>https://hypothes.is/a/{name}</link></item>'
        for name, title, body in items
    )
    return detect.read(f'<rss version="2.0"><channel><title>Stream</title>{entries}</channel></rss>'.encode())


@pytest.mark.parametrize(
    ("escaped", "quote", "text"),
    [
        ("&lt;blockquote&gt;q&lt;/blockquote&gt;words", "q", "words"),
        ("&lt;blockquote&gt;q&lt;/blockquote&gt;", "q", None),
        ("words only", None, "words only"),
        ("&lt;blockquote&gt;L&lt;S&gt; &amp;&amp; &lt;/p&gt;&lt;/blockquote&gt;`&lt;b&gt;`", "L<S> && </p>", "`<b>`"),
        ("&lt;blockquote&gt;one\n\ntwo&lt;/blockquote&gt;- a\n- b", "one\n\ntwo", "- a\n- b"),
        ("&lt;blockquote&gt;an &lt;script&gt; that never ends&lt;/blockquote&gt;x", "an <script> that never ends", "x"),
        ("&lt;blockquote&gt;&amp;amp;&lt;/blockquote&gt;&amp;lt;", "&amp;", "&lt;"),
    ],
)  # fmt: skip
def test_quote_and_comment_are_text_however_much_they_look_like_html(
    escaped: str, quote: str | None, text: str | None
) -> None:
    (entry,) = stream(("a", "Title", escaped)).entries
    comments = entry.highlights[0].comments if entry.highlights else entry.notes
    assert [highlight.quote for highlight in entry.highlights] == ([quote] if quote else [])
    assert [comment.text for comment in comments] == ([text] if text else [])


def test_stream_is_grouped_by_document_title() -> None:
    quote = "&lt;blockquote&gt;{}&lt;/blockquote&gt;"
    snapshot = stream(
        ("a", "One page", quote.format("1")), ("b", "Another", quote.format("2")), ("c", "One page", quote.format("3"))
    )
    assert snapshot.kind == "hypothesis-feed"
    assert [(entry.title, len(entry.highlights)) for entry in snapshot.entries] == [("One page", 2), ("Another", 1)]
    assert all(entry.url is None for entry in snapshot.entries)
    assert snapshot.entries[0].discussion_url == "https://hypothes.is/a/a"


def test_untitled_documents_are_not_merged() -> None:
    assert len(stream(("a", "", "x"), ("b", "", "y")).entries) == 2


def test_feeds_agree_with_the_json() -> None:
    ids = {
        highlight.id: highlight
        for entry in detect.read(sample("hypothesis_export.json")).entries
        for highlight in entry.highlights
    }
    for name in ("hypothesis_stream.atom", "hypothesis_stream.rss"):
        for entry in detect.read(sample(name)).entries:
            for highlight in entry.highlights:
                known: Highlight | None = ids.get(highlight.id)
                if known is not None:
                    assert known.quote.startswith(highlight.quote.rstrip("."))


def test_line_of_a_comment_that_looks_like_a_field_is_kept() -> None:
    text = (
        "2024-03-05 09:00\nPage\nhttps://e.org/h\nGroup: g\n\n"
        "Annotation 1:\nCreated at: 2024-03-01 10:15\nAuthor: ann\n"
        'Type: Annotation\nQuote: "q"\nComment: As said:\nTags: are no facts\nTags: x, y\n'
    )
    (entry,) = detect.read(text.encode()).entries

    assert entry.tags == ("x", "y")
    assert entry.highlights[0].comments[0].text == "As said:\nTags: are no facts"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"</a></p>", b"</a></p>03/04/2021"),
        (b'<time datetime="2024-03-01T10:15:00.000Z">', b"<time>"),
        (b"</time></p>\n\t\t\t\t<p>Comment", b"</time></p><p>Comment"),
    ],
)
def test_page_is_read_line_by_line(old: bytes, new: bytes) -> None:
    data = sample("hypothesis_client.html")
    assert old in data
    (entry,), (whole,) = detect.read(data.replace(old, new)).entries, detect.read(data).entries

    assert (entry.url, entry.title) == (whole.url, whole.title)
    assert entry.shared_at is not None
    assert [each.quote for each in entry.highlights] == [each.quote for each in whole.highlights]


def test_white_space_at_the_end_of_an_export_makes_no_quote() -> None:
    (entry,) = detect.read(sample("hypothesis_client.txt") + b"\n\n  \n").entries
    assert [highlight.quote for highlight in entry.highlights] == ["The ink dries slowly"]


def test_quote_without_a_selector_is_kept() -> None:
    value = {"total": 1, "rows": [{"uri": "https://e.org", "quote": "Ink dries.", "text": "true", "user": "ann"}]}
    (entry,) = detect.read(json.dumps(value).encode()).entries
    assert [(each.quote, [said.text for said in each.comments]) for each in entry.highlights] == [
        ("Ink dries.", ["true"])
    ]
