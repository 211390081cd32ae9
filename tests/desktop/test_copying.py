"""How text reaches a clipboard, and what the message says."""

import base64
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florilege.desktop.clipboard import CopyResult, Way, copy

HERE = {"TERM": "xterm-256color", "DISPLAY": ":0"}
TMUX = {**HERE, "TMUX": "/tmp/tmux/default,1,0"}
SSH = {"TERM": "xterm-256color", "SSH_CONNECTION": "192.0.2.1 1 192.0.2.2 22"}


Ended: TypeAlias = subprocess.CompletedProcess[str]


def completed(code: int, said: str = "") -> Ended:
    return subprocess.CompletedProcess([], code, stderr=said)


@dataclass
class Machine:
    """A machine with tools, and a terminal that records what was written to it."""

    endings: dict[str, list[Ended | Exception]] = field(default_factory=dict)
    """The results of each tool's runs, in order; success for tools not listed."""
    ran: list[tuple[list[str], str]] = field(default_factory=list)
    written: list[str] = field(default_factory=list)

    def run(self, command: Sequence[str], text: str, environ: Mapping[str, str]) -> Ended:
        self.ran.append((list(command), text))
        name = "tmux" if command[0] == "tmux" else "pyperclip"
        endings = self.endings.get(name, [])
        ending = endings.pop(0) if len(endings) > 1 else endings[0] if endings else completed(0)
        if isinstance(ending, Exception):
            raise ending
        return ending

    def copy(self, text: str, environ: Mapping[str, str], *, terminal: bool = True) -> CopyResult:
        return copy(text, environ, self.written.append if terminal else None, run=self.run)


def test_tool_and_terminal_are_both_used_and_named() -> None:
    machine = Machine()

    copied = machine.copy("L’encre", HERE)

    assert copied == CopyResult((Way.SYSTEM, Way.TERMINAL))
    assert str(copied) == "copied to the clipboard."
    assert machine.ran == [([sys.executable, "-P", "-m", "florilege.desktop.clipboard"], "L’encre")]
    assert machine.written == [f"\x1b]52;c;{base64.b64encode('L’encre'.encode()).decode()}\x07"]


def test_inside_tmux_the_text_goes_through_tmux_only() -> None:
    machine = Machine()

    copied = machine.copy("ink", TMUX)

    assert copied.ways == (Way.SYSTEM, Way.TMUX)
    assert machine.ran[-1] == (["tmux", "load-buffer", "-w", "-"], "ink")
    assert machine.written == []


def test_old_tmux_only_keeps_the_text_in_its_buffer() -> None:
    machine = Machine({"tmux": [completed(1, "unknown flag -w"), completed(0)]})

    copied = machine.copy("ink", TMUX)

    assert copied.ways == (Way.SYSTEM, Way.TMUX)
    assert machine.ran[-1] == (["tmux", "load-buffer", "-"], "ink")


@pytest.mark.parametrize(
    "ending",
    [
        completed(1, "no tool was found"),
        completed(0, "Error: Can't open display: :0\n"),
        OSError(2, "No such file or directory", "python"),
        PermissionError(13, "Permission denied"),
        TimeoutError(),
    ],
)
def test_terminal_still_copies_when_the_tool_fails(ending: Ended | Exception) -> None:
    machine = Machine({"pyperclip": [ending]})

    copied = machine.copy("ink", HERE)

    assert copied == CopyResult((Way.TERMINAL,))
    assert str(copied) == "copied to the terminal's clipboard."


def test_total_failure_gives_reasons_and_advice() -> None:
    machine = Machine(
        {"pyperclip": [completed(0, "Error: Can't open display: :0\n")], "tmux": [OSError(2, "No such file", "tmux")]}
    )

    copied = machine.copy("ink", TMUX)

    assert copied.ways == ()
    assert str(copied) == (
        "Nothing was copied: no way to the clipboard worked (Can't open display: :0; tmux: No such file). "
        "Install wl-clipboard or xclip, or use a terminal that accepts OSC 52."
    )


def test_without_tool_or_terminal_the_message_says_what_to_install() -> None:
    machine = Machine({"pyperclip": [completed(1, "no tool was found")]})

    copied = machine.copy("ink", {"TERM": "xterm"}, terminal=False)

    assert copied.ways == ()
    assert "no way to the clipboard was found. Install wl-clipboard or xclip" in str(copied)


@pytest.mark.parametrize("kind", ["", "dumb", "linux"])
def test_terminal_that_cannot_copy_gets_nothing(kind: str) -> None:
    machine = Machine()

    assert machine.copy("ink", {"TERM": kind}).ways == (Way.SYSTEM,)
    assert machine.written == []


def test_over_ssh_the_remote_clipboard_is_named_as_such() -> None:
    machine = Machine()

    assert machine.copy("ink", SSH).ways == (Way.REMOTE, Way.TERMINAL)


def test_over_ssh_a_long_text_is_also_reported_as_doubtful() -> None:
    copied = Machine().copy("ink " * 20_000, SSH)

    assert copied.ways == (Way.REMOTE, Way.TERMINAL)
    assert "some terminals take no more" in str(copied)


def test_over_ssh_the_remote_clipboard_alone_is_a_problem() -> None:
    copied = Machine().copy("ink", SSH, terminal=False)

    assert copied.ways == (Way.REMOTE,)
    assert str(copied).startswith("copied to the clipboard of the remote machine. That is not the machine you sit at")


def test_over_ssh_with_a_forwarded_display_the_clipboard_is_local() -> None:
    assert Machine().copy("ink", {**SSH, "DISPLAY": "localhost:10.0"}).ways == (Way.SYSTEM, Way.TERMINAL)


def test_text_too_long_for_some_terminals_is_reported_as_doubtful() -> None:
    machine = Machine({"pyperclip": [completed(1)]})

    copied = machine.copy("x" * 60_000, HERE)

    assert copied.ways == (Way.TERMINAL,)
    assert "some terminals take no more than" in str(copied)


def test_long_text_on_the_system_clipboard_is_not_doubtful() -> None:
    assert Machine().copy("x" * 60_000, HERE).problem is None


def test_huge_text_is_not_sent_to_the_terminal() -> None:
    machine = Machine({"pyperclip": [completed(1)]})

    copied = machine.copy("x" * 1_000_000, HERE)

    assert machine.written == []
    assert copied.ways == ()
    assert "too long for the terminal" in str(copied)


def test_hostile_text_is_cleaned_before_it_is_copied() -> None:
    machine = Machine()

    machine.copy("a\x1b]52;c;aGE=\x07\u202eb\ud800\nc", TMUX)

    assert {text for _, text in machine.ran} == {"a]52;c;aGE=b\nc"}


@pytest.mark.parametrize("text", ["", "\x1b", "\u200b"])
def test_empty_text_is_not_copied(text: str) -> None:
    machine = Machine()

    assert str(machine.copy(text, HERE)) == "There is nothing to copy."
    assert machine.ran == []
    assert machine.written == []


@pytest.mark.parametrize("error", [OSError("gone"), RuntimeError("no mechanism"), ValueError("closed file")])
def test_injected_tool_may_fail(error: Exception) -> None:
    def failing(*_: object) -> Any:
        raise error

    copied = copy("ink", HERE, failing, run=failing)

    assert copied.ways == ()
    assert str(error) in str(copied)


@given(st.text())
def test_terminal_gets_a_single_escape_sequence(text: str) -> None:
    machine = Machine()

    machine.copy(text, HERE)

    for written in machine.written:
        assert written.startswith("\x1b]52;c;")
        assert written.endswith("\x07")
        assert written[1:-1].isprintable()
