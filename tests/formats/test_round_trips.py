"""Generated entries, written the way services write them and read back unchanged."""

from datetime import UTC, datetime

import msgspec
from hypothesis import given
from hypothesis import strategies as st

import support.writing as writing
from florilege.formats import detect
from florilege.model import Comment, Entry, Highlight, Sharer
from florilege.text import tag_key

letters = st.characters(
    categories=["L", "N", "P", "S"], exclude_characters="<>&\\•", include_characters=" "
) | st.sampled_from(list("éÉœ’«» -,\"':;|[]{}#"))
phrases = (
    st.text(letters, min_size=1, max_size=40)
    .map(lambda text: " ".join(text.split()))
    .filter(lambda text: bool(text) and not text.isspace())
)
lines = st.lists(phrases, min_size=1, max_size=3).map("\n".join)
words = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=10)
tags = st.lists(
    st.lists(words, min_size=1, max_size=2).map(" ".join).filter(lambda tag: tag.casefold() != "no_tag"),
    max_size=4,
    unique_by=tag_key,
).map(tuple)
moments = st.integers(631152000, 4102444800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
comments = st.lists(st.builds(Comment, text=lines), max_size=2).map(tuple)


@st.composite
def entries(draw: st.DrawFn, one_line: bool = False) -> Entry:
    """An entry as every format can hold it."""
    texts = phrases if one_line else lines
    quotes = draw(st.lists(texts, max_size=6))
    return Entry(
        title=draw(phrases),
        url=f"https://example.org/{draw(words)}?a=1&b=2",
        sharer=Sharer(name=draw(words), handle=draw(words)),
        shared_at=draw(moments),
        tags=draw(tags),
        description=draw(st.none() | lines),
        notes=tuple(Comment(text=text) for text in draw(st.lists(lines, max_size=2))),
        highlights=tuple(
            Highlight(id=str(number + 1), quote=quote, comments=draw(comments)) for number, quote in enumerate(quotes)
        ),
        views=draw(st.integers(0, 999)),
    )


def known(entry: Entry, *names: str) -> dict[str, object]:
    """What a format keeps of an entry; highlight ids are those of the service, or ours."""
    fields = {name: msgspec.to_builtins(getattr(entry, name)) for name in names}
    for highlight in fields.get("highlights", ()):
        highlight.pop("id")
    return fields


def check(given: list[Entry], text: str, kind: str, *names: str) -> None:
    snapshot = detect.read(text.encode())
    assert snapshot.kind == kind
    assert snapshot.warnings == ()
    assert [known(entry, *names) for entry in snapshot.entries] == [known(entry, *names) for entry in given]


lists = st.lists(entries(), min_size=1, max_size=4)


def without_zone(moment: datetime | None) -> datetime | None:
    return moment and moment.replace(tzinfo=None)


def joined(entry: Entry) -> Entry:
    """An entry in which each highlight has at most one comment, for services that allow one note."""
    highlights = tuple(
        msgspec.structs.replace(each, comments=(Comment(text="\n".join(c.text for c in each.comments)),))
        if each.comments
        else each
        for each in entry.highlights
    )
    return msgspec.structs.replace(entry, highlights=highlights)


@given(lists, st.booleans())
def test_diigo_csv_export(found: list[Entry], has_names: bool) -> None:
    names = ("title", "url", "tags", "description", "notes", "highlights", "shared_at")
    given = [
        msgspec.structs.replace(each, shared_at=each.shared_at and each.shared_at.replace(tzinfo=None))
        for each in found
    ]
    check(given, writing.diigo_csv(found, has_names=has_names), "diigo-csv", *names)


@given(lists)
def test_bookmark_file(found: list[Entry]) -> None:
    check(found, writing.netscape(found), "netscape", "title", "url", "tags", "description", "shared_at")


@given(lists)
def test_diigo_interact_answer(found: list[Entry]) -> None:
    names = ("title", "url", "sharer", "tags", "description", "notes", "highlights", "shared_at")
    check(found, writing.interact(found), "diigo-interact", *names)


@given(lists)
def test_raindrop_answer(found: list[Entry]) -> None:
    given = [
        msgspec.structs.replace(joined(each), sharer=Sharer(name=each.sharer.name) if each.sharer else None)
        for each in found
    ]
    names = ("title", "url", "sharer", "tags", "description", "highlights", "shared_at")
    check(given, writing.raindrop(found), "raindrop", *names)


@given(lists)
def test_readwise_export(found: list[Entry]) -> None:
    given = [joined(each) for each in found]
    check(given, writing.readwise(found), "readwise", "title", "url", "tags", "description", "highlights")


@given(lists)
def test_pinboard_export(found: list[Entry]) -> None:
    given = [
        msgspec.structs.replace(each, tags=tuple(dict.fromkeys(tag.replace(" ", "_") for tag in each.tags)))
        for each in found
    ]
    check(given, writing.pinboard(found), "pinboard", "title", "url", "tags", "description", "shared_at")


@given(phrases, phrases, st.lists(entries(one_line=True), min_size=1, max_size=4))
def test_group_page_saved_as_text(title: str, tag: str, found: list[Entry]) -> None:
    title, tag = title.replace("/", "-"), tag.replace("/", "-")
    given = [
        msgspec.structs.replace(
            each,
            sharer=Sharer(name=each.sharer.name) if each.sharer else None,
            tags=(tag,),
            highlights=tuple(msgspec.structs.replace(highlight, comments=()) for highlight in each.highlights),
            folded=len(each.highlights) - 3 if len(each.highlights) > 3 else None,
        )
        for each in found
    ]
    snapshot = detect.read(writing.group_page(title, tag, given).encode())
    assert (snapshot.kind, snapshot.title) == ("diigo-page", title)
    assert snapshot.warnings == ("This is one page of several: newer items are on the pages before it.",)
    names = ("title", "sharer", "tags", "notes", "highlights", "views", "folded", "incomplete")
    assert [known(entry, *names) for entry in snapshot.entries] == [known(entry, *names) for entry in given]
