"""Malformed bookmarks of Diigo's API v2."""

import json

import pytest

from florilege.formats import Snapshot, detect
from florilege.model import Comment
from support.snapshots import unclean_texts

GOOD: dict[str, object] = {"title": "Good", "url": "https://example.org/good", "desc": ""}


def read(*items: object) -> Snapshot:
    return detect.read(json.dumps([GOOD, *items]).encode())


def test_fields_of_wrong_types_give_one_warning_and_keep_the_item() -> None:
    snapshot = read({"title": "Odd", "url": "https://example.org/odd", "desc": 5, "tags": {"a": 1}, "user": ["x"]})
    odd = snapshot.entries[1]
    assert (odd.title, odd.url, odd.description, odd.tags, odd.sharer) == (
        "Odd",
        "https://example.org/odd",
        None,
        (),
        None,
    )
    assert snapshot.warnings == ("Bookmark 2 “Odd”: 3 fields could not be read (user, desc, tags).",)
    assert (odd.incomplete, odd.all_highlights) == (True, False)


def test_odd_annotation_does_not_affect_the_others() -> None:
    annotations = [{"content": 1}, {"content": "Kept.", "comments": [3, "Kept too.", {"content": None}]}, "bare", None]
    snapshot = read({"title": "Odd", "url": "u", "desc": "", "annotations": annotations})
    (highlight,) = snapshot.entries[1].highlights
    assert (highlight.quote, highlight.comments) == ("Kept.", (Comment(text="Kept too."),))
    assert len(snapshot.warnings) == 1


@pytest.mark.parametrize("item", [None, 3, "text", ["list"]])
def test_non_bookmark_is_skipped_with_a_warning(item: object) -> None:
    snapshot = read(item)
    assert [entry.title for entry in snapshot.entries] == ["Good"]
    assert snapshot.warnings == ("Bookmark 2 is no object and was left out.",)


def test_empty_bookmark_is_skipped_with_a_warning() -> None:
    assert read({"desc": None, "shared": "yes"}).warnings == (
        "Bookmark 2 holds neither title nor address and was left out.",
    )


def test_lone_surrogates_and_nan_do_not_lose_the_file() -> None:
    snapshot = detect.read(b'[{"url": "https://example.org/", "title": "a\\ud800b", "desc": NaN, "readlater": "no"}]')
    assert snapshot.entries[0].title == "ab"
    assert unclean_texts(snapshot) == []
    assert len(snapshot.warnings) == 1


def test_annotation_without_content_is_a_note_on_the_page() -> None:
    snapshot = read({"url": "u", "annotations": [{"content": " ", "comments": ["A note.", {"content": "Another."}]}]})
    assert [note.text for note in snapshot.entries[1].notes] == ["A note.", "Another."]
    assert snapshot.entries[1].highlights == ()


def test_quotation_marks_line_breaks_and_brackets_are_kept() -> None:
    snapshot = read({"url": "u", "desc": '"said"', "annotations": [{"content": "one\ntwo List<String> &amp; x"}]})
    assert snapshot.entries[1].description == '"said"'
    assert snapshot.entries[1].highlights[0].quote == "one\ntwo List<String> & x"


def test_unreadable_date_keeps_its_text() -> None:
    entry = read({"url": "u", "desc": "", "created_at": "yesterday"}).entries[1]
    assert (entry.shared_at, entry.date_text) == (None, "yesterday")


@pytest.mark.parametrize("tags", ["no_tag", "", None, []])
def test_no_tag_is_empty(tags: object) -> None:
    assert read({"url": "u", "desc": "", "tags": tags}).entries[1].tags == ()
