"""Readable text out of HTML."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florilege.formats.markup import Layout, events, html_to_text, links, mixed_to_text, title_to_text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One.</p><p>Two.</p>", "One.\n\nTwo."),
        ("One.<p>Two.", "One.\n\nTwo."),
        ("<div>One</div><div>Two</div>", "One\nTwo"),
        ("One<br>Two<br/>Three", "One\nTwo\nThree"),
        ("One<br><br>Two", "One\n\nTwo"),
        ("<p>a</p><ul><li>b</li><li>c<ul><li>d</li></ul></li></ul><p>e</p>", "a\n\n• b\n• c\n  • d\n\ne"),
        ("<ol><li>a<li>b</ol>", "1. a\n2. b"),
        ("<p>a</p><blockquote><p>b</p><p>c</p></blockquote>d", "a\n\n> b\n>\n> c\n\nd"),
        ("<blockquote>a<blockquote>b</blockquote></blockquote>", "> a\n\n> > b".replace("\n\n", "\n>\n")),
        ("a<script>b</script><style>c</style>d", "ad"),
        ("  many \n\t kinds   of\u00a0space ", "many kinds of\u00a0space"),
        ("<pre>a\n  b\n\nc</pre>", "a\n  b\n\nc"),
        ("&lt;b&gt; &amp;amp; &eacute;", "<b> &amp; é"),
        ("List<String> and <antirez> and </name>", "List<String> and <antirez> and </name>"),
        ("a < b && c > d", "a < b && c > d"),
        ("<o:p>a</o:p> <my-tag>b</my-tag>", "a b"),
        ("<![CDATA[a]]> <![if !IE]>b<![endif]><!-- c -->", "a b"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("cut <a href='htt", "cut"),
        ("&#27;[31m&#0;", "[31m\ufffd"),
        ("", ""),
    ],
)
def test_html_is_read_as_text(markup: str, text: str) -> None:
    assert html_to_text(markup) == text


def test_quote_has_single_line_breaks_and_no_quotation_signs() -> None:
    assert html_to_text("<p>a</p><blockquote>b</blockquote>c<br><br>d", Layout.PASSAGE) == "a\nb\nc\nd"


def test_plain_text_keeps_its_line_breaks_where_html_is_optional() -> None:
    assert mixed_to_text("one\n\n  two &amp; three") == "one\n\n  two & three"
    assert mixed_to_text("one\ntwo<br>three") == "one two\nthree"


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("<b>a</b> &amp; b", "a & b"),
        ("<antirez> on <details>", "<antirez> on <details>"),
        ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
        ("<a href='x'>link</a>", "link"),
        ("<details open=''>a</details>", "a"),
    ],
)
def test_title_loses_known_tags_only(title: str, text: str) -> None:
    assert title_to_text(title) == text


@given(st.text(st.sampled_from("<>/!-[]&;#\"'= \nabpliq\u00a0")))
def test_no_html_is_too_broken(markup: str) -> None:
    for layout in Layout:
        assert isinstance(html_to_text(markup, layout), str)
    events(markup)


@given(
    st.lists(st.sampled_from(["<p>", "</p>", "<li>", "</ul>", "<ul>", "<blockquote>", "</blockquote>", "<pre>", "x"]))
)
def test_text_never_begins_or_ends_with_a_blank_line(pieces: list[str]) -> None:
    text = html_to_text("".join(pieces))
    assert text == text.strip("\n")
    assert "\n\n\n" not in text


def test_last_link_of_a_cut_page_is_read() -> None:
    page = '<h1>Unread</h1><ul><li><a href="https://example.org/a">One</a></li><li><a href="https://example.org/b">Tw'
    found = [(link["href"], link["words"], link["heading"]) for link in links(page)]
    assert found == [("https://example.org/a", "One", "Unread"), ("https://example.org/b", "Tw", "Unread")]


def test_formulas_are_read_without_their_elements() -> None:
    markup = "<p>so <math><mrow><mi>a</mi><mo>+</mo><msup><mi>b</mi><mn>2</mn></msup></mrow></math></p>"
    assert html_to_text(markup) == "so a+b2"
