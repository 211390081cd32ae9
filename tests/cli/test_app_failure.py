"""When the app fails: the terminal is restored, one sentence is said, and a traceback only to who asks for it."""

import os
import sys
from pathlib import Path

import pexpect
import pytest
from textual.app import App

from florilege.cli.outside import Outside
from florilege.cli.world import make_world
from florilege.settings import Session
from florilege.tui.app import FlorilegeApp


def _fail(_app: FlorilegeApp) -> None:
    raise ZeroDivisionError("the last straw")


def test_what_the_app_failed_with_is_kept_and_not_printed(
    home: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FlorilegeApp, "on_ready", _fail, raising=False)
    outside = Outside({"FLORILEGE_HOME": str(home)})
    app = FlorilegeApp(make_world(outside, outside.library("florilege"), Session(), lambda session: None))

    app.run(headless=True)

    assert isinstance(app.failure, ZeroDivisionError)
    assert app.return_code == 1
    written = capfd.readouterr()
    assert (written.out.strip("\a"), written.err.strip("\a")) == ("", "")


def test_textual_still_prints_its_tracebacks_where_we_keep_them() -> None:
    assert callable(App._print_error_renderables)
    assert "_print_error_renderables" in App._shutdown.__code__.co_names


def test_a_failure_of_the_app_is_one_sentence_and_exit_1(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from florilege.tui.app import FlorilegeApp\n"
        "def fail(self): raise ZeroDivisionError('the last straw')\n"
        "FlorilegeApp.on_ready = fail\n"
        "from florilege.cli import main\n"
        "sys.exit(main([]))\n"
    )
    environ = os.environ | {"FLORILEGE_HOME": str(tmp_path / "home"), "TERM": "xterm-256color"}
    terminal = pexpect.spawn(
        sys.executable, ["-c", program], env=environ, dimensions=(24, 80), encoding="utf-8", timeout=60
    )
    terminal.expect(pexpect.EOF)
    terminal.close()

    assert terminal.exitstatus == 1
    assert terminal.before is not None
    restored = terminal.before.rpartition("\x1b[?1049l")[2]
    assert "florilege: Something went wrong that should not (ZeroDivisionError: the last straw)." in restored
    assert "Traceback" not in terminal.before
