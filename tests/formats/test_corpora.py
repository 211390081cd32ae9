"""Thousands of odd feeds collected by others, where available: FLORILEGE_CORPORA names their folder."""

import os
import re
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import feedparser
import pytest

from florilege.formats import Snapshot, SourceError, detect, feeds
from florilege.formats.detect import recognise
from florilege.formats.document import Document
from florilege.model import Entry
from florilege.text import clean_line
from support.snapshots import unclean_texts

CORPORA = os.environ.get("FLORILEGE_CORPORA", "")
SECONDS = 5.0
"""Seconds per document; the slowest takes less than one."""

pytestmark = pytest.mark.skipif(not CORPORA, reason="FLORILEGE_CORPORA names no folder of feeds")


def documents() -> Iterator[tuple[Path, bytes]]:
    for path in sorted(Path(CORPORA).rglob("*")):
        if path.suffix in {".xml", ".rss", ".atom"}:
            yield path, path.read_bytes()


def is_husk(element: dict[str, Any]) -> bool:
    """Whether feedparser's entry has no title beyond tags, no link (nor a guid that is an address), file or text."""
    title, link = str(dict.get(element, "title", "")), str(dict.get(element, "link", ""))
    values = [dict.get(element, "summary"), *(dict.get(each, "value") for each in dict.get(element, "content", []))]
    is_guid = dict.get(element, "guidislink") and link == dict.get(element, "id")
    is_link = link and (not is_guid or link.lower().startswith("http"))
    has_file = any(dict.get(each, "rel") == "enclosure" for each in dict.get(element, "links", []))
    has_file = has_file or any(dict.get(each, "src") for each in dict.get(element, "content", []))
    return not (re.sub("<[^<>]*>", "", title) or is_link or has_file or any(values))


def differences(path: Path, entry: Entry, element: dict[str, Any]) -> list[str]:
    """Where our entries differ from feedparser's, apart from intended differences."""
    found = []
    title, link = (
        re.sub(" +", " ", clean_line(str(dict.get(element, "title", "")))),
        clean_line(str(dict.get(element, "feedburner_origlink") or dict.get(element, "link", ""))),
    )
    if title != entry.title and not {"<", "&"} & set(title) and path.name != "shiftjis.xml":
        found.append(f"{path.name}: title {title!r} is {entry.title!r}")
    # Relative links are resolved, and a guid that is no address does not replace the link.
    if link != (entry.url or "") and ":" in link:
        found.append(f"{path.name}: link {link!r} is {entry.url!r}")
    if clean_line(str(dict.get(element, "id", ""))) != (entry.native_id or ""):
        found.append(f"{path.name}: id {dict.get(element, 'id')!r} is {entry.native_id!r}")
    return found


def test_every_document_is_read_or_refused_in_bounded_time_and_clean() -> None:
    count = 0
    slow: list[str] = []
    unclean: list[tuple[str, str]] = []
    silent: list[str] = []
    for path, data in documents():
        count += 1
        began = time.perf_counter()
        try:
            snapshot = detect.read(data)
        except SourceError:
            continue
        finally:
            if time.perf_counter() - began > SECONDS:
                slow.append(path.name)
        unclean.extend((path.name, text) for text in unclean_texts(snapshot))
        if not (snapshot.entries or snapshot.subscriptions or snapshot.warnings):
            silent.append(path.name)
    assert count > 2000
    assert (slow, unclean, silent) == ([], [], [])


def test_entries_of_every_feed_equal_those_of_feedparser() -> None:
    found: list[str] = []
    compared = 0
    for path, data in documents():
        try:
            document = Document(data)
            if recognise(document).name != "a feed":
                continue
            snapshot: Snapshot = feeds.read(document)
        except SourceError:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            elements = feedparser.parse(document.data)["entries"]
        kept = [element for element in elements if not is_husk(element)]
        if len(kept) != len(snapshot.entries):
            found.append(f"{path.name}: {len(kept)} entries, here {len(snapshot.entries)}")
            continue
        compared += len(kept)
        for entry, element in zip(snapshot.entries, kept, strict=True):
            found.extend(differences(path, entry, element))
    assert found == []
    assert compared > 2000


def test_nothing_feedparser_reads_is_refused() -> None:
    refused: list[str] = []
    for path, data in documents():
        try:
            detect.read(data)
        except SourceError as refusal:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                result = feedparser.parse(data)
            if result["entries"]:
                refused.append(f"{path.name}: {refusal}")
    assert refused == []
