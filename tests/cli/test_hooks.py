"""The user's own program, run after a refresh that brought something."""

import asyncio
import json
import os
import select
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from florilege.cli.context import CliContext
from florilege.cli.refresh import after_refresh
from florilege.desktop import Desktop, programs
from florilege.desktop.programs import RunResult
from florilege.export.formats import FORMATS
from florilege.formats import Snapshot
from florilege.merge import decide
from florilege.model import Entry, Outcome
from florilege.refresh import Result
from support.commands import Called
from support.loopback import Loopback, reply
from support.selections import rich

FEED = b'<rss version="2.0"><channel><title>Encre</title><item><title>%s</title><guid>%s</guid></item></channel></rss>'
ONE, TWO = FEED % (b"One", b"1"), FEED % (b"Two", b"2")


def hook(florilege: Called, tmp_path: Path, body: str, *words: str) -> None:
    """Configure a real script to run after each refresh."""
    script = tmp_path / "script"
    script.write_text(f"#!{sys.executable}\nimport sys\n{body}\n")
    script.chmod(0o755)
    florilege.home.mkdir(parents=True, exist_ok=True)
    (florilege.home / "config.toml").write_text(f"[hooks]\nafter_refresh = {json.dumps([str(script), *words])}\n")


def add_group(florilege: Called, server: Loopback, *answers: bytes) -> None:
    """Add a group with its first document; the others are served by the refreshes that follow."""
    address = server.at("/rss", *map(reply, answers))
    assert florilege("add", address).code == 0


def test_hook_gets_new_items_as_json_and_its_arguments_verbatim(
    florilege: Called, server: Loopback, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    hook(florilege, tmp_path, f"open({str(kept)!r}, 'w').write(sys.stdin.read() + sys.argv[1])", "; touch $HOME/x")
    add_group(florilege, server, ONE, TWO)
    assert not kept.exists()

    assert florilege("refresh", "--all").code == 0

    news, end = json.JSONDecoder().raw_decode(kept.read_text())
    assert kept.read_text()[end:] == "; touch $HOME/x"
    assert news["quotes"] == []
    assert news["items"] == [json.loads(line) for line in florilege("list", "title:two", "--jsonl").lines]


def test_hook_is_not_run_when_nothing_is_new(florilege: Called, server: Loopback, tmp_path: Path) -> None:
    hook(florilege, tmp_path, "sys.exit(1)")
    add_group(florilege, server, ONE, ONE)

    assert florilege("refresh", "--all").code == 0


def test_failing_hook_is_reported_even_with_quiet(florilege: Called, server: Loopback, tmp_path: Path) -> None:
    hook(florilege, tmp_path, "print('first', file=sys.stderr); sys.exit('no \\x1b[31mmailer')")
    add_group(florilege, server, ONE, TWO)

    ran = florilege("refresh", "--all", "--quiet")

    assert (ran.code, ran.out) == (1, "")
    assert ran.said == [f"The hook {tmp_path / 'script'} failed with exit code 1: no [31mmailer"]


def test_missing_hook_is_reported(florilege: Called, server: Loopback, tmp_path: Path) -> None:
    hook(florilege, tmp_path, "")
    (tmp_path / "script").unlink()
    add_group(florilege, server, ONE, TWO)

    ran = florilege("refresh", "--all", "--quiet")

    assert ran.said == [f"The hook {tmp_path / 'script'} could not be started: No such file or directory."]
    assert ran.code == 1


def test_hook_gets_the_other_groups_a_page_was_shared_in(florilege: Called, server: Loopback, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    add_group(florilege, server, ONE)
    florilege.home.joinpath("config.toml").unlink(missing_ok=True)
    (tmp_path / "other.csv").write_text("title,url\nOnce more,https://example.org/2\n")
    assert florilege("add", str(tmp_path / "other.csv"), "--title", "Others").code == 0
    hook(florilege, tmp_path, f"open({str(kept)!r}, 'w').write(sys.stdin.read())")
    cli = CliContext({"FLORILEGE_HOME": str(florilege.home), "PATH": os.environ["PATH"]}, clock=florilege.clock)
    library = cli.library()
    first, others = library.groups()
    (item,) = library.items(others.id)
    library.update_items(
        first.id,
        lambda known: decide(
            known, Snapshot(kind="x", entries=(Entry(title="2", url=item.url),)), group=first.id, now=florilege.clock()
        ),
    )
    arrived = next(each for each in library.items(first.id) if each.url == item.url)
    result = Result(first.id, first.title, Outcome.OK, new=1, arrived=(arrived.id,))

    assert asyncio.run(after_refresh(cli, library, [result])) is None

    assert [each["also_in"] for each in json.loads(kept.read_bytes())["items"]] == [["Others"]]


def test_hook_gets_new_highlights_of_read_items(florilege: Called, tmp_path: Path) -> None:
    (tmp_path / "all.json").write_text("".join(FORMATS["json"].write(rich())))
    assert florilege("import", str(tmp_path / "all.json")).code == 0
    kept = tmp_path / "kept"
    hook(florilege, tmp_path, f"open({str(kept)!r}, 'w').write(sys.stdin.read())")
    cli = CliContext({"FLORILEGE_HOME": str(florilege.home), "PATH": os.environ["PATH"]}, clock=florilege.clock)
    result = Result("a1b2", "Encre", Outcome.OK, new_highlights=1, arrived=("00000000000000a1",))

    assert asyncio.run(after_refresh(cli, cli.library(), [result])) is None

    news = json.loads(kept.read_bytes())
    assert news == {
        "items": [],
        "quotes": [json.loads(line) for line in florilege("quotes", "is:new", "--jsonl").lines],
    }
    assert [quote["id"] for quote in news["quotes"]] == ["h2"]


class Impatient(Desktop):
    """A desktop whose programs may take a second."""

    async def run(self, command: Sequence[str], given: bytes) -> RunResult:
        return await programs.run(command, given, os.environ, limit=1)


def test_hook_that_takes_too_long_is_stopped_with_its_children(
    florilege: Called, server: Loopback, tmp_path: Path
) -> None:
    alive = tmp_path / "alive"
    os.mkfifo(alive)
    heard = os.open(alive, os.O_RDONLY | os.O_NONBLOCK)
    body = f"import subprocess\nwith open({str(alive)!r}, 'w') as held: subprocess.run(['sleep', '600'], stdout=held)"
    add_group(florilege, server, ONE)
    hook(florilege, tmp_path, body)
    environ = {"FLORILEGE_HOME": str(florilege.home), "PATH": os.environ["PATH"]}
    cli = CliContext(environ, clock=florilege.clock, make_desktop=Impatient)
    library = cli.library()
    (group,) = library.groups()
    (item,) = library.items(group.id)
    result = Result(group.id, group.title, Outcome.OK, new=1, arrived=(item.id,))

    said = asyncio.run(after_refresh(cli, library, [result]))

    assert said == f"The hook {tmp_path / 'script'} was stopped: it was not done after 1 s."
    assert select.select([heard], [], [], 30)[0]  # no process holds the other end any more
    assert os.read(heard, 1) == b""
    os.close(heard)


@pytest.mark.parametrize("value", ['"notify-send"', "[]", "[1]", '[""]'])
def test_invalid_hook_setting_is_reported_and_ignored(florilege: Called, value: str) -> None:
    florilege.home.mkdir(parents=True, exist_ok=True)
    (florilege.home / "config.toml").write_text(f"[hooks]\nafter_refresh = {value}\n")

    assert CliContext({"FLORILEGE_HOME": str(florilege.home)}).config().hooks.after_refresh is None
    assert "[hooks] after_refresh has to be a program and its arguments" in florilege("config").err
