"""JSON lists of objects: decoded in one go or one by one, with the same result."""

import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florilege.formats import SourceError, detect
from florilege.formats.collecting import Collection
from florilege.formats.document import Document
from florilege.formats.records import bookmark_of, mark_of, take, take_objects

PAGE = bookmark_of(mark_of(quote="title"), marks="inner", title="title", id="number", tags="words")
"""Objects such as a service might export."""

scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5)
)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3), max_leaves=4)
objects = st.fixed_dictionaries(
    {},
    optional={
        "title": st.text(max_size=5) | values,
        "number": st.integers() | st.text(max_size=3) | values,
        "words": st.lists(st.text(max_size=3) | st.none(), max_size=3) | values,
        "inner": st.lists(
            st.fixed_dictionaries({}, optional={"title": st.text(max_size=3) | values}) | values, max_size=2
        ),
        "other": values,
    },
)


@given(st.lists(objects | values, max_size=8), st.sampled_from([None, "items"]), st.booleans())
def test_decoding_at_once_or_one_by_one_gives_the_same(
    items: Sequence[object], key: str | None, ascii_only: bool
) -> None:
    whole = list(items) if key is None else {"before": [[]], key: items}
    data = json.dumps(whole, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    at_once, one_by_one = Collection([]), Collection([])

    count = take(Document(data), PAGE, at_once, key)
    take_objects(json.loads(data) if key is None else json.loads(data)[key], PAGE, one_by_one)

    assert count == len(items)
    assert (at_once.entries, at_once.warnings) == (one_by_one.entries, one_by_one.warnings)


@given(st.dictionaries(st.text(max_size=3), values, max_size=4) | st.lists(values, max_size=9))
def test_outline_is_the_document_without_its_lists(value: object) -> None:
    outline = Document(json.dumps(value).encode()).outline

    if isinstance(value, dict):
        assert outline == {name: one[:5] if isinstance(one, list) else one for name, one in value.items()}
    else:
        assert isinstance(value, list)
        assert outline == value[:5]


BOOKMARK = b'{"title": "Du papier", "url": "https://example.org/", "desc": "", "readlater": "no"}'


@pytest.mark.parametrize(
    ("item", "sentence"),
    [
        (b'{"title": "x", ', "line 1, column"),
        (b'{"desc": ' + b"1" * 5000 + b"}", "a number in it is too long"),
    ],
    ids=["cut", "number"],
)
def test_json_broken_after_its_beginning_is_refused_whole(item: bytes, sentence: str) -> None:
    data = b"[" + b",".join([BOOKMARK] * 9 + [item]) + b"]"

    with pytest.raises(SourceError, match=f"looks like JSON, but it is broken .*{sentence}"):
        detect.read(data)


def test_object_of_the_wrong_type_loses_only_its_field() -> None:
    wrong = BOOKMARK.replace(b'"Du papier"', b"[7]").replace(b".org/", b".org/7")
    snapshot = detect.read(b"[" + b",".join([BOOKMARK, wrong, BOOKMARK]) + b"]")

    assert [each.title for each in snapshot.entries] == ["Du papier", "", "Du papier"]
    assert [each.incomplete for each in snapshot.entries] == [False, True, False]
    assert "1 field could not be read (title)" in snapshot.warnings[0]
