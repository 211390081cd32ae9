"""Completions offered to shells while a command is typed."""

from collections.abc import Callable

import pytest

from florilege.cli import main
from support.commands import Installed

Offered = Callable[..., list[str]]

HEAVY = ("textual", "httpx", "feedparser", "filelock", "asyncio", "rich", "pyperclip", "florilege.refresh")


@pytest.fixture
def offered(filled: Installed, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Offered:
    """What fish is offered for the last word, in this process; `test_completing_in_shells` runs real shells."""

    def offered(*words: str) -> list[str]:
        *before, last = words
        asked = {"_FLORILEGE_COMPLETE": "fish_complete", "COMP_WORDS": " ".join(["florilege", *before])}
        for name, value in filled.environ(**asked, COMP_CWORD=last).items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as end:
            main([])
        written = capsys.readouterr()
        assert (end.value.code, written.err) == (0, "")
        return [line.partition(",")[2].partition("\t")[0] for line in written.out.splitlines() if line]

    return offered


def test_groups_are_offered_by_title_and_by_id(offered: Offered) -> None:
    assert offered("refresh", "") == ["Encre & Papier", "Open science"]
    assert offered("rename", "enc") == ["Encre & Papier"]
    assert offered("remove", "c3") == ["c3d4"]
    assert offered("add", "--into", "op") == ["Open science"]


def test_restore_offers_only_removed_groups(filled: Installed, offered: Offered) -> None:
    filled("remove", "--yes", "c3d4")
    assert offered("restore", "") == ["Open science"]
    assert offered("remove", "") == ["Encre & Papier"]


def test_formats_are_offered(offered: Offered) -> None:
    assert offered("export", "--format", "b") == ["bibtex"]


@pytest.mark.parametrize("words", [("refresh", "e"), ("restore", "")])
def test_unreadable_library_offers_nothing_and_prints_nothing(
    filled: Installed, offered: Offered, words: tuple[str, ...]
) -> None:
    for path in filled.home.rglob("*.log"):
        path.write_bytes(b"\x00 no log\n")
    assert offered(*words) == []


def test_completion_without_a_shell_is_one_sentence(installed: Installed) -> None:
    for word in ("", "x"):
        ran = installed("list", _FLORILEGE_COMPLETE="bash_complete", COMP_CWORD=word)
        assert (ran.code, ran.out) == (1, "")
        assert ran.said == ["_FLORILEGE_COMPLETE is for the completion of shells, which sets more: unset it."]


def test_completion_loads_nothing_heavy(filled: Installed) -> None:
    program = (
        "import os, sys\n"
        "os.environ.update(_FLORILEGE_COMPLETE='fish_complete', COMP_WORDS='florilege refresh', COMP_CWORD='Op')\n"
        "from florilege.cli import main\n"
        "try:\n    main([])\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    assert filled.python(program).lines == ["plain,Open science", "[]"]
