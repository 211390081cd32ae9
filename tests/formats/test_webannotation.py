"""W3C Web Annotations: every form the model allows for the same thing."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florilege.formats import Snapshot, SourceError, detect
from florilege.model import Comment, Entry, thread
from support.snapshots import unclean_texts

PAGE = "https://example.org/page"
QUOTE = {"type": "TextQuoteSelector", "exact": "A passage.", "prefix": "before ", "suffix": " after"}


def annotation(**facts: object) -> dict[str, object]:
    return {"@context": "http://www.w3.org/ns/anno.jsonld", "id": "a", "type": "Annotation", "target": PAGE} | facts


def read(value: object) -> Snapshot:
    return detect.read(json.dumps(value).encode())


def only(*annotations: object) -> Entry:
    (entry,) = read(list(annotations)).entries
    return entry


@pytest.mark.parametrize(
    "value",
    [
        annotation(),
        [annotation()],
        {"type": "AnnotationPage", "items": [annotation()]},
        {"type": ["AnnotationPage"], "items": annotation()},
        {"type": "AnnotationCollection", "first": {"type": "AnnotationPage", "items": [annotation()]}},
        {"@context": ["http://www.w3.org/ns/anno.jsonld"], "@type": "AnnotationPage", "items": [annotation()]},
        {"@context": "http://www.w3.org/ns/anno.jsonld", "@graph": [annotation()]},
    ],
)
def test_single_array_page_and_collection_are_read(value: object) -> None:
    snapshot = read(value)
    assert snapshot.kind == "web-annotation"
    assert [entry.url for entry in snapshot.entries] == [PAGE]


@pytest.mark.parametrize("first", ["https://example.org/page1", None, 3])
def test_collection_whose_pages_are_elsewhere_is_empty(first: object) -> None:
    snapshot = read({"type": "AnnotationCollection", "id": "c", "first": first, "total": 3})
    assert snapshot.entries == ()
    assert snapshot.next_page == (first if isinstance(first, str) else None)


def test_annotations_of_a_book_form_one_item_whatever_the_chapter() -> None:
    def mark(chapter: str, quote: str, **body: str) -> dict[str, object]:
        selector = {"type": "TextQuoteSelector", "exact": quote}
        target = {"source": chapter, "meta": {"page": "7"}, "selector": [selector]}
        return annotation(id=quote, target=target, body={"type": "TextualBody", "value": "", **body})

    items = [mark("one.xhtml", "Ink.", keyword="own", color="pink"), mark("two.xhtml", "Paper.", value="true")]
    book = {"dc:title": "On Ink", "dc:identifier": ["urn:isbn:1"]}
    snapshot = read({"type": "AnnotationSet", "about": book, "items": items, "id": "urn:uuid:of-this-export"})
    (entry,) = snapshot.entries
    assert (entry.title, entry.url, entry.tags) == ("On Ink", None, ("own",))
    assert [(each.quote, each.location, each.colour, each.tags) for each in entry.highlights] == [
        ("Ink.", "p. 7", "pink", ("own",)), ("Paper.", "p. 7", None, ()),
    ]  # fmt: skip
    assert [said.text for said in entry.highlights[1].comments] == ["true"]
    assert snapshot.identity == "web-annotation:urn:florilege:book:urn:isbn:1"


@pytest.mark.parametrize(
    "target",
    [
        {"source": PAGE, "selector": QUOTE},
        [{"source": PAGE, "selector": [{"type": "XPathSelector", "value": "/p"}, QUOTE]}],
        {"source": {"id": PAGE}, "selector": {"type": "FragmentSelector", "value": "x", "refinedBy": QUOTE}},
        {"source": PAGE, "selector": {"type": "Choice", "items": [{"type": "SvgSelector"}, QUOTE]}},
    ],
)
def test_quote_is_found_at_any_nesting(target: object) -> None:
    (highlight,) = only(annotation(target=target)).highlights
    assert (highlight.id, highlight.quote, highlight.prefix, highlight.suffix) == (
        "a",
        "A passage.",
        "before ",
        " after",
    )


@pytest.mark.parametrize(
    ("facts", "comment"),
    [
        ({"bodyValue": "words"}, Comment(text="words")),
        ({"body": "https://example.org/body"}, Comment(text="https://example.org/body")),
        ({"body": {"type": "TextualBody", "value": "words"}}, Comment(text="words")),
        ({"body": [{"value": "*w*", "format": "text/markdown"}]}, Comment(text="*w*", markdown=True)),
        ({"body": {"value": "<p>a</p><p>b &amp; c</p>", "format": "text/html"}}, Comment(text="a\n\nb & c")),
        ({"body": {"type": "Choice", "items": [{"value": "one"}, {"value": "two"}]}}, Comment(text="one")),
        ({"body": {"value": "w", "creator": {"name": "Ann"}}, "creator": "bob"}, Comment(text="w", author="Ann")),
        ({"body": {"value": "w"}, "creator": {"nickname": "bob"}}, Comment(text="w", author="bob")),
        ({"body": {"value": "w"}, "creator": [{"name": "Ann"}, None, "bob"]}, Comment(text="w", author="Ann, bob")),
        ({"body": 5}, Comment(text="5")),
    ],
)
def test_every_form_of_a_text_body_is_read(facts: dict[str, object], comment: Comment) -> None:
    assert only(annotation(**facts)).notes == (comment,)


def test_tagging_bodies_are_tags() -> None:
    entry = only(
        annotation(body=[{"value": "one", "purpose": "tagging"}, {"value": "two words", "purpose": ["tagging"]}])
    )
    assert (entry.tags, entry.notes) == (("one", "two words"), ())
    assert only(annotation(motivation="tagging", bodyValue="three")).tags == ("three",)


def test_annotation_of_an_annotation_is_a_reply_wherever_it_stands() -> None:
    entry = only(
        annotation(id="c", target="b", bodyValue="To b."),
        annotation(id="b", target={"id": "a"}, bodyValue="To a."),
        annotation(id="a", target={"source": PAGE, "selector": QUOTE}),
    )
    assert entry.url == PAGE
    assert [comment.text for comment in entry.highlights[0].comments] == ["To a."]
    assert [reply.text for reply in entry.highlights[0].comments[0].replies] == ["To b."]


def test_reply_to_something_elsewhere_is_a_comment_on_it() -> None:
    entry = only(annotation(target="https://example.org/anno/9", motivation="replying", bodyValue="Yes."))
    assert (entry.url, [comment.text for comment in entry.comments]) == ("https://example.org/anno/9", ["Yes."])


@pytest.mark.parametrize("targets", [("a",), ("b", "a")])
def test_circular_annotations_lose_nothing(targets: tuple[str, ...]) -> None:
    ring = [annotation(id="ab"[n], target=target, bodyValue=f"said {n}") for n, target in enumerate(targets)]
    text = json.dumps([[comment.text for comment in (*e.notes, *e.comments)] for e in read(ring).entries])
    assert all(f"said {number}" in text for number in range(len(targets)))


def test_annotation_of_two_pages_is_on_both() -> None:
    snapshot = read(annotation(target=[PAGE, "https://example.org/other"], bodyValue="Both."))
    assert [entry.url for entry in snapshot.entries] == [PAGE, "https://example.org/other"]


def test_older_documents_with_at_signs_are_the_same() -> None:
    old = {"@context": "http://www.w3.org/ns/anno.jsonld", "@id": "a", "@type": "Annotation", "target": {"@id": PAGE}}
    assert read(old | {"bodyValue": "x"}).entries == read(annotation(bodyValue="x")).entries


@pytest.mark.parametrize(
    ("odd", "warning"),
    [
        (3, "Annotation 2 does not say which page it is on and was left out."),
        (annotation(target=7), "Annotation 2 does not say which page it is on and was left out."),
        ({"type": "Annotation"}, "Annotation 2 does not say which page it is on and was left out."),
        (annotation(id="x", target={"type": "x"}), "Annotation 2 does not say which page it is on and was left out."),
        (annotation(id="x", created="soon"), "Annotation 2: its date “soon” can't be read."),
    ],
)
def test_odd_value_is_one_warning(odd: object, warning: str) -> None:
    snapshot = read([annotation(bodyValue="Kept."), odd, annotation(id="z", bodyValue="Kept too.")])
    assert snapshot.warnings == (warning,)
    assert [note.text for note in snapshot.entries[0].notes] == ["Kept.", "Kept too."]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["a", PAGE, "\x1b[2J", "replying", "tagging"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "source", "selector", "exact", "refinedBy", "items", "value", "purpose", "name"]),
            inner,
        )
    ),
    max_leaves=15,
)
names = st.sampled_from(["id", "target", "body", "bodyValue", "creator", "created", "modified", "motivation"])


@given(st.lists(st.dictionaries(names, values), max_size=4))
def test_no_value_anywhere_loses_the_document(odd: list[dict[str, object]]) -> None:
    try:
        snapshot = read([annotation(bodyValue="Kept."), *odd])
    except SourceError as error:
        pytest.fail(f"{odd} was refused: {error}")
    words = [comment for entry in snapshot.entries for comment in (*entry.notes, *entry.comments)]
    threads = [highlight.comments for entry in snapshot.entries for highlight in entry.highlights]
    assert any(comment.text == "Kept." for _, comment in thread((*words, *(c for each in threads for c in each))))
    assert unclean_texts(snapshot) == []


def test_page_white_space_is_collapsed_in_a_quote() -> None:
    selector = {"type": "TextQuoteSelector", "exact": "Ink\n      dries\n\n      slowly."}
    one = {"type": "Annotation", "target": {"source": "https://example.org/", "selector": selector}}

    (entry,) = detect.read(json.dumps(one).encode()).entries

    assert entry.highlights[0].quote == "Ink dries\n\nslowly."


def test_quotes_follow_the_page_where_their_places_are_known() -> None:
    def placed(name: str, start: int) -> dict[str, object]:
        position = {"type": "TextPositionSelector", "start": start}
        return annotation(id=name, target={"source": PAGE, "selector": [QUOTE | {"exact": name}, position]})

    entry = only(placed("late", 900), placed("early", 5))
    assert [highlight.id for highlight in entry.highlights] == ["early", "late"]
