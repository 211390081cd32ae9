"""Quotes, tags, sharers, templates, exports and imports on the command line; opening and copying."""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from florilege.cli.export import NAMES, PARTS
from florilege.export.formats import FORMATS
from florilege.formats import own
from florilege.importing import import_library
from florilege.lists.river import Grouping
from florilege.query.fields import FIELDS
from florilege.quotes.templates import ITEM_FIELDS, QUOTE_FIELDS
from florilege.store import Library
from florilege.text import clean
from support.clocks import Clock
from support.commands import Called, Installed
from support.selections import HOSTILE, NOW, hostile, rich


def fill(home: Path, text: str) -> None:
    with Library(home / "library", clock=Clock(NOW)) as library:
        import_library(library, own.decode(text.encode()), now=NOW)


@pytest.fixture
def filled(florilege: Called) -> Called:
    fill(florilege.home, "".join(FORMATS["json"].write(rich())))
    return florilege


# Quotes, tags, sharers


def test_quotes_are_shown_with_their_source(filled: Called) -> None:
    ran = filled("quotes")
    assert ran.lines[0] == "> « La marge est un lieu. »"
    assert ran.lines[1].startswith("  — Lire en marge, Bob, 2019-04-12, https://example.org/marges#:~:text=")
    assert ran.said == ["2 quotes"]


def test_quotes_as_json_have_the_documented_shape(filled: Called) -> None:
    document = filled("quotes", "--json").json
    assert document["total"] == 2
    first = document["quotes"][0]
    assert set(first) == {
        "id", "quote", "author", "made_at", "colour", "tags", "location", "prefix", "suffix", "new", "own_note",
        "comments", "item",
    }  # fmt: skip
    assert first["item"] == {
        "id": "00000000000000a1",
        "title": "Lire en marge",
        "url": "https://example.org/marges",
        "group": {"id": "a1b2", "title": "Encre & Papier"},
    }
    lines = filled("quotes", "--jsonl").lines
    assert [json.loads(line) for line in lines] == document["quotes"]


def test_quotes_are_filtered_by_the_query(filled: Called) -> None:
    assert [each["id"] for each in filled("quotes", "quote:marge", "--json").json["quotes"]] == ["h1"]
    assert [each["id"] for each in filled("quotes", "is:new", "--json").json["quotes"]] == ["h2"]
    assert filled("quotes", "nothing such").said == ["0 quotes"]


def test_random_quotes_are_the_same_for_the_same_seed(filled: Called) -> None:
    drawn = {tuple(filled("quotes", "--random", "1", "--seed", str(seed), "--jsonl").lines) for seed in range(8)}
    assert {json.loads(line)["id"] for (line,) in drawn} == {"h1", "h2"}
    assert len(drawn) == 2
    assert filled("quotes", "--random", "9", "--json").json["total"] == 2
    assert filled("quotes", "quote:marge", "--random", "1").said == ["1 quote"]
    assert filled("quotes", "--seed", "1").code == 2


def test_tags_and_sharers_are_counted(filled: Called) -> None:
    assert filled("tags", "--json").json == {
        "tags": [{"tag": "lecture", "items": 1, "unread": 0}, {"tag": "papier", "items": 1, "unread": 0}]
    }
    assert filled("sharers", "--json").json == {
        "sharers": [{"name": "Odette Plumier", "items": 1, "highlights": 2, "unread": 0}]
    }
    assert filled("tags", "is:unread").said == ["0 tags"]
    assert filled("sharers").lines == ["Odette Plumier: 1 item, 2 highlights, 0 unread"]


# Templates


def test_template_formats_each_line(filled: Called) -> None:
    ran = filled("list", "has:quote", "--template", r"{id}\t{read}\t{title}\t{quotes}\t{tags}")
    assert ran.out == "00000000000000a1\tread\tLire en marge\t2\tlecture, papier\n"
    assert filled("quotes", "--template", "{author}|{quote}|{date}").lines == [
        "Bob|« La marge est un lieu. »|2019-04-12",
        "Odette Plumier|Deux paragraphes|2019-04-12",
    ]


@pytest.mark.parametrize("text", ["{title.__class__}", "{nope}", "{", "{title!r}"])
def test_invalid_template_is_a_command_line_error(filled: Called, text: str) -> None:
    for command in ("list", "quotes"):
        ran = filled(command, "--template", text)
        assert ran.code == 2
        assert ran.out == ""


def test_output_options_exclude_each_other(filled: Called) -> None:
    for command in ("list", "quotes"):
        assert filled(command, "--json", "--template", "{title}").code == 2


@pytest.mark.parametrize("word", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_breaks_no_output(florilege: Called, word: str) -> None:
    fill(florilege.home, "".join(FORMATS["json"].write(hostile(clean(word)))))
    assert florilege("list", "--json").json["total"] == 1
    assert florilege("quotes", "--json").json["total"] == 1
    for command in ("tags", "sharers"):
        assert florilege(command, "--json").code == 0
    ran = florilege("list", "--template", r"{title}\t{quote}\t{tags}")
    assert ran.out.count("\t") == 2
    assert ran.out.count("\n") == 1
    assert "\x1b" not in florilege("quotes").out


# Export and import


def test_known_formats_are_listed() -> None:
    assert tuple(FORMATS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_format_can_be_exported(filled: Called, tmp_path: Path, name: str) -> None:
    ran = filled("export", "--format", name)
    assert ran.code == 0
    assert ran.err == ""
    path = tmp_path / f"all{FORMATS[name].suffixes[0]}"
    assert filled("export", "--output", str(path)).code == 0
    if name != "json":  # holds the time of the export
        assert path.read_bytes().decode() == ran.out


def test_import_into_an_empty_library_restores_the_exported_list(filled: Called, tmp_path: Path) -> None:
    before = filled("list", "--json").out
    path = tmp_path / "all.json"
    assert filled("export", "--output", str(path)).said == [f"2 items with 2 highlights written to {path}"]
    other = Called(tmp_path / "other", filled.capsys)
    ran = other("import", str(path))
    assert ran.code == 0
    assert ran.lines == ["2 groups and 2 items added, 0 items revised, 0 unchanged; 1 reading state imported"]
    assert other("list", "--json").out == before
    again = other("import", str(path))
    assert again.lines == ["0 groups and 0 items added, 0 items revised, 2 unchanged; 0 reading states imported"]


def test_export_reports_what_the_format_leaves_out(florilege: Called, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("".join(FORMATS["json"].write(rich())), "utf-8")
    (said,) = florilege("import", str(tmp_path / "a.json")).said
    assert said.startswith("Encre & Papier: the address https://groups.example.org/rss/12/… was left out")


def test_import_dry_run_changes_nothing(filled: Called, tmp_path: Path) -> None:
    filled("export", "--output", str(tmp_path / "a.json"))
    other = Called(tmp_path / "other", filled.capsys)
    ran = other("import", str(tmp_path / "a.json"), "--dry-run")
    (line,) = ran.lines
    assert line.startswith("2 groups and 2 items would be added, 0 items would be revised, 0 unchanged; up to 1 ")
    assert other("list", "--json").json == {"total": 0, "items": []}


def test_export_overwrites_only_with_force(filled: Called, tmp_path: Path) -> None:
    path = tmp_path / "mine.md"
    path.write_text("mine")
    ran = filled("export", "--output", str(path))
    assert ran.code == 1
    assert ran.said == [f"“{path}” is there already, and was left as it is. --force overwrites it."]
    assert path.read_text() == "mine"
    assert filled("export", "--output", str(path), "--force").code == 0
    assert path.read_text("utf-8").startswith("# florilege")


def test_query_selects_what_is_exported(filled: Called) -> None:
    lines = list(csv.DictReader(io.StringIO(filled("export", "tag:lecture", "--format", "csv").out)))
    assert [line["Title"] for line in lines] == ["Lire en marge"] * 2
    document = own.decode(filled("export", "is:unread", "--format", "json").out.encode())
    assert [each.id for each in document.groups] == ["c3d4"]


def test_document_can_be_grouped_by_sharer_tag_or_date(filled: Called) -> None:
    def headings(by: str) -> list[str]:
        lines = filled("export", "--format", "markdown", "--by", by).lines
        assert sum(line.startswith("> ") for line in lines) > 0
        assert f"by {by}" in lines[2]
        return [line.removeprefix("## ") for line in lines if line.startswith("## ")]

    assert headings("sharer") == ["Odette Plumier"]
    assert headings("tag") == [r"\#lecture", r"\#papier"]
    assert headings("date") == ["April 2019"]
    assert tuple(Grouping[name.upper()] for name in PARTS) == tuple(Grouping)


@pytest.mark.parametrize("words", [("--format", "csv"), ("--output", "notes/")])
def test_only_a_markdown_document_can_be_grouped(filled: Called, words: tuple[str, ...]) -> None:
    ran = filled("export", "--by", "tag", *words)
    assert ran.code == 2
    assert ran.said[0].startswith("--by is only for a single Markdown document.")


def test_dash_means_standard_output_even_if_a_folder_has_that_name(
    filled: Called, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "-").mkdir()
    monkeypatch.chdir(tmp_path)

    assert filled("export", "--format", "csv").lines[0].startswith("Highlight,")
    assert not list((tmp_path / "-").iterdir())


def test_folder_gets_one_note_per_page(filled: Called, tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    ran = filled("export", "--output", f"{folder}/")
    assert ran.said == [f"2 new notes in {folder}"]
    assert len(list(folder.glob("*.md"))) == 2
    assert filled("export", "--output", str(folder)).said == [f"2 notes unchanged in {folder}"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["export"], 2),
        (["export", "--format", "pdf"], 2),
        (["export", "--output", "a.txt"], 2),
        (["export", "--format", "csv", "--output", "folder/"], 2),
        (["import", "not there.json"], 1),
        (["import", "a\0b"], 1),
        (["import", "."], 1),
        (["completion", "tcsh"], 2),
    ],
)
def test_impossible_export_is_one_sentence(filled: Called, words: list[str], code: int) -> None:
    ran = filled(*words)
    assert ran.code == code
    assert ran.out == ""
    assert ran.said


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", '{"florilege": "library", "version": 99}', '{"florilege": "library", "version": 1, "groups": 3}',
     '{"florilege": "library", "version": 1, "groups": [{"id": "../x", "title": "x"}]}', "<rss/>"],
)  # fmt: skip
def test_importing_a_file_that_is_no_export_changes_nothing(florilege: Called, tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text)
    ran = florilege("import", str(tmp_path / "a.json"))
    assert (ran.code, ran.out) == (1, "")
    assert len(ran.said) == 1
    assert florilege("groups", "--json").json == {"groups": []}


def test_endless_import_is_stopped(florilege: Called) -> None:
    ran = florilege("import", "/dev/zero")
    assert (ran.code, len(ran.said)) == (1, 1)
    assert florilege("groups", "--json").json == {"groups": []}


def test_notes_follow_a_template_that_dry_run_shows(filled: Called, tmp_path: Path) -> None:
    (tmp_path / "mine.md").write_text("# {title}\n[highlights]\n> {quote}\n[/highlights]\n")
    words = ("export", "lire", "--output", f"{tmp_path}/notes/", "--note-template", str(tmp_path / "mine.md"))
    shown = filled(*words, "--dry-run")
    assert (shown.code, shown.said) == (0, ["1 note would be written"])
    assert not (tmp_path / "notes").exists()
    assert filled(*words).code == 0
    (note,) = (tmp_path / "notes").iterdir()
    assert note.read_text("utf-8") == shown.out
    assert "> « La marge est un lieu. »" in shown.out
    assert filled(*words[:-1], "org").said == ["1 new note in " + f"{tmp_path}/notes"]


def test_invalid_note_template_writes_nothing(filled: Called, tmp_path: Path) -> None:
    (tmp_path / "bad.md").write_text("{nope}")
    assert filled("export", "--output", f"{tmp_path}/notes/", "--note-template", str(tmp_path / "bad.md")).code == 2
    assert filled("export", "--output", f"{tmp_path}/notes/", "--note-template", str(tmp_path / "none.md")).code == 1
    assert filled("export", "--output", "x.csv", "--dry-run").code == 2
    assert not (tmp_path / "notes").exists()


# Completion and other programs


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script_names_florilege(florilege: Called, shell: str) -> None:
    ran = florilege("completion", shell)
    assert ran.code == 0
    assert "_FLORILEGE_COMPLETE" in ran.out
    if shutil.which(shell):
        check = [str(shutil.which(shell)), "-n"]
        done = subprocess.run(check, input=ran.out, text=True, capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")


STAND_INS = {
    "fzf": "head -1",
    "jq": "head -1",
    "mail": 'cat >> "$TOLD"',
    "w3m": 'echo "$@" >> "$TOLD"',
    "notify-send": 'echo "$@" >> "$TOLD"',
}
"""Substitutes for programs that are not installed, or that would ask or notify somebody."""


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed here")
def test_recipes_of_the_docs_work(installed: Installed, tmp_path: Path) -> None:
    fill(installed.home, "".join(FORMATS["json"].write(rich())))
    recipes = (Path(__file__).parents[2] / "docs" / "recipes.md").read_text("utf-8")
    examples = [
        line
        for line in recipes.partition("```sh\n")[2].partition("```")[0].splitlines()
        if line and not line.startswith("#")
    ]
    assert len(examples) >= 4
    binaries = tmp_path / "bin"
    binaries.mkdir()
    (binaries / "florilege").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m florilege "$@"\n')
    (binaries / "florilege").chmod(0o755)
    for tool, instead in STAND_INS.items():
        if shutil.which(tool) is None or "TOLD" in instead:
            (binaries / tool).write_text(f"#!/bin/sh\n{instead}\n")
            (binaries / tool).chmod(0o755)
    # The real fzf would ask whoever runs the tests.
    chosen = {"FZF_DEFAULT_OPTS": "--filter="}
    told = tmp_path / "told"
    chosen |= {"TOLD": str(told), "HOME": str(tmp_path), "USER": "ann"}
    environ = installed.environ(PATH=f"{binaries}:{os.environ['PATH']}", BROWSER="true %s", **chosen)
    printed: list[str] = []
    for example in examples:
        shell = ["bash", "-o", "pipefail", "-c", example]
        done = subprocess.run(shell, env=environ, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, (example, done.stderr)
        printed.append(done.stdout)
    assert printed[0] in {"\n", "https://example.org/marges\n"}
    assert printed[1] == "1 Odette Plumier\n1 \n"
    assert "La marge est un lieu." in (tmp_path / "papier.txt").read_text("utf-8")
    for folder, suffix in (("notes", "md"), ("vault/Inbox", "md"), ("org/pages", "org")):
        assert [path.name for path in (tmp_path / folder).iterdir()] == [f"Lire en marge.{suffix}"]
    hook = tomllib.loads(recipes.partition("```toml\n")[2].partition("```")[0])["hooks"]["after_refresh"]
    new = b'{"items": [{"title": "New; $(touch x)"}], "quotes": []}'
    subprocess.run(hook, env=environ, cwd=tmp_path, input=new, timeout=60, check=True)
    if shutil.which("jq"):
        assert told.read_text("utf-8").splitlines()[-1] == "florilege New; $(touch x)"
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(("command", "fields"), [("list", ITEM_FIELDS), ("quotes", QUOTE_FIELDS)])
def test_help_explains_queries_and_templates(florilege: Called, command: str, fields: dict[str, str]) -> None:
    said = florilege(command, "--help").out
    assert [name for name in fields if f"{{{name}}}" not in said] == []
    assert [name for name in FIELDS if f"{name}:" not in said] == []
