"""What shells are offered while a command is typed."""

import pytest

from support.commands import Installed

HEAVY = ("textual", "httpx", "feedparser", "filelock", "asyncio", "rich", "pyperclip", "florilege.refresh")


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
    assert offered(filled, "export", "by:Od") == ['by:"Odette Plumier"']
    assert offered(filled, "mark", "read", "group:Op") == ['group:"Open science"']
    assert offered(filled, "browse", "is:s") == ["is:starred"]
    assert offered(filled, "copy", "site:blog") == ["site:blog.example.org"]
    assert offered(filled, "tags", "not", "tag:l") == ["tag:lecture"]
    assert offered(filled, "list", "--", "-tag:l") == ["-tag:lecture"]
    assert offered(filled, "list", "'encre (not tag:l") == ["encre (not tag:lecture"]


def test_groups_are_offered_by_title_and_by_id(filled: Installed) -> None:
    assert offered(filled, "refresh", "") == ["Encre & Papier", "Open science"]
    assert offered(filled, "rename", "enc") == ["Encre & Papier"]
    assert offered(filled, "remove", "c3") == ["c3d4"]
    assert offered(filled, "add", "--into", "op") == ["Open science"]


def test_only_removed_groups_can_be_brought_back(filled: Installed) -> None:
    filled("remove", "--yes", "c3d4")
    assert offered(filled, "restore", "") == ["Open science"]
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
