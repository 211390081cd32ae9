"""Real clipboards: xclip under an X server of the test, and a tmux server of the test."""

import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from florilege.desktop.clipboard import Way, copy, run_apart

TEXT = "« L’encre »\net le vélin 🖋"

needs_x = pytest.mark.skipif(
    not (shutil.which("Xvfb") and shutil.which("xclip")), reason="Xvfb and xclip are not installed"
)
needs_tmux = pytest.mark.skipif(not shutil.which("tmux"), reason="tmux is not installed")


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    """An X server for the duration of the tests; it reports its display number once it is ready."""
    ours, its = os.pipe()
    with subprocess.Popen(
        ["Xvfb", "-displayfd", str(its), "-screen", "0", "64x64x8", "-nolisten", "tcp"],
        pass_fds=[its],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        os.close(its)
        try:
            with os.fdopen(ours) as answer:
                number = answer.readline().strip()
            assert number, "Xvfb did not start"
            yield f":{number}"
        finally:
            server.terminate()


def with_display(display: str) -> dict[str, str]:
    left_out = {"TMUX", "WAYLAND_DISPLAY", "SSH_CONNECTION", "SSH_TTY"}
    return {name: value for name, value in os.environ.items() if name not in left_out} | {"DISPLAY": display}


def x_clipboard(environ: Mapping[str, str]) -> str:
    return subprocess.run(
        ["xclip", "-selection", "clipboard", "-o"], env=dict(environ), check=True, capture_output=True, timeout=10
    ).stdout.decode()


@needs_x
def test_xclip_puts_the_text_on_the_clipboard(display: str) -> None:
    environ = with_display(display)

    copied = copy(TEXT, environ)

    assert copied.ways == (Way.SYSTEM,)
    assert copied.problem is None
    assert x_clipboard(environ) == TEXT


@needs_x
def test_background_xclip_keeps_none_of_our_pipes(display: str) -> None:
    program = "import os; from florilege.desktop.clipboard import copy; print(copy('ink', os.environ))"

    # `run` returns when both pipes have closed: an xclip holding one would delay it until the time limit.
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=with_display(display),
        capture_output=True,
        text=True,
        timeout=10,
        check=True,
    )

    assert done.stdout == "copied to the clipboard.\n"
    assert done.stderr == ""


@needs_x
def test_vanished_display_is_a_failure() -> None:
    copied = copy(TEXT, with_display(":64999"))

    assert copied.ways == ()
    assert "display" in str(copied)


def test_without_any_tool_no_success_is_claimed() -> None:
    copied = copy(TEXT, {"PATH": "", "DISPLAY": ":0"})

    assert copied.ways == ()
    assert "no tool was found" in str(copied)


def test_module_in_the_current_folder_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pyperclip.py").write_text("import pathlib; pathlib.Path('ran').touch()", "utf-8")
    monkeypatch.chdir(tmp_path)

    copy(TEXT, {"PATH": ""})

    assert not (tmp_path / "ran").exists()


def test_hanging_tool_is_killed_with_its_children(tmp_path: Path) -> None:
    alive = tmp_path / "alive"
    os.mkfifo(alive)
    # The tool starts a child that holds the pipe open; both print their pid, then wait for ever.
    hang = (
        f"import subprocess, sys, threading; subprocess.Popen(['sh', '-c', 'exec 3>{alive}; exec sleep 1000']).wait()"
    )
    reader = os.open(alive, os.O_RDONLY | os.O_NONBLOCK)
    try:
        started = time.monotonic()
        with pytest.raises(TimeoutError):
            run_apart([sys.executable, "-c", hang], "", os.environ, limit=1.0)
        assert time.monotonic() - started < 5
        select.select([reader], [], [], 5)
        assert os.read(reader, 1) == b""  # end of file: no process holds the pipe any more
    finally:
        os.close(reader)


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment inside a tmux server that ends with the test."""
    folder = {"TMUX_TMPDIR": str(tmp_path)}
    base = {name: value for name, value in os.environ.items() if name not in {"TMUX", "DISPLAY", "WAYLAND_DISPLAY"}}
    outside = {**base, **folder, "TERM": "xterm-256color"}
    command = ["tmux", "-L", "florilege-test", "-f", os.devnull]
    subprocess.run([*command, "new-session", "-d", "-x", "80", "-y", "24", "cat"], env=outside, check=True, timeout=10)
    try:
        shown = subprocess.run(
            [*command, "display-message", "-p", "#{socket_path},#{pid},0"],
            env=outside, check=True, capture_output=True, text=True, timeout=10,
        )  # fmt: skip
        yield {**outside, "TMUX": shown.stdout.strip()}
    finally:
        subprocess.run([*command, "kill-server"], env=outside, check=True, timeout=10)


@needs_tmux
def test_inside_tmux_the_text_is_in_its_buffer(tmux: dict[str, str]) -> None:
    copied = copy(TEXT, tmux)

    assert copied.ways == (Way.TMUX,)
    shown = subprocess.run(["tmux", "show-buffer"], env=tmux, check=True, capture_output=True, timeout=10)
    assert shown.stdout.decode() == TEXT


@needs_tmux
def test_stopped_tmux_is_a_failure(tmux: dict[str, str]) -> None:
    copied = copy(TEXT, {**tmux, "TMUX": "/nonexistent/socket,1,0"})

    assert copied.ways == ()
    assert "Nothing was copied" in str(copied)
