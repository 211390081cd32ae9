"""OPML: addresses, titles, tags, and refusals."""

import time

import pytest

from florilege.formats import Snapshot, SourceError, Subscription, detect


def listed(body: str, *, head: str = "<head><title>Mine</title></head>", version: str = ' version="2.0"') -> Snapshot:
    return detect.read(f'<?xml version="1.0"?><opml{version}>{head}<body>{body}</body></opml>'.encode())


def only_group(snapshot: Snapshot) -> Subscription:
    (subscription,) = snapshot.subscriptions
    return subscription


def test_folders_and_categories_become_tags_without_repetition() -> None:
    group = only_group(
        listed(
            '<outline text="Papers"><outline title="Slow"><outline text="Ink" xmlUrl="https://a.example/rss" '
            'category="/papers/folds,marges , "/></outline></outline>'
        )
    )
    assert group.tags == ("Papers", "Slow", "folds", "marges")


def test_closed_folder_is_no_tag_of_what_follows() -> None:
    snapshot = listed('<outline text="Papers"><outline text="Empty"/></outline><outline xmlUrl="https://a.example/"/>')
    assert only_group(snapshot).tags == ()


@pytest.mark.parametrize(
    "outline",
    [
        '<outline TEXT="Ink" XMLURL="https://a.example/rss"/>',
        '<outline title="Ink" xmlurl=" https://a.example/rss "/>',
        '<outline title="Ink" url="https://a.example/rss" type="rss"/>',
        '<OUTLINE text="Ink" title="Other" xmlUrl="https://a.example/rss" type="RSS"></OUTLINE>',
        '<o:outline text=" Ink\n" type="whatever" xmlUrl="https://a.example/rss"/>',
    ],
)
def test_attribute_spelling_makes_no_difference(outline: str) -> None:
    group = only_group(listed(outline))
    assert (group.title, group.address) == ("Ink", "https://a.example/rss")


@pytest.mark.parametrize("version", [' version="1.0"', ' version="1.1"', ' version="2.0"', ""])
def test_any_version_is_read(version: str) -> None:
    snapshot = listed('<outline text="Ink" xmlUrl="https://a.example/rss"/>', version=version)
    assert (snapshot.kind, snapshot.title, snapshot.warnings) == ("opml", "Mine", ())


def test_latin_1_is_read() -> None:
    text = (
        '<?xml version="1.0" encoding="ISO-8859-1"?><opml><body><outline text="Mod\u00e8le" xmlUrl="https://a.example/"/>'
        "</body></opml>"
    )
    assert only_group(detect.read(text.encode("latin-1"))).title == "Modèle"


def test_address_in_several_folders_is_one_group_with_all_tags() -> None:
    group = only_group(
        listed(
            '<outline text="A"><outline text="Ink" xmlUrl="https://a.example/rss"/></outline>'
            '<outline text="B"><outline text="Ink" xmlUrl="http://A.example/rss/"/></outline>'
        )
    )
    assert group.tags == ("A", "B")


@pytest.mark.parametrize(
    "address",
    [
        "exec:touch owned",
        "file:///etc/hostname",
        "javascript:alert(1)",
        "a.example/rss",
        "|rm",
        "filter:x:https://example.org/",
    ],
)
def test_addresses_outside_the_web_are_refused_each_with_a_sentence(address: str) -> None:
    snapshot = listed(f'<outline text="Bad" xmlUrl="{address}"/><outline text="Good" xmlUrl="https://a.example/"/>')
    assert only_group(snapshot).title == "Good"
    (warning,) = snapshot.warnings
    assert warning.startswith("“Bad” was left out: florilege follows http and https addresses only, ")


@pytest.mark.parametrize("address", ["feed://a.example/rss", "feed:https://a.example/rss"])
def test_feed_scheme_means_http(address: str) -> None:
    assert only_group(listed(f'<outline text="Good" xmlUrl="{address}"/>')).address == "https://a.example/rss"


def test_includes_and_links_are_reported_and_never_groups() -> None:
    snapshot = listed(
        '<outline type="include" text="More" url="https://user:hush@b.example/x.opml"/>'
        '<outline type="LINK" text="Page" url="https://b.example/page"/><outline text="Good" xmlUrl="https://a.example/"/>'
    )
    assert only_group(snapshot).title == "Good"
    assert snapshot.warnings == (
        "“More” is another list, which is not fetched automatically: add https://…@b.example/x.opml.",
        "“Page” is a link, no feed: https://b.example/page.",
    )


@pytest.mark.parametrize(
    "broken",
    [
        '<outline text="A" xmlUrl="https://a.example/"/><outline text="B" xmlUrl="https://b.example/"/></unexpected>',
        '<outline text="A" xmlUrl="https://a.example/">\n<outline text="B" xmlUrl="https://b.example/">',
        '<outline text="A &" xmlUrl="https://a.example/?x=1&copy=2"/><outline text="B" xmlUrl="https://b.example/"/>',
        '</outline><outline text="A" xmlUrl="https://a.example/"/></body><body><outline xmlUrl="https://b.example/"/>',
    ],
)
def test_malformed_list_is_read_with_a_warning(broken: str) -> None:
    snapshot = listed(broken)
    assert [group.address[:17] for group in snapshot.subscriptions] == ["https://a.example", "https://b.example"]
    assert [group.tags for group in snapshot.subscriptions] == [(), ()]
    assert snapshot.warnings[-1].startswith("The list is not well-formed (line ")


def test_unescaped_ampersand_in_an_address_is_kept() -> None:
    group = only_group(listed('<outline xmlUrl="https://a.example/?x=1&amp;copy=2&amp;lt=3"/>'))
    assert group.address == "https://a.example/?x=1&copy=2&lt=3"


def test_declared_entities_are_never_expanded() -> None:
    bomb = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    text = f'<!DOCTYPE opml [<!ENTITY a0 "boom">{bomb}<!ENTITY f SYSTEM "file:///etc/hostname">]>'
    began = time.perf_counter()
    snapshot = detect.read(
        f'<?xml version="1.0"?>{text}<opml><body><outline text="&a11;&f;" xmlUrl="https://a.example/"/></body></opml>'.encode()
    )
    assert time.perf_counter() - began < 1
    assert only_group(snapshot).title == "&a11;&f;"
    assert snapshot.warnings == ("The list declares entities of its own, which florilege does not expand.",)


def test_endlessly_nested_list_is_read_in_bounded_time() -> None:
    began = time.perf_counter()
    snapshot = listed('<outline text="x">' * 50_000 + '<outline xmlUrl="https://a.example/"/>' * 5_000)
    assert only_group(snapshot).tags == ("x",)
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("", ""),
        ('<outline text="Only a folder"/>', ""),
        (
            '<outline text="Bad" xmlUrl="exec:x"/>',
            " (“Bad” was left out: florilege follows http and https addresses only, not exec:)",
        ),
    ],
)
def test_list_without_groups_is_refused(body: str, why: str) -> None:
    with pytest.raises(SourceError) as refusal:
        listed(body)
    assert str(refusal.value) == (
        f"This is an OPML subscription list, but it names no feed that can be followed{why}: add feeds by "
        "their addresses."
    )


def test_rdf_feed_mentioning_people_is_a_feed() -> None:
    head = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:foaf="http://xmlns.com/foaf/0.1/"'
    feed = f'{head} xmlns="http://purl.org/rss/1.0/"><item><title>x</title></item><foaf:Person/></rdf:RDF>'
    assert detect.read(feed.encode()).kind == "rdf"
