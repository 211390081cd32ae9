"""Items aggregated from annotations, as further annotations of the page arrive."""

import json
from datetime import UTC, datetime
from itertools import permutations

import pytest

from florilege.formats import Snapshot, detect
from florilege.merge import decide
from florilege.model import Item

NOW = datetime(2026, 3, 20, tzinfo=UTC)
PAGE = "https://example.org/page"


def annotation(number: int, user: str, *, quote: str = "", text: str = "", tag: str = "", answers: str = "") -> object:
    selector = [{"type": "TextQuoteSelector", "exact": quote}] if quote else []
    return {
        "id": f"a{number}", "created": f"2026-03-0{number}T10:00:00+00:00", "uri": PAGE, "group": "g", "text": text,
        "user": f"acct:{user}@hypothes.is", "tags": [tag] if tag else [], "document": {"title": [f"Title {number}"]},
        "target": [{"source": PAGE, "selector": selector}], "references": [answers] if answers else [],
        "links": {"html": f"https://hypothes.is/a/a{number}"},
    }  # fmt: skip


FIRST = annotation(1, "ann", quote="The first passage.", text="Mine.", tag="early")
SECOND = annotation(2, "bob", quote="Another passage.", tag="late")
REPLY = annotation(3, "cy", text="I agree.", answers="a1")


def window(*annotations: object) -> Snapshot:
    return detect.read(json.dumps({"total": 3, "rows": annotations}).encode())


def item_after(*snapshots: Snapshot) -> Item:
    known: tuple[Item, ...] = ()
    for snapshot in snapshots:
        decision = decide(known, snapshot, group="g", now=NOW)
        known = decision.items or known
        assert len(known) == 1, "another annotation of a page is no other item"
    return known[0]


@pytest.mark.parametrize("order", permutations([FIRST, SECOND, REPLY]))
def test_item_belongs_to_the_first_annotator_in_any_order(order: tuple[object, ...]) -> None:
    item = item_after(*(window(each) for each in order))
    assert item.sharer is not None
    assert (item.sharer.handle, item.shared_at) == ("acct:ann@hypothes.is", datetime(2026, 3, 1, 10, tzinfo=UTC))
    assert (item.title, item.discussion_url) == ("Title 1", "https://hypothes.is/a/a1")
    assert sorted(item.tags) == ["early", "late"]
    assert {highlight.id for highlight in item.highlights} == {"a1", "a2"}


def test_reply_that_came_before_its_parent_moves_under_it() -> None:
    item = item_after(window(REPLY), window(REPLY, FIRST))
    assert item.comments == ()
    assert [reply.text for reply in item.highlights[0].comments[0].replies] == ["I agree."]


def test_reply_seen_again_without_its_parent_stays_in_place() -> None:
    whole = item_after(window(FIRST, REPLY))
    again = item_after(window(FIRST, REPLY), window(REPLY, SECOND))
    assert again.comments == ()
    assert again.highlights[-1] == whole.highlights[0] or again.highlights[0] == whole.highlights[0]


def test_new_annotation_on_a_known_page_is_a_new_highlight() -> None:
    first = decide((), window(FIRST), group="g", now=NOW)
    decision = decide(first.items, window(SECOND, FIRST), group="g", now=NOW, read={first.items[0].id})
    assert (decision.added, decision.revised, decision.new_highlights) == (0, 1, 1)
