"""Odd feeds: what feedparser was measured to do with them, and what we make of them."""

import warnings
from datetime import UTC, datetime, timedelta, timezone

import pytest

from florilege.formats import Snapshot, SourceError, detect
from florilege.model import BodyKind, Entry, Sharer
from florilege.urls import safe_to_open
from support.snapshots import unclean_texts


def rss(items: str, channel: str = "<title>T</title><link>https://example.org/</link>", declared: str = "") -> Snapshot:
    names = (
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:media="http://search.yahoo.com/mrss/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
        'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"'
    )
    document = f"<?xml version='1.0'{declared}?><rss version='2.0' {names}><channel>{channel}{items}</channel></rss>"
    return detect.read(document.encode())


def only(items: str) -> Entry:
    (entry,) = rss(f"<item>{items}</item>").entries
    return entry


def test_path_is_read_as_bytes_and_never_opened() -> None:
    with pytest.raises(SourceError, match="no format"):
        detect.read(b"/etc/hostname")


def test_feed_without_items_is_valid() -> None:
    snapshot = rss("")
    assert (snapshot.title, snapshot.entries, snapshot.warnings) == ("T", (), ("The feed holds no items.",))


LINKS = "<title>Two</title><link>https://example.org/{}</link>"


@pytest.mark.parametrize(
    "end",
    [
        "<item><title>Two</title><link>https://exa",
        f"<item>{LINKS.format(2)}<description>wor",
        f"<item>{LINKS.format(2)}<guid>a</guid><feedburner:origLink>https://example.org/original",
        "<item><guid isPermaLink='false'",
        "<item",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
def test_truncated_feed_keeps_its_complete_items(end: str, encoding: str) -> None:
    before = f"<rss version='2.0'><channel><item>{LINKS.format(1)}</item>"
    snapshot = detect.read((before + end).encode(encoding))
    assert [entry.url for entry in snapshot.entries] == ["https://example.org/1"]
    assert snapshot.cut
    assert any("breaks off" in warning for warning in snapshot.warnings)


def test_feed_cut_between_items_is_truncated() -> None:
    snapshot = detect.read(f"<rss version='2.0'><channel><item>{LINKS.format(1)}</item>".encode())
    assert (len(snapshot.entries), snapshot.cut) == (1, True)


def test_feed_followed_by_a_tracking_snippet_is_complete() -> None:
    counter = f"<script>{'x = 1; ' * 1_000}</script>"
    snapshot = detect.read(
        f"<rss version='2.0'><channel><item>{LINKS.format(1)}</item></channel></rss>{counter}".encode()
    )
    assert (len(snapshot.entries), snapshot.cut) == (1, False)


def test_feed_of_an_empty_element_is_complete() -> None:
    snapshot = detect.read(b'<feed xmlns="http://www.w3.org/2005/Atom" />\n')
    assert (snapshot.cut, snapshot.warnings) == (False, ("The feed holds no items.",))


def test_feed_after_server_warnings_is_read() -> None:
    before = "<br />\n<b>Warning</b>: mysql_connect() in <b>feed.php</b><br />\n"
    feed = f"<?xml version='1.0'?><rss version='2.0'><channel><item>{LINKS.format(1)}</item></channel></rss>"
    assert [entry.url for entry in detect.read((before + feed).encode()).entries] == ["https://example.org/1"]


@pytest.mark.parametrize("link", ["", "<link/>", "<guid>tag:e.org,2026:1</guid>"])
def test_episode_without_a_page_links_to_its_file(link: str) -> None:
    entry = only(f"<title>One</title>{link}<enclosure url='https://e.org/1.mp3' length='1' type='audio/mpeg'/>")
    assert entry.url == "https://e.org/1.mp3"


@pytest.mark.parametrize("date", ["1773306845", "1773306845000"])
def test_unix_time_as_date_is_read(date: str) -> None:
    assert str(only(f"<title>One</title><pubDate>{date}</pubDate>").shared_at) == "2026-03-12 09:14:05+00:00"


def test_empty_item_element_is_dropped_with_a_warning() -> None:
    snapshot = rss("<item><pubDate>Thu, 12 Mar 2026 09:14:05 GMT</pubDate></item><item><title>One</title></item>")
    assert [entry.title for entry in snapshot.entries] == ["One"]
    assert snapshot.warnings == ("1 entry without title, link or text left out.",)


@pytest.mark.parametrize("title", ["a & b", "a &nosuch; b"])
def test_malformed_feed_is_read_with_a_warning(title: str) -> None:
    snapshot = rss(f"<item><title>{title}</title></item>")
    assert len(snapshot.entries) == 1
    assert "not well-formed (line 1:" in snapshot.warnings[0]


def test_latin_1_declared_as_utf_8_is_corrected_with_a_warning() -> None:
    data = "<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><item><title>é</title></item>"
    data += "</channel></rss>"
    snapshot = detect.read(data.encode("latin-1"))
    assert snapshot.entries[0].title == "é"
    assert snapshot.warnings == ("The document says that it is in UTF-8, but is not: read as Windows-1252.",)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("a&#27;[31mb", "a[31mb"),
        ("a\x1b[31mb", "a[31mb"),
        ("a\x00b", "ab"),
        ("a&#155;b", "a›b"),
        ("a&#x9D;b", "ab"),
        ("a&#x202E;b&#x2028;c&#x200B;d", "ab cd"),
    ],
)
def test_control_characters_are_removed(title: str, text: str) -> None:
    snapshot = rss(f"<item><title>{title}</title><link>https://example.org/1</link></item>")
    assert snapshot.entries[0].title == text
    assert unclean_texts(snapshot) == []


def test_escaped_reference_never_becomes_a_control_character() -> None:
    assert only("<title>a&amp;#27;b</title>").title in {"a&#27;b", "ab"}


@pytest.mark.parametrize(
    ("link", "url", "opens"),
    [
        ("https://example.org/a", "https://example.org/a", True),
        ("/a", "https://example.org/a", True),
        ("//example.com/a", "https://example.com/a", True),
        ("javascript:alert(1)", "javascript:alert(1)", False),
        ("mailto:ann@example.org", "mailto:ann@example.org", False),
        ("http://[broken", "http://[broken", False),
    ],
)
def test_link_is_kept_and_a_relative_one_resolved(link: str, url: str, opens: bool) -> None:
    entry = only(f"<title>x</title><link>{link}</link>")
    assert entry.url == url
    assert (safe_to_open(entry.url) is not None) == opens


def test_relative_link_is_kept_when_the_channel_has_no_web_address() -> None:
    snapshot = rss("<item><title>x</title><link>/a</link></item>", "<link>javascript:alert(1)</link>")
    assert (snapshot.site, snapshot.entries[0].url) == (None, "/a")


@pytest.mark.parametrize("more", ["", "<broken>"], ids=["well-formed", "by feedparser"])
@pytest.mark.parametrize("link", ["<link/>", "<link> </link>", "<link></link >"])
def test_empty_link_is_none(link: str, more: str) -> None:
    assert only(f"<title>x</title>{link}<guid>https://example.org/g</guid>{more}").url == "https://example.org/g"


@pytest.mark.parametrize("more", ["", "<broken>"], ids=["well-formed", "by feedparser"])
def test_enclosure_is_the_link_of_a_file_entry(more: str) -> None:
    link = "<link rel='alternate' type='application/pdf' href='https://example.org/a.pdf'/>"
    feed = f"<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>x</title>{link}{more}</entry></feed>"
    assert detect.read(feed.encode()).entries[0].url == "https://example.org/a.pdf"


def test_guid_replaces_the_link_only_when_it_is_an_address() -> None:
    assert only("<title>x</title><guid>https://example.org/g</guid>").url == "https://example.org/g"
    assert only("<title>x</title><guid>item-14</guid>").url is None
    assert only("<title>x</title><guid>item-14</guid>").native_id == "item-14"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("AT&amp;amp;T", "AT&T"),
        ("&lt;b&gt;Bold&lt;/b&gt; words", "Bold words"),
        ("on &lt;antirez&gt; and &amp;lt;name&amp;gt;", "on <antirez> and <name>"),
        ("&amp;lt;details&amp;gt; &amp;amp; &amp;lt;dialog&amp;gt;", "<details> & <dialog>"),
        ("plain &lt;name&gt; text", "plain <name> text"),
        ("a &lt; b", "a < b"),
        ("&lt;b&gt;a&lt;/b&gt; by &lt;antirez&gt;", "a by <antirez>"),
        ("&lt;applet code='x'&gt;&lt;/applet&gt;safe &amp;amp; sound", "safe & sound"),
    ],
)
def test_title_loses_its_tags_but_not_what_only_looks_like_one(written: str, shown: str) -> None:
    assert only(f"<title>{written}</title>").title == shown


def test_body_keeps_marks_data_attributes_and_scripts_for_our_reader() -> None:
    entry = only("<description>&lt;mark data-x='1'&gt;a&lt;/mark&gt;&lt;script&gt;b&lt;/script&gt;</description>")
    assert entry.body == "<mark data-x='1'>a</mark><script>b</script>"
    assert (entry.body_kind, entry.all_highlights) == (BodyKind.HTML, False)


def test_differing_summary_is_the_description() -> None:
    entry = only("<description>A remark.</description><content:encoded>&lt;p&gt;Body&lt;/p&gt;</content:encoded>")
    assert (entry.description, entry.body) == ("A remark.", "<p>Body</p>")


def test_equal_summary_is_not_repeated() -> None:
    entry = only("<description>Body</description><content:encoded>&lt;p&gt;Body&lt;/p&gt;</content:encoded>")
    assert (entry.description, entry.body) == (None, "<p>Body</p>")


@pytest.mark.parametrize(
    "text", ["01/10/2013", "2021-02-30", "04-05-2021", "mars 2026", "Thu, 12 Mar 0001 00:00:00 GMT"]
)
def test_unreadable_date_is_unknown_and_keeps_its_text(text: str) -> None:
    entry = only(f"<title>x</title><pubDate>{text}</pubDate>")
    assert (entry.shared_at, entry.date_text) == (None, text)


def test_dates_keep_their_offset() -> None:
    entry = only("<title>x</title><pubDate>Thu, 12 Mar 2026 09:14:05 +0100</pubDate>")
    assert entry.shared_at == datetime(2026, 3, 12, 9, 14, 5, tzinfo=timezone(timedelta(hours=1)))
    assert entry.shared_at is not None
    assert entry.shared_at.utcoffset() == timedelta(hours=1)
    assert entry.date_text is None


def test_missing_update_date_is_not_copied_from_the_publication_date() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        entry = only("<title>x</title><pubDate>Thu, 12 Mar 2026 09:14:05 GMT</pubDate>")
    assert (entry.shared_at, entry.updated_at) == (datetime(2026, 3, 12, 9, 14, 5, tzinfo=UTC), None)


def test_repeated_guid_keeps_both_entries() -> None:
    item = "<item><title>{0}</title><link>https://example.org/{0}</link><guid isPermaLink='false'>g</guid></item>"
    snapshot = rss(item.format(1) + item.format(2))
    assert [(entry.native_id, entry.title) for entry in snapshot.entries] == [("g", "1"), ("g", "2")]


def test_tags_are_one_per_element_and_never_split() -> None:
    entry = only(
        "<title>x</title><category>a, b</category><category domain='d'>c</category><dc:subject>d e</dc:subject>"
        "<category>C</category><media:category>m</media:category><itunes:keywords>k</itunes:keywords>"
    )
    assert entry.tags == ("a, b", "c", "d e")


@pytest.mark.parametrize(
    ("elements", "sharer"),
    [
        ("<author>ann@example.org (Ann)</author>", Sharer(name="Ann")),
        ("<dc:creator>Ann</dc:creator><author>bob@example.org</author>", Sharer(name="Ann")),
        ("<author>bob@example.org</author>", Sharer(name="bob@example.org")),
        ("<author>example.org by ann</author>", Sharer(name="ann")),
        ("<author>ann@example.org (Ann Online)</author>", Sharer(name="Ann Online")),
        ("<author>ann@ann.online (Ann)</author>", Sharer(name="Ann")),
        ("<author>Ann &lt;ann@ann.online&gt;</author>", Sharer(name="Ann")),
        ("<author>ann@ann.online</author><broken>", Sharer(name="ann@ann.online")),
        ("<author>ann@ann.online (Ann)</author><broken>", Sharer(name="Ann")),
        ("<author> </author>", None),
    ],
)
def test_sharer_prefers_a_name_to_an_address(elements: str, sharer: Sharer | None) -> None:
    assert only(f"<title>x</title>{elements}").sharer == sharer


POST = '&lt;p&gt;See &lt;a href="https://example.org/a"&gt;this&lt;/a&gt;&lt;/p&gt;'
CAPTION = "<media:content url='https://example.org/a.png'><media:description type='plain'>A drop</media:description>"


@pytest.mark.parametrize("before", [True, False])
def test_image_description_replaces_missing_text_only(before: bool) -> None:
    parts = [f"{CAPTION}</media:content>", f"<description>{POST}</description>"]
    entry = only("<link>https://example.org/1</link>" + "".join(parts if before else reversed(parts)))
    assert (entry.body, entry.description) == ('<p>See <a href="https://example.org/a">this</a></p>', None)
    alone = only(f"<title>x</title>{parts[0]}")
    assert (alone.body, alone.body_kind) == ("A drop", BodyKind.TEXT)


@pytest.mark.parametrize("more", ["", "<broken>"], ids=["well-formed", "by feedparser"])
@pytest.mark.parametrize(
    ("author", "sharer"), [("", "Ann"), ("<author><name>Bob</name></author>", "Bob")], ids=["of its feed", "its own"]
)
def test_entry_from_another_feed_keeps_its_original_author(author: str, sharer: str, more: str) -> None:
    entry = f"<entry><title>x</title>{author}<source><author><name>Ann</name></author></source></entry>"
    feed = f"<author><name>Planet</name></author>{entry}<entry><title>y</title></entry>{more}"
    snapshot = detect.read(f"<feed xmlns='http://www.w3.org/2005/Atom'>{feed}</feed>".encode())
    assert [entry.sharer for entry in snapshot.entries] == [Sharer(name=sharer), Sharer(name="Planet")]


def test_discussion_link_prefers_a_page_to_a_feed() -> None:
    links = "".join(
        f"<link rel='replies' type='{kind}' href='https://example.org/{name}'/>"
        for kind, name in [("application/atom+xml", "feed"), ("text/html", "page")]
    )
    feed = f"<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>x</title>{links}</entry></feed>"
    assert detect.read(feed.encode()).entries[0].discussion_url == "https://example.org/page"


@pytest.mark.parametrize("more", ["", "<broken>"], ids=["well-formed", "by feedparser"])
def test_original_link_wins_over_a_tracking_link(more: str) -> None:
    entry = only(
        "<title>a</title><link>http://feedproxy.google.com/~r/x/1</link>"
        "<feedburner:origLink>https://example.org/a</feedburner:origLink>" + more
    )
    assert entry.url == "https://example.org/a"


def test_comments_link_is_never_the_main_link() -> None:
    both = only("<title>x</title><link>https://example.org/a</link><comments>https://example.org/a#c</comments>")
    assert (both.url, both.discussion_url) == ("https://example.org/a", "https://example.org/a#c")
    same = only("<title>x</title><link>https://example.org/a</link><comments>https://example.org/a</comments>")
    assert same.discussion_url is None


RDF = """<!-- a > b --><!DOCTYPE rdf:RDF [<!ENTITY e 'f'>]>
<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'>
<channel/><item><title>x</title></item></rdf:RDF>"""


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        ("<rss version='0.91'><channel><item><title>x</title></item></channel></rss>", "rss"),
        ("<RSS version='2.0'><channel><item><title>x</title></item></channel></RSS>", "rss"),
        ("<feed xmlns='http://purl.org/atom/ns#' version='0.3'><entry><title>x</title></entry></feed>", "atom"),
        ("<a:feed xmlns:a='http://www.w3.org/2005/Atom'><a:entry><a:title>x</a:title></a:entry></a:feed>", "atom"),
        (RDF, "rdf"),
    ],
)
def test_older_versions_and_prefixes_are_read(document: str, kind: str) -> None:
    snapshot = detect.read(document.encode())
    assert (snapshot.kind, [entry.title for entry in snapshot.entries]) == (kind, ["x"])


def test_entities_of_an_external_doctype_are_kept() -> None:
    netscape = '"-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/publish/formats/rss-0.91.dtd"'
    snapshot = detect.read(
        f'<?xml version="1.0"?><!DOCTYPE rss PUBLIC {netscape}><rss version="0.91"><channel><title>T</title><item>'
        "<title>A &eacute; &amp; <![CDATA[&eacute;]]> B &nosuch; C</title></item></channel></rss>".encode()
    )

    assert snapshot.entries[0].title.startswith("A é & ")
    assert snapshot.warnings == ()


def test_no_entity_is_fetched_or_expanded_without_bound() -> None:
    levels = zip("bcdefghijkl", "abcdefghijk", strict=True)
    bomb = "<!DOCTYPE rss [<!ENTITY a 'ha'>" + "".join(f"<!ENTITY {new} '{f'&{old};' * 10}'>" for new, old in levels)
    document = f"{bomb}<!ENTITY file SYSTEM 'file:///etc/hostname'>]>"
    document += "<rss version='2.0'><channel><item><title>x&l;&file;</title></item></channel></rss>"
    snapshot = detect.read(document.encode())
    assert len(snapshot.entries[0].title) < 1000


@pytest.mark.parametrize(
    ("body", "tags"),
    [
        ('<p><a rel="tag" href="/t/a">lecture lente</a>, <a rel="nofollow tag" href="/t/b">#papier</a></p>', 2),
        ('<p><a href="/tag/a">lecture lente</a> <a rel="stage" href="/t/b">#papier</a></p>', 0),
    ],
)
def test_tag_links_stand_in_for_categories(body: str, tags: int) -> None:
    description = f"<description><![CDATA[{body}]]></description>"

    assert only(f"<title>x</title>{description}").tags == ("lecture lente", "papier")[:tags]
    assert only(f"<title>x</title><category>a</category>{description}").tags == ("a",)


def test_relative_link_is_resolved_against_the_address_of_the_feed() -> None:
    feed = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><link rel="self" href="https://example.org/a/feed"/>'
        '<entry><title>x</title><link href="b"/></entry></feed>'
    )

    assert detect.read(feed.encode()).entries[0].url == "https://example.org/a/b"


def test_drafts_menus_and_attachments_are_no_items() -> None:
    def item(title: str, kind: str, status: str) -> str:
        return f"<item><title>{title}</title><wp:post_type>{kind}</wp:post_type><wp:status>{status}</wp:status></item>"

    items = [item("a", "post", "publish"), item("b", "post", "draft"), item("c", "nav_menu_item", "publish")]
    items += [item("d", "attachment", "inherit"), item("e", "page", "publish")]
    namespace = "http://wordpress.org/export/1.2/"
    data = f'<rss version="2.0" xmlns:wp="{namespace}"><channel>{"".join(items)}</channel></rss>'
    snapshot = detect.read(data.encode())
    assert [entry.title for entry in snapshot.entries] == ["a", "e"]
    assert snapshot.warnings == (
        "3 drafts, comments, attachments and settings left out, because they were not shared as items.",
    )


@pytest.mark.parametrize(
    "beside", ["", "<description>a & b</description>", "<description>&nbsp;</description>", "<x:y/>"]
)
def test_doubly_escaped_link_is_the_same_in_a_malformed_feed(beside: str) -> None:
    assert only(f"<link>https://e.org/?a=1&amp;amp;b=2</link>{beside}").url == "https://e.org/?a=1&b=2"


def test_wordpress_elements_with_attributes_break_no_feed() -> None:
    kind = '<wp:post_type xmlns:wp="http://wordpress.org/export/1.2/" kind="x">post</wp:post_type>'
    assert only(f"<title>a</title>{kind}<unknown>&nbsp;</unknown>").title == "a"


def test_blogger_settings_and_comments_are_no_items_and_its_kinds_no_tags() -> None:
    def entry(kind: str) -> str:
        term = f"http://schemas.google.com/blogger/2008/kind#{kind}"
        return (
            f'<entry><title>{kind}</title><category scheme="http://schemas.google.com/g/2005#kind" term="{term}"/>'
            '<category scheme="http://www.blogger.com/atom/ns#" term="ink"/></entry>'
        )

    entries = "".join(map(entry, ["settings", "post", "comment", "template"]))
    snapshot = detect.read(f'<feed xmlns="http://www.w3.org/2005/Atom">{entries}</feed>'.encode())
    assert [(each.title, each.tags) for each in snapshot.entries] == [("post", ("ink",))]


def test_content_elsewhere_is_the_link_of_an_entry_without_one() -> None:
    feed = '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>T</title>{}<content src="{}"/></entry></feed>'
    data = feed.format("", "https://e.org/ink.pdf")
    assert detect.read(data.encode()).entries[0].url == "https://e.org/ink.pdf"
    data = feed.format('<link href="https://e.org/ink"/>', "https://e.org/ink.pdf")
    assert detect.read(data.encode()).entries[0].url == "https://e.org/ink"


def test_description_in_a_feed_of_a_bookmark_service_is_by_the_sharer() -> None:
    feed = (
        "<rss><channel><link>{}</link><item><title>T</title><description>A remark</description></item></channel></rss>"
    )
    of_service = detect.read(feed.format("http://delicious.com/mina").encode()).entries[0]
    of_site = detect.read(feed.format("http://e.org/delicious.com").encode()).entries[0]
    assert (of_service.description, of_service.body) == ("A remark", None)
    assert (of_site.description, of_site.body) == (None, "A remark")


def test_name_of_an_author_is_without_markup() -> None:
    author = "&lt;a href='https://e.org/ann'&gt;Ann &amp;amp; Co&lt;/a&gt;"
    feed = (
        '<rss xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><item><title>T</title>'
        f"<dc:creator>{author}</dc:creator></item></channel></rss>"
    )
    assert detect.read(feed.encode()).entries[0].sharer == Sharer(name="Ann & Co")
