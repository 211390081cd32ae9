"""Diigo group pages saved as text, pasted in part, or saved as HTML."""

import pytest

from florilege.formats import Snapshot, detect
from florilege.model import Sharer

HEAD = "Home/ Encre & Papier/ Group items tagged lecture lente\n\n"


def page(body: str, head: str = HEAD) -> Snapshot:
    return detect.read((head + body).encode())


def test_breadcrumb_names_the_group_and_the_tag_of_all_items() -> None:
    snapshot = page("Ann\n\nTitle - 2 views\n\n  • Quote\nBob\n\nOther - 0 views\n")
    assert (snapshot.title, snapshot.identity) == ("Encre & Papier", "diigo:group:encre_papier")
    assert [entry.tags for entry in snapshot.entries] == [("lecture lente",), ("lecture lente",)]


@pytest.mark.parametrize("crumb", ["Home/ Encre & Papier/ Group items\n", "Home/ Encre & Papier/\n"])
def test_page_without_a_tag_adds_none_to_its_items(crumb: str) -> None:
    snapshot = page("Ann\n\nTitle - 2 views\n\n  • Quote\n", crumb)
    assert (snapshot.title, snapshot.entries[0].tags) == ("Encre & Papier", ())


def test_part_of_a_page_is_read_without_its_breadcrumb() -> None:
    snapshot = page("Ann\n\nTitle - 2 views\n\n  • Quote\n", "")
    assert (snapshot.title, snapshot.identity) == (None, None)
    assert snapshot.entries[0].sharer == Sharer(name="Ann")


def test_title_ends_before_the_view_count_after_its_last_dash() -> None:
    (entry,) = page("Ann\n\nTen views - and more - 3 views - - 12 views\n\n  • Quote\n").entries
    assert (entry.title, entry.views) == ("Ten views - and more - 3 views -", 12)


def test_highlight_that_looks_like_a_title_is_no_title() -> None:
    (entry,) = page("Ann\n\nTitle - 1 views\n\n  • Seen - 3 views\n").entries
    assert [highlight.quote for highlight in entry.highlights] == ["Seen - 3 views"]


def test_hidden_annotations_make_the_item_incomplete() -> None:
    snapshot = page("Ann\n\nTitle - 1 views\n\n  • a\n  • b\n  • c\n  • ...42 more annotations...\n  • d\n")
    (entry,) = snapshot.entries
    assert (len(entry.highlights), entry.folded, entry.incomplete, entry.all_highlights) == (4, 42, True, False)
    assert snapshot.warnings == ("Item 1 “Title”: 4 highlights where the page announces more.",)


def test_singular_more_annotation_line_is_recognised() -> None:
    (entry,) = page("Ann\n\nTitle - 1 views\n\n  • a\n  • b\n  • c\n  • ...1 more annotation...\n  • d\n").entries
    assert (len(entry.highlights), entry.folded, entry.incomplete) == (4, 1, False)


def test_empty_bullet_starts_a_note_of_several_paragraphs() -> None:
    (entry,) = page('Ann\n\nTitle - 1 views\n\n  • \xa0\n    "First."\n\n    Second.\n  •\n    Third.\n').entries
    assert [note.text for note in entry.notes] == ['"First."\nSecond.', "Third."]
    assert entry.highlights == ()


def test_links_and_dates_are_unknown() -> None:
    (entry,) = page("Ann\n\nTitle - 1 views\n\n  • Quote\n").entries
    assert (entry.url, entry.shared_at, entry.date_text) == (None, None, None)


def test_pager_leads_to_a_hint_about_older_pages() -> None:
    body = "Ann\n\nTitle - 1 views\n\n  • Quote\n"
    older, newer = (f"This is one page of several: {word}" for word in ("older", "newer"))
    first = page(f"{body}1 - 20 of 50 Next › Last »\nShowing 20 items per page")
    middle = page(f"{body}« First ‹ Previous 21 - 40 of 50 Next › Last »")
    last = page(f"{body}« First ‹ Previous 41 - 50 of 50")
    assert [first.older, middle.older, last.older] == [True, True, False]
    assert [[text[:34] for text in each.warnings] for each in (first, middle, last)] == [
        [older],
        [older, newer],
        [newer],
    ]
    assert [len(each.entries[0].highlights) for each in (first, middle, last)] == [1, 1, 1]


HTML = """<!DOCTYPE html><html><head><title>x</title><script>"Home/ No/ Group items" // • b - 3 views</script></head>
<body><a href="https://www.diigo.com/">Home</a>/ <a href="https://groups.diigo.com/group/e-p">Encre &amp; Papier</a>/
Group items tagged <b>lecture</b>
<ul><li class="item"><div><a href="https://www.diigo.com/profile/ann_p">Ann
 Papier</a></div><h3><a href="https://example.org/a?x=1&amp;y=2">A - title</a> - <span>7 views</span></h3>
<ul><li>First <em class="diigoHighlight">quote</em></li><li>In<p>two</p></li>
<li>&nbsp;<div>"A note."</div></li></ul></li>
<li class="item">Bob<h3><a href="javascript:alert(1)">Other</a> - 1 views</h3><ul><li>Q</li></ul></li></ul>
<div>1 - 20 of 50 <a href="?page_num=2">Next ›</a></div></body></html>"""


def test_page_saved_by_a_browser_is_read_by_its_text_and_links() -> None:
    snapshot = detect.read(HTML.encode())
    first, second = snapshot.entries
    assert (snapshot.kind, snapshot.title, snapshot.older) == ("diigo-page", "Encre & Papier", True)
    assert (first.title, first.url, first.views) == ("A - title", "https://example.org/a?x=1&y=2", 7)
    assert first.sharer == Sharer(name="Ann Papier", handle="ann_p")
    assert [highlight.quote for highlight in first.highlights] == ["First quote", "In\ntwo"]
    assert [note.text for note in first.notes] == ['"A note."']
    assert first.tags == ("lecture",)
    assert (second.title, second.url, second.sharer) == ("Other", None, Sharer(name="Bob"))
    assert [highlight.quote for highlight in second.highlights] == ["Q"]


@pytest.mark.parametrize("views", ["1,234", "1.234", "1 234", "1\u00a0234", "1\u202f234"])
def test_views_may_have_thousands_separators(views: str) -> None:
    (entry,) = page(f"Ann\n\nTitle - {views} views\n\n  • Quote\n").entries

    assert (entry.title, entry.views) == ("Title", 1234)
