"""OPML round trip: titles, tags and addresses of every group whose address may be exported."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florilege.export.feeds import opml
from florilege.formats import SourceError, detect
from florilege.formats.fields import tags as as_tags
from florilege.model import Source
from florilege.text import clean_line
from support.selections import group, selection

names = st.text(max_size=20)
facts = st.tuples(names, st.lists(st.text(), max_size=3))


@given(st.lists(facts, min_size=1, max_size=4))
def test_every_group_comes_back_with_its_title_and_tags(groups: list[tuple[str, list[str]]]) -> None:
    written = [
        group(f"{number:04x}", title, tags=tuple(tags), sources=(Source(address=f"https://example.org/{number}/rss"),))
        for number, (title, tags) in enumerate(groups)
    ]
    text = "".join(opml(selection(groups=tuple(written))))

    found = detect.read(text.encode("utf-8", "replace")).subscriptions

    assert [each.address for each in found] == [each.sources[0].address for each in written]
    assert [(each.title or "").strip() for each in found] == [clean_line(each.title).strip() for each in written]
    assert [each.tags for each in found] == [as_tags(each.tags) for each in written]


def test_group_without_an_exported_address_is_not_read_back() -> None:
    secret = "https://groups.example.org/rss/12/0123456789abcdef0123456789abcdef"
    text = "".join(opml(selection(groups=(group(sources=(Source(address=secret),)),))))
    with pytest.raises(SourceError, match="names no feed"):
        detect.read(text.encode())
