"""The shapes of `--json`: every field is present, and null when unknown."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from florilege.export.formats import FORMATS
from florilege.model import Comment, Highlight
from support.commands import Called
from support.selections import group, item, row, selection

PAGE = (Path(__file__).parents[2] / "docs" / "json.md").read_text("utf-8")


def documented_fields(name: str) -> list[str]:
    """The fields of a shape as listed in docs/json.md."""
    (row,) = re.findall(rf"^\| {re.escape(name)} \| (.*) \|$", PAGE, re.MULTILINE)
    return re.findall(r"`(\w+)`", row)


ITEM, HIGHLIGHT, COMMENT, GROUP, SOURCE, RESULT = map(
    documented_fields, ("item", "highlight", "comment", "group", "source", "result")
)


@pytest.fixture
def bare_library(florilege: Called) -> Called:
    """A library with one item about which as little as possible is known, likewise its highlight and note."""
    said = Comment(text="Oui.")
    marks = (Highlight(id="1", quote="La marge", comments=(said,)),)
    one = item(title="", url=None, highlights=marks, notes=(Comment(text="Vu.", replies=(said,)),))
    path = florilege.home.parent / "bare.json"
    path.write_text("".join(FORMATS["json"].write(selection(row(one, of=group(site=None, sources=()))))))
    assert florilege("import", str(path)).code == 0
    return florilege


def nulls(shape: dict[str, Any]) -> set[str]:
    return {name for name, value in shape.items() if value is None}


def test_item_has_every_field(bare_library: Called) -> None:
    listed = bare_library("list", "--json").json
    assert list(listed) == ["items", "total"]
    (shape,) = listed["items"]
    assert list(shape) == ITEM
    assert nulls(shape) == {
        "url",
        "discussion_url",
        "shared_at",
        "updated_at",
        "description",
        "views",
        "folded",
        "own_note",
    }
    assert shape["sharer"] == {"name": None, "handle": None}
    assert list(shape["group"]) == ["id", "title"]
    assert [list(each) for each in shape["highlights"]] == [HIGHLIGHT]
    assert nulls(shape["highlights"][0]) == {"author", "made_at", "colour", "location", "prefix", "suffix", "own_note"}
    (note,) = shape["notes"]
    assert [list(note), list(note["replies"][0]), list(shape["highlights"][0]["comments"][0])] == [COMMENT] * 3
    assert nulls(note) == {"author", "made_at"}
    assert bare_library("list", "--jsonl").json == shape


def test_quote_is_a_highlight_with_its_item(bare_library: Called) -> None:
    document = bare_library("quotes", "--json").json
    assert list(document) == ["quotes", "total"]
    (shape,) = document["quotes"]
    assert list(shape) == [*HIGHLIGHT, "item"]
    assert ["quotes", "item", *shape["item"], "total"] == documented_fields("`quotes --json`")
    assert list(shape["item"]["group"]) == ["id", "title"]


def test_group_and_its_sources_have_every_field(bare_library: Called, feeds: Path) -> None:
    bare_library("add", str(feeds / "encre.rss"))
    document = bare_library("groups", "--json").json
    assert list(document) == ["groups"]
    without, fed = document["groups"]
    assert list(without) == GROUP
    assert (without["site"], without["sources"], without["outcome"]) == (None, [], "never")
    (source,) = fed["sources"]
    assert list(source) == SOURCE
    assert {"error"} <= nulls(source)


def test_tags_and_sharers_have_every_field(florilege: Called, feeds: Path) -> None:
    florilege("add", str(feeds / "encre.rss"))
    tags, sharers = florilege("tags", "--json").json, florilege("sharers", "--json").json
    assert (list(tags), list(sharers)) == (["tags"], ["sharers"])
    assert all(["tags", *each] == documented_fields("`tags --json`") for each in tags["tags"])
    assert all(["sharers", *each] == documented_fields("`sharers --json`") for each in sharers["sharers"])


def test_group_outcome_means_the_same_in_every_command(florilege: Called, tmp_path: Path, feeds: Path) -> None:
    path = tmp_path / "encre.rss"
    path.write_bytes((feeds / "encre.rss").read_bytes())

    def outcomes(*words: str) -> list[tuple[str, bool]]:
        document = florilege(*words, "--json").json
        assert next(iter(document)) == "groups"
        assert all(list(each) == RESULT for each in document["groups"])
        assert document["seconds"] >= 0
        return [(each["outcome"], each["asked"]) for each in document["groups"]]

    assert outcomes("add", "--dry-run", str(path)) == [("never", False)]
    assert outcomes("add", str(path)) == [("ok", True)]
    assert outcomes("refresh", "--all") == [("unchanged", True)]
    path.write_bytes(b"no feed at all")
    assert outcomes("refresh", "--all") == [("failed", True)]
    assert [each["outcome"] for each in florilege("groups", "--json").json["groups"]] == ["failed"]


def test_group_without_a_source_was_never_fetched(bare_library: Called) -> None:
    (result,) = bare_library("refresh", "--all", "--json").json["groups"]
    assert (result["outcome"], result["asked"], result["error"]) == ("never", False, None)


def test_doctor_findings_have_every_field(florilege: Called) -> None:
    document = florilege("doctor", "--json").json
    assert all(["findings", *each] == documented_fields("`doctor --json`") for each in document["findings"])


DOCUMENTED = {
    "list": "ItemsJson",
    "quotes": "QuotesJson",
    "groups": "GroupsJson",
    "tags": "TagsJson",
    "sharers": "SharersJson",
    "doctor": "DoctorJson",
    "refresh": "ResultsJson",
}


@pytest.mark.parametrize("command", DOCUMENTED)
def test_output_conforms_to_the_schema(bare_library: Called, feeds: Path, command: str) -> None:
    schema = json.loads((Path(__file__).parents[2] / "docs" / "json.schema.json").read_text("utf-8"))
    added = bare_library("add", "--json", str(feeds / "encre.rss"))
    for written, name in ((added, "ResultsJson"), (bare_library(command, "--json"), DOCUMENTED[command])):
        definition = {**schema, "anyOf": [{"$ref": f"#/$defs/{name}"}]}
        jsonschema.validate(written.json, definition)
        assert set(written.json) == set(schema["$defs"][name]["properties"])
