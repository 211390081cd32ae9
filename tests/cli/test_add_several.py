"""`add` with documents of several groups, all samples, and thousands of odd documents."""

import os
import time
from pathlib import Path

import pytest

from florilege.cli import add
from florilege.cli.context import EXIT_DONE, EXIT_FAILED
from florilege.formats import Snapshot, detect
from florilege.formats.pool import Parser
from florilege.refresh import Result
from support.commands import Called
from support.loopback import Loopback, reply
from support.snapshots import SAMPLES

ENDS = (".",)
REFUSED = {"empty.rss", "login_page.html", "omnivore_highlights_lire-en-marge.md", "template.html", "zotero.rdf"}
LONGEST = 300.0
"""Time limit in seconds for all of them together."""
CORPORA = os.environ.get("FLORILEGE_CORPORA", "")
FOLDERS = """id,title,note,excerpt,url,folder,tags,created,cover,highlights,favorite
1,one,,,https://example.org/1,Ink,,2026-01-02T03:04:05Z,,,false
2,two,,,https://example.org/2,Folds,,soon,,,false
3,three,,,https://example.org/3,Ink,,2026-01-02T03:04:05Z,,,false
"""


def opml(folder: Path, *addresses: str) -> str:
    path = folder / "lists.opml"
    outlines = "".join(f'<outline text="List {n}" xmlUrl="{address}"/>' for n, address in enumerate(addresses, 1))
    bad = '<outline text="Bad" xmlUrl="exec:touch owned"/>'
    path.write_text(f"<opml><head><title>Lists</title></head><body>{outlines}{bad}</body></opml>")
    return str(path)


def rss(title: str) -> bytes:
    return f'<rss version="2.0"><channel><title>{title}</title><item><title>one</title></item></channel></rss>'.encode()


def test_adding_a_list_prints_one_line_per_group_refusals_and_a_total(
    florilege: Called, server: Loopback, tmp_path: Path
) -> None:
    path = opml(tmp_path, server.at("/a", reply(rss("A"))), server.at("/b", reply(status=404)))

    ran = florilege("add", path)

    assert ran.lines == ["List 1: 1 new item", "Lists: 2 groups, 1 new item, 1 not fetched"]
    assert ran.said[-1] == ("Lists: “Bad” was left out: florilege follows http and https addresses only, not exec:.")
    assert any("List 2 is kept" in line for line in ran.said)
    assert ran.code == EXIT_FAILED


def test_dry_run_of_a_list_creates_nothing(florilege: Called, server: Loopback, home: Path, tmp_path: Path) -> None:
    path = opml(tmp_path, server.at("/a", reply(rss("A"))))

    ran = florilege("add", "--dry-run", path)

    assert ran.lines == ["List 1: would be made, not fetched yet", "Lists: 1 group, nothing new"]
    assert (ran.code, server.count()) == (EXIT_DONE, 0)
    assert florilege("groups", "--json").json["groups"] == []


def test_dry_run_of_an_export_counts_what_would_be_added(florilege: Called, tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(FOLDERS)

    assert florilege("add", "--dry-run", str(path)).lines == [
        "Ink: would be made, 2 new items",
        "Folds: would be made, 1 new item",
        "export.csv: 2 groups, 3 new items",
    ]
    florilege("add", str(path))
    assert florilege("add", "--dry-run", str(path)).lines[0] == "Ink: would be added to, nothing new"


def test_export_with_folders_prints_one_line_per_folder_and_warnings_once(florilege: Called, tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(FOLDERS)

    ran = florilege("add", str(path))

    assert ran.lines == ["Ink: 2 new items", "Folds: 1 new item", "export.csv: 2 groups, 3 new items"]
    assert ran.said == ["export.csv: Row 3 “two”: its date “soon” can't be read."]


def test_several_groups_are_listed_in_json(florilege: Called, tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(FOLDERS)

    shown = florilege("add", "--json", str(path)).json

    assert [(group["title"], group["new"], group["warnings"]) for group in shown["groups"]] == [
        ("Ink", 2, []),
        ("Folds", 1, []),
    ]
    assert len(shown["warnings"]) == 1


def test_first_ten_warnings_are_printed_and_the_rest_counted(florilege: Called, tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    header = FOLDERS.partition("\n")[0]
    path.write_text("\n".join([header, *(f"{n},t{n},,,https://example.org/{n},,,soon,,,false" for n in range(15))]))

    ran = florilege("add", str(path))

    assert len(ran.said) == 11
    assert ran.said[-1] == "export.csv: and 5 more warnings"


def test_into_a_group_turns_folders_into_tags(florilege: Called, tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(FOLDERS)
    florilege("add", str(path), "--title", "Mine")

    items = florilege("list", "--json").json["items"]

    assert {item["title"]: item["tags"] for item in items} == {"one": ["Ink"], "two": ["Folds"], "three": ["Ink"]}


def test_every_sample_is_added_or_refused_with_a_message(florilege: Called, tmp_path: Path) -> None:
    readable, refused = list[str](), list[str]()
    for number, path in enumerate(SAMPLES.iterdir()):
        if ".expected." not in path.name:
            nameless = tmp_path / f"{number}."
            nameless.write_bytes(path.read_bytes())
            (refused if path.name in REFUSED else readable).append(str(nameless))

    ran = florilege("add", "--dry-run", *readable)
    assert (ran.code, len(readable) > 80) == (EXIT_DONE, True), ran.err
    assert len(ran.lines) >= len(readable)

    ran = florilege("add", "--dry-run", *refused)
    assert (ran.code, len(ran.said), ran.lines) == (EXIT_FAILED, len(REFUSED), [])
    assert all(sum(name in said for said in ran.said) == 1 for name in refused)
    assert all(said.endswith(ENDS) for said in ran.said)


@pytest.mark.skipif(not CORPORA, reason="FLORILEGE_CORPORA names no folder of feeds")
def test_no_corpus_document_causes_a_traceback(
    florilege: Called, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def read_in_process(_parser: Parser, data: bytes, _known: object) -> Snapshot:
        return detect.read(data)  # in this process, so that a crash is not mistaken for a refusal

    results: list[Result] = []
    monkeypatch.setattr(Parser, "parse", read_in_process)

    monkeypatch.setattr(add, "_print_addition", results.append)
    files = sorted(path for path in Path(CORPORA).rglob("*") if path.is_file())
    lists = [path for path in files if b"<opml" in path.read_bytes().lower()]
    others = [path for path in files if path not in set(lists)]
    began = time.monotonic()
    for words, paths in ((["--no-refresh"], lists), ([], others)):  # addresses in a list are not fetched
        for start in range(0, len(paths), 100):
            florilege.environ["FLORILEGE_HOME"] = str(tmp_path / f"{len(words)}-{start}")
            ran = florilege("add", *words, *map(str, paths[start : start + 100]))
            assert ran.code in {EXIT_DONE, EXIT_FAILED}, ran.err
    assert len(results) == len(files) > 2000
    assert [result.error for result in results if result.error and not result.error.rstrip('…”"').endswith(ENDS)] == []
    assert time.monotonic() - began < LONGEST
