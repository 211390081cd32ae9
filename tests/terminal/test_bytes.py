"""Whatever bytes a terminal sends, florilege carries on; and it is suspended and resumed like other programs."""

import signal
from pathlib import Path

import pytest
from textual import events
from textual.message import Message

from florilege.tui.terminal import TerminalInput
from support.terminal import COMMAND, Terminal, running
from support.terminal_bytes import PASSED_OVER, is_heard_after, noise

SAMPLE = Path(__file__).parent.parent / "samples" / "diigo_group.rss"
TITLE = "Lire en marge : pourquoi annoter à plusieurs"


def heard(*parts: bytes) -> list[Message]:
    source = TerminalInput()
    return [event for part in parts for event in source.feed(part)] + list(source.flush())


def keys(*parts: bytes) -> list[str]:
    return [event.key for event in heard(*parts) if isinstance(event, events.Key)]


@pytest.mark.parametrize("sequence", PASSED_OVER, ids=repr)
def test_unknown_sequence_is_ignored_and_the_next_key_works(sequence: bytes) -> None:
    if b"97;99999u" not in sequence:  # unknown modifiers: another key, bound to nothing
        assert keys(sequence) == []
    assert keys(sequence + b"j")[-1:] == ["j"]
    assert keys(*(sequence[at : at + 1] for at in range(len(sequence))), b"j")[-1:] == ["j"]


@pytest.mark.parametrize(
    ("sequence", "key"),
    [
        (b"\x1b", "escape"), (b"\x1b[A", "up"), (b"\x1bOA", "up"), (b"\x1b[[A", "f1"), (b"\x1b[1;5C", "ctrl+right"),
        (b"\x1b[15~", "f5"), (b"\x1bj", "alt+j"), (b"\x1b[", "alt+["), (b"\x1a", "ctrl+z"), (b"\x1b[97;5u", "ctrl+a"),
        ("é".encode(), "é"), ("紙".encode(), "紙"), (b"\x1b[97;;65u", "A"),
    ],
)  # fmt: skip
def test_keys_are_recognised_whole_or_in_parts(sequence: bytes, key: str) -> None:
    wanted = "alt+left_square_bracket" if key == "alt+[" else key
    assert keys(sequence) == [wanted]
    assert keys(*(sequence[at : at + 1] for at in range(len(sequence)))) == [wanted]


def test_paste_is_one_text_whatever_is_in_it() -> None:
    found = heard(b"/\x1b[200~premier\nsec", "ond \x1b[M \x1b] é".encode(), b"\x1b[201~x")
    assert [event.text for event in found if isinstance(event, events.Paste)] == ["premier\nsecond \x1b[M \x1b] é"]
    assert [event.key for event in found if isinstance(event, events.Key)] == ["slash", "x"]


def test_unfinished_paste_does_not_block_the_keyboard() -> None:
    source = TerminalInput()
    found = [*source.feed(b"\x1b[200~lost"), *source.flush(), *source.feed(b"j")]
    assert [type(event) for event in found] == [events.Paste, events.Key]


def test_mouse_click_has_its_position() -> None:
    [event] = heard(b"\x1b[<0;110;20M")
    assert isinstance(event, events.MouseDown)
    assert (event.x, event.y) == (109, 19)


def test_mouse_reporting_is_requested_again_when_the_terminal_may_have_lost_it() -> None:
    source = TerminalInput()
    for sequence in (b"\x1b[I", b"\x1b[M ab"):
        source.must_ask = False
        list(source.feed(sequence))
        assert source.must_ask
    assert "\x1b[?1006h" in source.modes


def test_random_bytes_do_no_harm() -> None:
    for seed in range(400):
        assert is_heard_after(noise(seed)), seed


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with Terminal("add", str(SAMPLE), home=tmp_path) as terminal:
        assert terminal.ended() == 0
    return tmp_path


def test_app_carries_on_after_everything_a_terminal_might_send(home: Path) -> None:
    with running(home=home) as terminal:
        terminal.shows("Groups", TITLE)
        terminal.press("?")  # typing in the find line searches; no random key there marks or quits
        terminal.shows("Keys and commands")
        for sequence in PASSED_OVER:
            terminal.send(sequence)
        for seed in range(6):
            terminal.send(noise(seed).translate(None, b"?\x1b\x11\x03\x1a\r"))
        terminal.send(b"\x1b[201~\x1b[I")
        terminal.press("\x1b")
        terminal.shows("type words or a key to filter")
        terminal.press("\x1b")
        terminal.until(lambda text: "Keys and commands" not in text, what="the app without its help")
        terminal.press("q")
        assert terminal.ended() == 0


def test_ctrl_z_suspends_and_fg_resumes(tmp_path: Path, home: Path) -> None:
    with Terminal("-i", home=home, command="/bin/sh", environ={"PS1": "shell> "}) as terminal:
        terminal.shows("shell>")
        terminal.press(f"{COMMAND}\r")
        terminal.shows("Groups", TITLE)
        terminal.press("\x1a")
        terminal.until(lambda text: "Stopped" in text or "Suspended" in text, what="the shell")
        terminal.shows("shell>")
        terminal.screen.reset()
        terminal.press("fg\r")
        terminal.shows("Groups", TITLE)
        terminal.press("l")
        terminal.press("m")
        terminal.shows("Marked read")
        terminal.screen.reset()
        terminal.press("q")
        terminal.shows("shell>")
        terminal.press("exit\r")
        assert terminal.ended() == 0


def test_process_stopped_and_continued_is_redrawn(home: Path) -> None:
    with running(home=home) as terminal:
        terminal.shows("Groups", TITLE)
        terminal.process.kill(signal.SIGSTOP)
        terminal.screen.reset()
        terminal.process.kill(signal.SIGCONT)
        terminal.shows("Groups", TITLE)
        terminal.press("q")
        assert terminal.ended() == 0
