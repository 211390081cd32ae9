"""Output of `doctor`, `config`, `bindings` and the help."""

import webbrowser
from pathlib import Path

import click
import pytest

from florilege.cli.context import CliContext
from florilege.cli.doctor import CHECKS
from florilege.cli.entry import COMMANDS as WORDS
from florilege.cli.entry import root
from florilege.cli.json_output import Verdict
from florilege.commands import COMMANDS
from florilege.settings import describe
from support.commands import Called, Installed


def test_help_names_every_command(florilege: Called) -> None:
    shown = florilege("--help").out

    assert all(f"\n  {name} " in shown for name in WORDS)


@pytest.mark.parametrize("name", WORDS)
def test_every_command_has_help_and_takes_a_library_folder(florilege: Called, name: str) -> None:
    ran = florilege(name, "--help")

    assert ran.code == 0
    assert "--library DIR" in ran.out


def test_bindings_list_every_command_with_keys_and_description(florilege: Called) -> None:
    lines = florilege("bindings").lines

    assert [line.split()[0] for line in lines] == [each.id for each in COMMANDS]
    assert all(line.endswith(each.sentence) for line, each in zip(lines, COMMANDS, strict=True))


def test_bindings_follow_the_settings(florilege: Called, home: Path) -> None:
    home.mkdir()
    (home / "config.toml").write_text('[keys]\nstar = "S"\nstarr = "x"\n')

    ran = florilege("bindings")

    assert any(line.split()[:2] == ["star", "S"] for line in ran.lines)
    assert ran.said == [
        'Keys: there is no command "starr". Did you mean "star"?',
        'Keys: S is "star" now, as set in [keys]; "sort" has no key left.',
    ]


def test_config_shows_locations_and_settings(florilege: Called, home: Path) -> None:
    ran = florilege("config")

    assert str(home / "config.toml") in ran.lines[0]
    assert str(home / "library") in ran.lines[1]
    for setting in describe():
        assert setting.sentence in ran.out
        assert setting.default in ran.out


def test_config_shows_what_the_reader_has_set(florilege: Called, home: Path) -> None:
    home.mkdir()
    (home / "config.toml").write_text('[reading]\nmark = "hand"\n[hooks]\nafter_refresh = ["notify-send", "new"]\n')

    lines = florilege("config").lines

    assert 'mark = "hand"  # set by you; default: "rest"' in lines
    assert 'after_refresh = ["notify-send", "new"]  # set by you' in lines
    assert "mark_after = 1.0" in lines


def test_refused_value_is_not_shown_as_set(florilege: Called, home: Path) -> None:
    home.mkdir()
    (home / "config.toml").write_text('[reading]\nmark = "later"\nmark_after = 2\n[source]\nuser = "zebedee"\n')

    ran = florilege("config")

    assert 'mark = "rest"' in ran.lines
    assert "mark_after = 2  # set by you; default: 1.0" in ran.lines
    assert "later" not in ran.out
    assert "zebedee" not in ran.out
    assert ["[reading] mark" in said for said in ran.said] == [True, False]


def test_library_option_wins_over_the_environment_before_or_after_the_command(
    florilege: Called, tmp_path: Path, feeds: Path
) -> None:
    there = str(tmp_path / "there")

    florilege("--library", there, "add", str(feeds / "encre.rss"))

    assert len(florilege("groups", "--library", there).lines) == 1
    assert florilege("groups").lines == []


def test_healthy_installation_has_no_failures(installed: Installed, feeds: Path) -> None:
    installed("add", str(feeds / "encre.rss"))

    ran = installed("doctor", TERM="dumb")

    assert ran.code == 0
    assert {line[:4] for line in ran.lines} <= {"ok  ", "note"}
    assert any("holds 1 group and 3 items" in line for line in ran.lines)


def test_unparsable_browser_variable_is_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROWSER", "firefox '%s")
    monkeypatch.setattr(webbrowser, "_tryorder", None)  # webbrowser reads the variable only once
    ((verdict, text, _),) = CHECKS["browser"](CliContext({}))
    assert (verdict.value, text) == ("note", "BROWSER can't be read (No closing quotation)")


def test_doctor_as_json(florilege: Called) -> None:
    findings = florilege("doctor", "--json").json["findings"]

    checks = ["library", "settings", "network", "terminal", "clipboard", "browser", "versions"]
    assert list(dict.fromkeys(finding["check"] for finding in findings)) == checks
    assert list(findings[0]) == ["check", "verdict", "text", "advice"]


def test_unreadable_library_is_exit_code_3(florilege: Called, home: Path) -> None:
    (home / "library").mkdir(parents=True)
    (home / "library" / "groups.log").write_bytes(b"somebody else's notes\n")

    ran = florilege("doctor")

    assert ran.code == 3
    assert ran.lines[0].startswith("fail library: ")


@pytest.mark.parametrize("command", [["add"], ["refresh"], ["refresh", "--all-pages", "Encre"]])
def test_invalid_settings_are_reported_by_commands_that_need_them(
    florilege: Called, home: Path, feeds: Path, command: list[str]
) -> None:
    florilege("add", str(feeds / "encre.rss"))
    (home / "config.toml").write_text('[refresh]\nevery = "often"\n')

    ran = florilege(*command, *([str(feeds / "encre.rss")] if command == ["add"] else []))

    assert ran.code == 0
    (said,) = [line for line in ran.said if "config.toml" in line]
    assert "every" in said


def test_doctor_notes_invalid_settings(florilege: Called, home: Path) -> None:
    home.mkdir()
    (home / "config.toml").write_text('[keys]\nquit = "ctrl+c"\n[look]\ndensity = "huge"\n')

    noted = [line for line in florilege("doctor").lines if line.startswith("note settings: ")]

    assert len(noted) == 2
    assert all("Correct it in" in line for line in noted)


@pytest.mark.parametrize("name", WORDS)
def test_command_list_has_complete_sentences(name: str) -> None:
    command = root.get_command(click.Context(root), name)

    assert command is not None
    assert command.get_short_help_str(limit=78 - 6 - max(map(len, WORDS))).endswith(".")
    assert not command.get_short_help_str(limit=78 - 6 - max(map(len, WORDS))).endswith("...")


def test_doctor_notes_invalid_saved_searches(florilege: Called, home: Path) -> None:
    home.mkdir()
    (home / "searches.toml").write_text('Odd = "is:foo"\nWell = "is:unread"\n')

    (noted,) = [line for line in florilege("doctor").lines if " searches: " in line]

    assert noted.startswith("note searches: The search “Odd” can't be read")
    assert noted.endswith(f"Correct it in {home / 'searches.toml'}.")


def test_library_that_does_not_exist_yet_is_fine(home: Path) -> None:
    ((verdict, *_),) = CHECKS["library"](CliContext({"FLORILEGE_HOME": str(home)}))

    assert verdict is Verdict.OK
    assert not home.exists()


def test_library_that_can_not_be_created_fails_the_check(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    ((verdict, text, advice),) = CHECKS["library"](CliContext({"FLORILEGE_HOME": str(tmp_path / "file" / "home")}))

    assert verdict is Verdict.FAIL
    assert text.endswith(f"can't be created: {tmp_path / 'file'} is no folder you can write to")
    assert "--library" in advice


@pytest.mark.parametrize(
    ("environ", "verdict"),
    [({}, Verdict.NOTE), ({"TMUX": "/tmp/tmux,1,0"}, Verdict.OK)],
)
def test_doctor_names_the_ways_to_the_clipboard(
    environ: dict[str, str], verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)

    ((found, *_),) = CHECKS["clipboard"](CliContext(environ))

    assert found is verdict


@pytest.mark.parametrize(
    ("environ", "tools", "said", "advice"),
    [
        ({}, {"xclip"}, "xclip is installed, but DISPLAY is not set", "Use tmux"),
        ({}, {"wl-copy"}, "wl-copy is installed, but WAYLAND_DISPLAY is not set", "Use tmux"),
        ({"DISPLAY": ":0"}, set(), "no tool for the clipboard was found", "install wl-clipboard or xclip"),
    ],
)  # fmt: skip
def test_doctor_distinguishes_reasons_why_nothing_can_be_copied(
    environ: dict[str, str], tools: set[str], said: str, advice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}" if name in tools else None)

    ((_, text, to_do),) = CHECKS["clipboard"](CliContext(environ))

    assert said in text
    assert advice in (to_do or "")
