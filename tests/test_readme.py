"""README, docs, pictures and the command registry agree."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from itertools import takewhile
from pathlib import Path

import click
import pytest
from screenshots.documentation import DOCS, PAGES, ROOT, files, generated
from screenshots.take import FOLDER, PICTURES, Picture, take, words_of

from florilege.cli.context import CliContext
from florilege.cli.entry import COMMANDS, root
from support.reading import draw_only_screenshots


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_generated_parts_of_a_page_are_current(page: Path) -> None:
    text = page.read_text("utf-8")
    assert text == generated(text), "run `make docs`"


@pytest.mark.parametrize("path", files(), ids=lambda path: path.name)
def test_generated_file_is_current(path: Path) -> None:
    assert path.read_text("utf-8") == files()[path], "run `make docs`"


def test_keys_and_settings_are_generated() -> None:
    marks = {mark for page in PAGES for mark in re.findall(r"<!-- (\w+) -->", page.read_text("utf-8"))}
    assert marks == {"keys", "settings"}


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
async def test_picture_shows_what_the_app_shows_now(picture: Picture) -> None:
    committed = (FOLDER / f"{picture.name}.svg").read_text("utf-8")
    with draw_only_screenshots():
        taken = await take(picture)
    assert words_of(committed) == words_of(taken), "run `make screenshots`"
    assert words_of(committed), "the picture is empty"


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_picture_loads_nothing_from_elsewhere(picture: Picture) -> None:
    svg = (FOLDER / f"{picture.name}.svg").read_text("utf-8")
    assert re.findall(r"""(?:url\(|href=|@import|src=)["']?https?:""", svg) == []
    assert (FOLDER / f"{picture.name}.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("page", [*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md"], ids=lambda page: page.name)
def test_every_linked_file_exists(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text("utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_every_test_named_in_security_md_exists() -> None:
    named = re.findall(r"^- `(tests/[\w/]+\.py)::(\w+)`$", (ROOT / "SECURITY.md").read_text("utf-8"), re.MULTILINE)
    assert len(named) > 30
    assert [name for file, name in named if f"def {name}(" not in (ROOT / file).read_text("utf-8")] == []


def shown_commands(page: Path) -> Iterator[list[str]]:
    """The words of each florilege command on a page, in a block or a sentence."""
    blocks = re.split(r"^```.*\n", page.read_text("utf-8"), flags=re.MULTILINE)
    lines = [line for block in blocks[1::2] for line in block.splitlines()]
    lines += [span for text in blocks[::2] for span in re.findall(r"`([^`]+)`", text)]
    for line in lines:
        for command in re.findall(r"(?:^|[($]|\* |bin/)florilege ((?:(?! {2}).)+)", line):
            lexer = shlex.shlex(command, posix=True, punctuation_chars="|;&<>()")
            lexer.whitespace_split = True
            yield list(takewhile(lambda word: word[0] not in "|;&<>()", lexer))


@pytest.mark.parametrize("page", [*PAGES, ROOT / "SECURITY.md"], ids=lambda page: page.name)
def test_every_command_on_a_page_is_valid(page: Path) -> None:
    for name, *words in shown_commands(page):
        command = root.get_command(click.Context(root), name)
        if command is None:
            assert name in {"-", "[SOURCE...]", "..."}
            continue
        with suppress(click.MissingParameter):  # a sentence may name just the command
            command.make_context(name, ["bash" if word == "SHELL" else word for word in words], obj=CliContext({}))


def test_page_of_commands_names_every_option() -> None:
    rows = re.findall(r"^florilege (\w+) .*?(?:\((--.*)\))?$", (DOCS / "commands.md").read_text("utf-8"), re.MULTILINE)
    for name, options in rows:
        command = root.get_command(click.Context(root), name)
        assert command is not None
        known = {each for param in command.params for each in param.opts if each.startswith("--")}
        assert {*re.findall(r"--[a-z-]+", options)} | {"--library"} == known, name
    assert {name for name, _ in rows} == {*COMMANDS}


def test_every_page_is_reachable_from_the_readme() -> None:
    targets = set(re.findall(r"\]\((docs/[^)#]+)\)", (ROOT / "README.md").read_text("utf-8")))
    assert targets == {f"docs/{page.name}" for page in PAGES if page.parent == DOCS}


def test_list_of_packages_agrees_with_the_contracts() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    (layers,) = [each["layers"] for each in contracts if each["type"] == "layers"]
    shown = (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition("<!-- layers -->")[2].partition("<!--")[0]
    assert [re.split(r"\s{2,}", line)[0] for line in shown.splitlines() if line and "```" not in line] == layers


def test_every_module_named_in_contributing_exists() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    names = set(re.findall(r"`((?:\w+/)+\w*(?:\.py|\.md)?)`", page))
    folders = [ROOT, ROOT / "src/florilege"]
    assert names
    assert [name for name in names if not any((folder / name).exists() for folder in folders)] == []
