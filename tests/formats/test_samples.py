"""Every readable sample against the expectation beside it. Rewritten by `FLORILEGE_SNAPSHOTS=write pytest`."""

import json
import os
import re
from pathlib import Path

import pytest

from florilege.formats import detect
from florilege.model import BodyKind
from support.snapshots import SAMPLES, as_json, sample, unclean_texts

REFUSED = {"empty.rss", "login_page.html", "omnivore_highlights_lire-en-marge.md", "template.html", "zotero.rdf"}
READ = sorted({path.name for path in SAMPLES.iterdir() if not path.name.endswith(".expected.json")} - REFUSED)


def expectation(name: str) -> Path:
    """The expectation of a sample: `x.expected.json`, or `x_csv.expected.json`, for `x.csv`."""
    path = SAMPLES / f"{name.replace('.', '_')}.expected.json"
    short = SAMPLES / f"{name.partition('.')[0]}.expected.json"
    return short if short.exists() and not path.exists() else path


@pytest.mark.parametrize("name", READ)
def test_sample_is_read_as_expected(name: str) -> None:
    snapshot = as_json(detect.read(sample(name)))
    if os.environ.get("FLORILEGE_SNAPSHOTS") == "write":
        expectation(name).write_text(snapshot, "utf-8")
    assert snapshot == expectation(name).read_text("utf-8")


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
    read = {json.loads(expectation(name).read_text("utf-8"))["kind"] for name in READ}
    assert sorted(named) == sorted(read)


def test_every_expectation_has_its_sample() -> None:
    assert {*SAMPLES.glob("*.expected.json")} <= {*map(expectation, READ)}
