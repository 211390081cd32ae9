"""What only a separate process can show: imports, pipes, standard input, interrupts, terminals."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from support.commands import DEADLINE, Installed, Ran
from support.loopback import Loopback, after, reply

HEAVY = ("textual", "httpx", "feedparser")
LOADED = """
import sys
from florilege.cli import main
code = main({words!r})
print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)
sys.exit(code)
"""
INTERRUPTIBLE = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
"""Background processes of a shell ignore interrupts, as do their children; this restores them."""


def _loaded(installed: Installed, *words: str, heavy: tuple[str, ...] = HEAVY) -> Ran:
    return installed.python(LOADED.format(words=list(words), heavy=heavy))


@pytest.mark.parametrize("words", [["--version"], ["--help"], ["groups"], ["list"], ["list", "--json"], ["config"]])
def test_listing_loads_nothing_heavy(installed: Installed, feeds: Path, words: list[str]) -> None:
    ran = _loaded(installed, *words, heavy=(*HEAVY, "filelock", "asyncio", "rich"))

    assert ran.err.splitlines()[-1] == "[]"
    assert ran.code == 0


def test_marking_loads_neither_textual_nor_httpx_nor_feedparser(installed: Installed, feeds: Path) -> None:
    assert installed("add", str(feeds / "encre.rss")).code == 0

    ran = _loaded(installed, "mark", "read", "is:any")

    assert ran.out == "3 items marked read\n"
    assert ran.err.splitlines()[-1] == "[]"


def test_adding_a_file_loads_neither_network_nor_interface(installed: Installed, feeds: Path) -> None:
    ran = _loaded(installed, "add", str(feeds / "encre.rss"))

    assert ran.out == "Encre & Papier: 3 new items\n"
    assert ran.err.splitlines()[-1] == "[]"


def test_app_starts_without_modules_it_does_not_need_yet(installed: Installed) -> None:
    heavy = ("httpx", "feedparser", "filelock", "pyperclip", "florilege.net", "florilege.refresh")

    ran = installed.python(
        "import os, sys\n"
        "from florilege.cli.context import CliContext\n"
        "from florilege.cli.app import app_context\n"
        "from florilege.tui.app import FlorilegeApp\n"
        "cli = CliContext(os.environ)\n"
        "FlorilegeApp(app_context(cli, cli.library()))\n"
        f"print([name for name in {heavy!r} if name in sys.modules])\n"
    )

    assert (ran.out, ran.err) == ("[]\n", "")


def test_modules_for_the_first_request_load_in_the_background(installed: Installed) -> None:
    ran = installed.python(
        "import asyncio, os, sys\n"
        "from florilege.cli.context import CliContext\n"
        "from florilege.cli.fetch import open_refresher\n"
        "from florilege.model import Group, Source\n"
        "cli = CliContext(os.environ)\n"
        "library = cli.library()\n"
        "source = Source(address='http://127.0.0.1:9/')\n"
        "group, = library.add_groups([Group(id='', title='Nobody', added_at=cli.clock(), sources=(source,))])\n"
        "async def ask():\n"
        "    async with open_refresher(cli, library, ahead=True) as refresher:\n"
        "        before = set(sys.modules)\n"
        "        async for _ in refresher.refresh([group], insist=True): pass\n"
        "        print(sorted(name for name in set(sys.modules) - before if name.startswith('anyio')))\n"
        "asyncio.run(ask())\n"
    )

    assert (ran.out, ran.err) == ("[]\n", "")


def test_standard_input_becomes_a_group(installed: Installed, feeds: Path) -> None:
    ran = installed("add", "-", "--title", "Piped", given=(feeds / "encre.rss").read_bytes())

    assert (ran.lines, ran.code) == (["Piped: 3 new items"], 0)
    assert installed("refresh").said == ["Nothing new"]


@pytest.mark.parametrize("given", [b"", b"  \n", b"Only words, and no feed at all."])
def test_standard_input_without_a_feed_keeps_nothing(installed: Installed, given: bytes) -> None:
    ran = installed("add", "-", given=given)

    assert (ran.code, ran.lines, len(ran.said)) == (1, [], 1)
    assert ran.said[0].startswith(("Standard input is empty", "Standard input: This is in no format"))
    assert installed("groups").lines == []


def test_reader_that_closes_the_pipe_early_is_no_failure(installed: Installed, feeds: Path) -> None:
    installed("add", str(feeds / "encre.rss"))
    command = [sys.executable, "-m", "florilege", "list"]
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        command, stdout=writing, stderr=subprocess.PIPE, env=installed.environ(), timeout=DEADLINE, check=False
    )
    os.close(writing)

    assert done.returncode == 141
    assert b"Traceback" not in done.stderr
    assert b"Broken pipe" not in done.stderr
    assert b"Exception ignored" not in done.stderr


def test_notices_nobody_can_read_change_no_exit_code(installed: Installed) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "florilege", "no-such-command"]
    done = subprocess.run(command, stderr=writing, env=installed.environ(), timeout=DEADLINE, check=False)
    os.close(writing)

    assert done.returncode == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_results_that_cannot_be_written_are_a_failure(installed: Installed, feeds: Path) -> None:
    installed("add", str(feeds / "encre.rss"))
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-m", "florilege", "list"]
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, env=installed.environ(), timeout=DEADLINE, check=False
        )

    assert done.returncode == 1
    assert done.stderr.decode().splitlines()[-1].startswith("florilege: The results could not be written: ")
    assert b"Traceback" not in done.stderr


def test_closed_standard_output_causes_no_traceback(installed: Installed, feeds: Path) -> None:
    command = ["/bin/sh", "-c", f'"{sys.executable}" -m florilege groups >&-']
    done = subprocess.run(command, stderr=subprocess.PIPE, env=installed.environ(), timeout=DEADLINE, check=False)

    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["add", "import"])
def test_closed_standard_input_is_one_sentence(installed: Installed, command: str) -> None:
    words = ["/bin/sh", "-c", f'"{sys.executable}" -m florilege {command} - <&-']
    done = subprocess.run(words, capture_output=True, env=installed.environ(), timeout=DEADLINE, check=False)

    assert done.returncode == 1
    sentence = "Standard input is closed: there is nothing to read. Name a file instead."
    assert done.stderr.decode() == f"florilege: {sentence}\n"


def test_encoding_without_our_symbols_stops_nothing(installed: Installed, feeds: Path) -> None:
    installed("add", str(feeds / "encre.rss"))

    ran = installed("list", "elan", PYTHONIOENCODING="ascii")
    document = installed("list", "elan", "--json", PYTHONIOENCODING="ascii").json

    assert ran.lines == [
        "? 2026-03-12  L?lan des marges  (Odette Plumier, Encre & Papier) ?2".replace("L?lan", "L??lan")
    ]
    assert document["items"][0]["title"] == "L’élan des marges"


def test_interrupt_is_exit_code_130_and_leaves_nothing_half_written(
    installed: Installed, server: Loopback, feeds: Path
) -> None:
    body = (feeds / "encre.rss").read_bytes()
    gate = server.gate()
    address = server.at("/rss", reply(body), after(gate, reply(body)))
    installed("add", address)
    before = installed("list", "--json").out
    command = [sys.executable, "-c", INTERRUPTIBLE, "-m", "florilege", "refresh", "--all"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=installed.environ(), text=True
    ) as process:
        server.wait_until(lambda server: server.count("/rss") == 2)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=DEADLINE)
    gate.open()

    assert process.returncode == 130
    assert "Traceback" not in errors
    assert installed("list", "--json").out == before


@pytest.mark.parametrize("words", [[], ["demo"], ["-"]])
def test_app_without_a_terminal_is_one_sentence(installed: Installed, home: Path, words: list[str]) -> None:
    ran = installed(*words)

    assert ran.code == 1
    (sentence,) = ran.said
    instead = "add -" if words == ["-"] else "list"
    assert sentence == f"florilege needs a terminal; try `florilege {instead}`."
    assert installed(*words, TERM="dumb").said == [
        "This terminal can't draw (TERM is dumb); `florilege read` reads in plain lines."
    ]
    assert not home.exists()


def _spawned(installed: Installed, command: str, tmp_path: Path) -> "pexpect.spawn[str]":
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    environ = installed.environ(TERM="xterm-256color", TMPDIR=str(temporary), PYTHON=sys.executable)
    environ = {name: value for name, value in environ.items() if name not in {"NO_COLOR", "TMUX"}}
    return pexpect.spawn(
        "/bin/sh", ["-c", command], env=environ, dimensions=(30, 110), encoding="utf-8", timeout=DEADLINE
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_demo_ended_by_a_signal_leaves_nothing_behind(
    installed: Installed, tmp_path: Path, number: signal.Signals
) -> None:
    terminal = _spawned(installed, 'exec "$PYTHON" -m florilege demo', tmp_path)
    terminal.expect("Open Tab")
    terminal.kill(number)
    terminal.expect(pexpect.EOF)
    terminal.close()

    assert terminal.before is not None
    assert "\x1b[?1049l" in terminal.before
    assert terminal.exitstatus == 0
    assert list((tmp_path / "temporary").iterdir()) == []


def test_app_quits_when_its_terminal_is_gone_and_only_the_shell_got_the_signal(
    installed: Installed, tmp_path: Path
) -> None:
    shell = f"trap '' HUP; mkfifo '{tmp_path}/over'; \"$PYTHON\" -m florilege demo; echo $? > '{tmp_path}/over'"
    terminal = _spawned(installed, shell, tmp_path)
    terminal.expect("Open Tab")
    os.close(terminal.child_fd)

    code = subprocess.run(["cat", tmp_path / "over"], stdout=subprocess.PIPE, timeout=DEADLINE, check=True).stdout
    assert code == b"0\n"
    terminal.wait()
    assert list((tmp_path / "temporary").iterdir()) == []


def test_only_a_real_source_opens_the_app(installed: Installed, feeds: Path, tmp_path: Path) -> None:
    command = f'"$PYTHON" -m florilege "{feeds}/words.txt"; echo "code $?"; "$PYTHON" -m florilege "{feeds}/encre.rss"'
    terminal = _spawned(installed, command, tmp_path)
    terminal.expect("florilege: .*This is in no format")
    terminal.expect("code 1")
    terminal.expect("marges")
    terminal.send("q")
    terminal.expect(pexpect.EOF)
    terminal.close()

    assert terminal.exitstatus == 0


def test_piped_document_opens_and_keys_come_from_the_terminal(
    installed: Installed, feeds: Path, tmp_path: Path
) -> None:
    terminal = _spawned(installed, f'cat "{feeds}/encre.rss" | "$PYTHON" -m florilege -', tmp_path)
    terminal.expect("marges")
    terminal.send("q")
    terminal.expect(pexpect.EOF)
    terminal.close()

    assert terminal.exitstatus == 0
    assert installed("groups").lines[0].startswith("Encre & Papier: ")


def test_refresh_on_a_terminal_shows_a_bar_and_results(installed: Installed, feeds: Path, tmp_path: Path) -> None:
    installed("add", str(feeds / "encre.rss"))
    terminal = _spawned(installed, '"$PYTHON" -m florilege refresh', tmp_path)
    terminal.expect(r"0/1|1/1")
    terminal.expect("Encre & Papier: .*unchanged")
    terminal.expect("Nothing new")
    terminal.expect(pexpect.EOF)
    terminal.close()

    assert terminal.exitstatus == 0
