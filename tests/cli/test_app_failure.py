"""When the app crashes: the terminal is restored, one sentence is printed, and a traceback only on request."""

import os
import sys
from pathlib import Path

import pexpect
import pytest
from textual.message_pump import MessagePump
from textual.worker import Worker


def test_textual_still_calls_the_hook_we_catch_crashes_in() -> None:
    assert "_handle_exception" in MessagePump._process_messages_loop.__code__.co_names
    assert "_handle_exception" in Worker._run.__code__.co_names


FAILURES = {
    "when it is ready": "FlorilegeApp.on_ready = fail",
    "when a screen is begun": "FlorilegeApp.on_ready = lambda self: self.reading.call_later(fail)",
    "while it is drawn": "from florilege.tui.widgets.status_lines import TopLine; TopLine.render_line = fail",
    "in a worker": "FlorilegeApp.on_ready = lambda self: self.run_worker(fail, thread=True)",
    "where the terminal is read": "from florilege.tui.terminal import Terminal; Terminal.run_input_thread = fail",
}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_crash_of_the_app_is_one_sentence_and_exit_code_1(failure: str, tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from florilege.tui.app import FlorilegeApp\n"
        "def fail(*_): raise ZeroDivisionError('the last straw')\n"
        f"{failure}\n"
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
    assert "florilege: Something went wrong" in restored
    assert "the last straw" in restored or "Terminal" in failure
    assert "Traceback" not in terminal.before
