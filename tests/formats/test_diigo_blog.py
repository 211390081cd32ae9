"""Blog posts made by Diigo, and “more” lines in the descriptions of its feeds."""

from html import escape

from florilege.formats import Snapshot, detect
from florilege.model import BodyKind, Comment, Sharer

POST = """<ul class="diigo-linkroll"><li><p class="diigo-link"><a href="https://example.org/a">First &amp; last</a></p>
<p class="diigo-description">About <b>it</b>.</p>
<p class="diigo-tags">tags: <a href="https://www.diigo.com/user/ann/ink">ink</a>, <a href="/x">slow reading</a></p>
<ul class="diigo-annotations"><li>A passage.<ul><li>A comment.</li></ul></li><li><div>Another.</div></li></ul></li>
<li><p class="diigo-link"><a href="https://example.org/b">Second</a></p><p class="diigo-tags">tags: x, "y z"</p></li>
</ul><p class="diigo-ps">Posted from <a href="https://www.diigo.com">Diigo</a>.</p>"""


def feed(*descriptions: str, link: str = "https://blog.example.org/") -> Snapshot:
    items = "".join(
        f"<item><title>Links of the day</title><link>https://blog.example.org/{number}</link><author>Ann</author>"
        f"<pubDate>Thu, 12 Mar 2026 09:14:05 GMT</pubDate><description>{escape(text)}</description></item>"
        for number, text in enumerate(descriptions)
    )
    return detect.read(f'<rss version="2.0"><channel><link>{link}</link>{items}</channel></rss>'.encode())


def test_post_is_split_into_its_bookmarks() -> None:
    snapshot = feed(POST)
    first, second = snapshot.entries
    assert snapshot.kind == "diigo-blog"
    assert (first.title, first.url, first.description) == ("First & last", "https://example.org/a", "About it.")
    assert first.tags == ("ink", "slow reading")
    assert [(each.quote, each.comments) for each in first.highlights] == [
        ("A passage.", (Comment(text="A comment."),)),
        ("Another.", ()),
    ]
    assert (second.title, second.tags, second.highlights) == ("Second", ("x", "y z"), ())
    assert {entry.discussion_url for entry in snapshot.entries} == {"https://blog.example.org/0"}
    assert {entry.sharer for entry in snapshot.entries} == {Sharer(name="Ann")}
    assert len({entry.shared_at for entry in snapshot.entries}) == 1


def test_other_blog_posts_are_kept_as_they_are() -> None:
    snapshot = feed("<p>Words.</p>", POST, '<ul class="diigo-linkroll"></ul>')
    assert [entry.title for entry in snapshot.entries] == [
        "Links of the day",
        "First & last",
        "Second",
        "Links of the day",
    ]
    assert snapshot.entries[0].body_kind is BodyKind.HTML


GROUP = "https://groups.diigo.com/group/atelier-des-marges"


def test_more_line_among_highlights_is_counted_and_is_no_highlight() -> None:
    passages = "".join(f'<div class="annContent"><div class="annInner">{text}</div></div>' for text in "abc")
    fold = '<div class="annContent"><div class="annInner">...42 more annotations...</div></div>'
    snapshot = feed(passages + fold, passages + fold.replace("42", "1") + passages[:59], link=GROUP)
    assert snapshot.identity == "diigo:group:atelier_des_marges"
    assert [(len(entry.highlights), entry.folded) for entry in snapshot.entries] == [(3, 42), (4, 1)]
    assert [entry.incomplete for entry in snapshot.entries] == [True, False]
    assert not any(entry.all_highlights for entry in snapshot.entries)


def test_more_line_in_the_text_is_counted_and_is_no_description() -> None:
    (entry,) = feed('<div class="annInner">a</div><p>Words.</p><p>...2 more annotations...</p>', link=GROUP).entries
    assert (entry.description, entry.folded, entry.incomplete) == ("Words.", 2, True)
