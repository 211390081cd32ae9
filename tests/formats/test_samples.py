"""Every readable sample against the expectation beside it; every other one against its refusal."""

import json
import re
from pathlib import Path

import pytest

from florilege.formats import detect
from florilege.model import BodyKind
from support.snapshots import SAMPLES, as_json, sample, unclean_texts

READ = {
    "diigo_group.rss": "diigo_group",
    "diigo_group_illformed.rss": "diigo_group_illformed",
    "diigo_user.rss": "diigo_user",
    "diigo_apiv2_bookmarks.json": "diigo_apiv2_bookmarks",
    "diigo_csv_export.csv": "diigo_csv_export",
    "diigo_interact_items.json": "diigo_interact_items",
    "diigo_group_page.txt": "diigo_group_page",
    "diigo_netscape.html": "diigo_netscape",
    "raindrop_items.json": "raindrop_items",
    "raindrop_export.csv": "raindrop_export",
    "readwise_export.json": "readwise_export",
    "quotes.csv": "quotes",
    "pinboard_export.json": "pinboard_export",
    "instapaper_export.csv": "instapaper_export",
    "instapaper_export.html": "instapaper_export_html",
    "pocket_part_000000.csv": "pocket_part_000000",
    "pocket_annotations_part_000000.json": "pocket_annotations_part_000000",
    "omnivore_metadata_0_to_20.json": "omnivore_metadata_0_to_20",
    "plain_feed_conventions.rss": "plain_feed_conventions",
    "rdf_bookmarks.rdf": "rdf_bookmarks",
    "atom_group.atom": "atom_group",
    "florilege_library.json": "florilege_library",
    "hypothesis_export.json": "hypothesis_export",
    "hypothesis_search.json": "hypothesis_search",
    "hypothesis_stream.atom": "hypothesis_stream",
    "hypothesis_stream.rss": "hypothesis_stream",
    "zotero_group_items.atom": "zotero_group_items_atom",
    "zotero_group_items.json": "zotero_group_items",
    "jsonfeed11.json": "jsonfeed11",
    "web_annotation.jsonld": "web_annotation",
    "web_annotation_collection.jsonld": "web_annotation_collection",
    "subscriptions.opml": "subscriptions",
    "pocket_page.html": "pocket_page",
    "bookmarks_by_href.json": "bookmarks_by_href_json",
    "bookmarks_in_an_object.json": "bookmarks_in_an_object_json",
    "chrome_bookmarks.json": "chrome_bookmarks_json",
    "delicious_posts.xml": "delicious_posts_xml",
    "kindle_languages.txt": "kindle_languages_txt",
    "koreader.json": "koreader_json",
    "calibre.json": "calibre_json",
    "evernote.enex": "evernote_enex",
    "works.ris": "works_ris",
    "readest.json": "readest_json",
    "matter_history.csv": "matter_history_csv",
    "inoreader_starred.json": "inoreader_starred_json",
    "firefox_older.json": "firefox_older_json",
    "wallabag_answer.json": "wallabag_answer_json",
    "diigo_marks.html": "diigo_marks_html",
    "diigo_older.csv": "diigo_older_csv",
    "readwise_reader.csv": "readwise_reader_csv",
    "table_of_highlights.tsv": "table_of_highlights_tsv",
    "diigo_blog.rss": "diigo_blog_rss",
    "karakeep.json": "karakeep_json",
    "karakeep_api.json": "karakeep_api_json",
    "toby.json": "toby_json",
    "bookcision.json": "bookcision_json",
    "kindle_notebook.html": "kindle_notebook_html",
    "linkwarden.json": "linkwarden_json",
    "delicious_export.json": "delicious_export_json",
    "hypothesis_client_newer.csv": "hypothesis_client_newer_csv",
    "hypothesis_client_newer.txt": "hypothesis_client_newer_txt",
    "hypothesis_client_newer.html": "hypothesis_client_newer_html",
    "diigo.ndjson": "diigo_ndjson",
    "hypothesis.ndjson": "hypothesis_ndjson",
    "blogger_export.atom": "blogger_export_atom",
    "wordpress_wxr.xml": "wordpress_wxr_xml",
    "netscape_one_bad_byte.html": "netscape_one_bad_byte_html",
    "netscape_meta_charset.html": "netscape_meta_charset_html",
    "diigo_hard_wrapped.json": "diigo_hard_wrapped_json",
    "pinboard_repeated.json": "pinboard_repeated_json",
    "diigo_with_and_without.json": "diigo_with_and_without_json",
    "diigo_library.html": "diigo_library_html",
    "diigo_selected.csv": "diigo_selected_csv",
    "diigo_written_out.csv": "diigo_written_out_csv",
    "firefox_backup.json": "firefox_backup_json",
    "firefox_places.html": "firefox_places_html",
    "google_reader_starred.json": "google_reader_starred_json",
    "hypothesis_client.csv": "hypothesis_client_csv",
    "hypothesis_client.html": "hypothesis_client_html",
    "hypothesis_client.txt": "hypothesis_client_txt",
    "kindle_clippings.txt": "kindle_clippings_txt",
    "linkding.html": "linkding_html",
    "linkding_api.json": "linkding_api_json",
    "newsboat_urls.txt": "newsboat_urls_txt",
    "pinboard_feed.json": "pinboard_feed_json",
    "pinboard_feed.rdf": "pinboard_feed_rdf",
    "plain_table.csv": "plain_table_csv",
    "raindrop_export.html": "raindrop_export_html",
    "raindrop_older.csv": "raindrop_older_csv",
    "readwise_own.csv": "readwise_own_csv",
    "readwise_own_pages.csv": "readwise_own_pages_csv",
    "readwise_reader.json": "readwise_reader_json",
    "shaarli_api.json": "shaarli_api_json",
    "urls.txt": "urls_txt",
    "wallabag.json": "wallabag_json",
    "web_annotations_wrapped.json": "web_annotations_wrapped_json",
    "zotero_csl.json": "zotero_csl_json",
    "zotero_own.csv": "zotero_own_csv",
    "zotero_page_label.json": "zotero_page_label_json",
}


@pytest.mark.parametrize(("name", "expectation"), READ.items())
def test_sample_is_read_as_expected(name: str, expectation: str) -> None:
    expected = (SAMPLES / f"{expectation}.expected.json").read_text("utf-8")
    assert as_json(detect.read(sample(name))) == expected


@pytest.mark.parametrize("name", READ)
def test_no_control_character_is_left_in_any_field(name: str) -> None:
    assert unclean_texts(detect.read(sample(name))) == []


def test_samples_contain_control_characters() -> None:
    assert b"\\u001b[31m" in sample("diigo_apiv2_bookmarks.json")
    assert b"&#x202E;" in sample("diigo_group.rss")
    assert b"&#27;]52;c;" in sample("diigo_group_illformed.rss")


def test_original_description_is_kept_when_taken_apart() -> None:
    first = detect.read(sample("diigo_group.rss")).entries[0]
    assert first.body_kind is BodyKind.TAKEN_APART
    assert first.body is not None
    assert first.body.startswith('<div class="annContent"><div class="annInner">Une note isolée')


def test_table_of_formats_lists_exactly_those_with_a_sample() -> None:
    table = (Path(__file__).parents[2] / "docs" / "services.md").read_text("utf-8")
    named = [kind for row in table.splitlines() if row.startswith("|") for kind in re.findall(r"`([a-z-]+)`", row)]
    read = {json.loads((SAMPLES / f"{name}.expected.json").read_text("utf-8"))["kind"] for name in READ.values()}
    assert sorted(named) == sorted(read)


def test_every_sample_is_tested() -> None:
    others = {"empty.rss", "login_page.html", "omnivore_highlights_lire-en-marge.md", "template.html", "zotero.rdf"}
    present = {path.name for path in SAMPLES.iterdir() if not path.name.endswith(".expected.json")}
    assert present == {*READ, *others}
