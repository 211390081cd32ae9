"""Where the record of an item is: the same whether it was looked up in the records or told when they were stored."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from florilege.store.index import Index, item_name
from florilege.store.lines import Raw, Records

names = st.sampled_from("abcdef")
changes = st.lists(
    st.tuples(st.sampled_from(["told", "untold", "looked", "removed", "replaced"]), st.sets(names, min_size=1)),
    max_size=8,
)


def document(name: str) -> Raw:
    """A record of this name."""
    return Raw(msgspec.json.encode({"id": name}))


@given(changes)
def test_names_that_are_told_when_they_are_stored_are_found_as_those_that_are_looked_up(
    steps: list[tuple[str, set[str]]],
) -> None:
    index, records = Index(item_name), Records()
    for what, touched in steps:
        stored = {name: str(ord(name)) for name in touched}
        match what:
            case "looked":
                index.places(records)
            case "removed":
                records.apply({doc_id: Raw(b"null") for doc_id in stored.values()})
            case "replaced":
                records = Records()
                records.apply({doc_id: document(name) for name, doc_id in stored.items()})
            case _:
                records.apply({doc_id: document(name) for name, doc_id in stored.items()})
                if what == "told":
                    index.learn(records, stored)

    assert index.places(records) == {chr(int(doc_id)): doc_id for doc_id in records.raws}
