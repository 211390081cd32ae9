"""What shells are offered while a command is typed."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from florilege.exporting import FORMATS
from florilege.model import Sharer
from support.commands import Installed
from support.exporting import group, item, row, selection

HEAVY = ("textual", "httpx", "feedparser", "filelock", "asyncio", "rich", "pyperclip", "florilege.refreshing")


@pytest.fixture
def filled(installed: Installed, tmp_path: Path) -> Installed:
    one = item(tags=("lecture", "deux mots"), sharer=Sharer("Odette Plumier"))
    other = item("0" * 16, of="c3d4", tags=("lecture",), url="https://blog.example.org/x")
    rows = [row(one, of=group(title="Encre & Papier")), row(other, of=group("c3d4", "Open science"))]
    path = tmp_path / "all.json"
    path.write_text("".join(FORMATS["json"].write(selection(*rows))))
    assert installed("import", str(path)).code == 0
    return installed


def offered(installed: Installed, *words: str) -> list[str]:
    """What fish is offered for the last word."""
    *before, last = words
    ran = installed(_FLORILEGE_COMPLETE="fish_complete", COMP_WORDS=" ".join(["florilege", *before]), COMP_CWORD=last)
    assert (ran.code, ran.err) == (0, "")
    return [line.partition(",")[2].partition("\t")[0] for line in ran.lines if line]


def test_fields_and_their_values_are_offered(filled: Installed) -> None:
    assert offered(filled, "list", "ta") == ["tag:"]
    assert offered(filled, "list", "tag:l") == ["tag:lecture"]
    assert offered(filled, "quotes", "tag:") == ["tag:lecture", 'tag:"deux mots"']
    assert offered(filled, "export", "by:od") == ['by:"Odette Plumier"']
    assert offered(filled, "mark", "read", "group:op") == ['group:"Open science"']
    assert offered(filled, "browse", "is:s") == ["is:starred"]
    assert offered(filled, "copy", "site:blog") == ["site:blog.example.org"]
    assert offered(filled, "tags", "not", "tag:l") == ["tag:lecture"]


def test_groups_are_offered_by_title_and_by_id(filled: Installed) -> None:
    assert offered(filled, "refresh", "") == ["Encre & Papier", "Open science"]
    assert offered(filled, "rename", "enc") == ["Encre & Papier"]
    assert offered(filled, "remove", "c3") == ["c3d4"]
    assert offered(filled, "add", "--into", "op") == ["Open science"]


def test_only_removed_groups_can_be_brought_back(filled: Installed) -> None:
    filled("remove", "--yes", "c3d4")
    assert offered(filled, "remove", "--undo", "") == ["Open science"]
    assert offered(filled, "remove", "") == ["Encre & Papier"]


def test_formats_are_offered(filled: Installed) -> None:
    assert offered(filled, "export", "--format", "b") == ["bibtex"]


@pytest.mark.parametrize("words", [("list", "tag:l"), ("refresh", "e"), ("list", "ta")])
def test_a_library_that_can_not_be_read_says_nothing(filled: Installed, words: tuple[str, ...]) -> None:
    for path in filled.home.rglob("*.log"):
        path.write_bytes(b"\x00 no log\n")
    assert offered(filled, *words) in ([], ["tag:"])


def test_nothing_heavy_is_loaded(filled: Installed) -> None:
    program = (
        "import os, sys\n"
        "os.environ.update(_FLORILEGE_COMPLETE='fish_complete', COMP_WORDS='florilege list', COMP_CWORD='tag:l')\n"
        "from florilege.cli import main\n"
        "try:\n    main([])\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    assert filled.python(program).lines == ["plain,tag:lecture", "[]"]


BASH = """
eval "$(florilege completion bash)"
COMP_LINE={line} COMP_POINT=${{#COMP_LINE}}
_florilege_completion florilege
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed here")
@pytest.mark.parametrize(
    ("line", "replies"),
    [
        ("florilege exp", ["export"]),
        ("florilege list tag:l", ["lecture"]),  # bash puts it after the colon
        ("florilege list tag:", ["lecture", "'\"deux mots\"'"]),
        ("florilege list not ta", ["tag:"]),
        ("florilege refresh Enc", ["'Encre & Papier'"]),
        ("florilege refresh ", ["'Encre & Papier'", "'Open science'"]),
        ("florilege mark un", ["unread", "unstarred"]),
    ],
)
def test_bash_completes_whole_words(filled: Installed, tmp_path: Path, line: str, replies: list[str]) -> None:
    binaries = tmp_path / "bin"
    binaries.mkdir()
    (binaries / "florilege").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m florilege "$@"\n')
    (binaries / "florilege").chmod(0o755)
    environ = filled.environ(PATH=f"{binaries}:{os.environ['PATH']}")
    program = BASH.format(line=json.dumps(line)).replace("compopt", "compopt 2>/dev/null")
    done = subprocess.run(["bash", "-c", program], env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.splitlines() == replies, done.stderr
