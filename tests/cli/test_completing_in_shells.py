"""Completion in real shells, where they are installed."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from florilege.export.formats import FORMATS
from support.commands import Installed
from support.selections import group, item, row, selection
from support.terminal import Terminal


def needs(shell: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(shell) is None, reason=f"{shell} is not installed here")


@pytest.fixture
def path(tmp_path: Path, filled: Installed) -> str:
    """A PATH on which shells find florilege; its library has three groups."""
    odd = item("1" * 16, of="d4e5")
    document = tmp_path / "odd.json"
    document.write_text("".join(FORMATS["json"].write(selection(row(odd, of=group("d4e5", 'Odd, "so"'))))))
    assert filled("import", str(document)).code == 0
    binaries = tmp_path / "bin"
    binaries.mkdir()
    (binaries / "florilege").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m florilege "$@"\n')
    (binaries / "florilege").chmod(0o755)
    return f"{binaries}:{os.environ['PATH']}"


def shell_lines(installed: Installed, path: str, *command: str) -> list[str]:
    """Output of a shell script."""
    environ = installed.environ(PATH=path)
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


BASH = {
    "florilege exp": ["export"],
    "florilege refresh Enc": ["'Encre & Papier'"],
    "florilege refresh ": ["'Encre & Papier'", "'Open science'", "'Odd, \"so\"'"],
    "florilege mark un": ["unread", "unstarred"],
}
ASKED = """
COMP_WORDS=({line}) COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)) COMPREPLY=()
_florilege_completion florilege
printf '%s\\n' "${{COMPREPLY[@]}}" .
"""


@needs("bash")
def test_bash_completes_whole_words(filled: Installed, path: str) -> None:
    asked = "".join(ASKED.format(line=line if line[-1] != " " else f"{line}''") for line in BASH)
    said = shell_lines(filled, path, "bash", "-c", f'compopt() {{ :; }}\neval "$(florilege completion bash)"\n{asked}')
    assert said == [line for offers in BASH.values() for line in (*offers, ".")]


FISH = {
    "florilege mark un": ["unread", "unstarred"],
    "florilege refresh Enc": ["Encre & Papier"],
    "florilege refresh Odd": ['Odd, "so"'],
}


@needs("fish")
def test_fish_completes_whole_titles(filled: Installed, path: str) -> None:
    asked = "\n".join(f"complete -C {json.dumps(line)}; echo ." for line in FISH)
    said = shell_lines(filled, path, "fish", "--no-config", "-c", f"florilege completion fish | source\n{asked}")
    assert said == [line for offers in FISH.values() for line in (*offers, ".")]


ZSH = {
    "florilege exp": "florilege export",
    "florilege refresh Od": r"florilege refresh Odd,\ \"so\"",
}


@needs("zsh")
def test_zsh_completes_and_quotes(filled: Installed, path: str, tmp_path: Path) -> None:
    environ = {"PATH": path, "FLORILEGE_HOME": str(filled.home), "PS1": "ready> "}
    zsh = shutil.which("zsh")
    assert zsh is not None
    with Terminal("-f", home=tmp_path, command=zsh, environ=environ) as terminal:
        terminal.shows("ready>")
        prepared = 'eval "$(florilege completion zsh)"; bindkey "^U" kill-whole-line; PS1="go> "'
        terminal.press(f"autoload -Uz compinit; compinit -u -D; {prepared}; clear\r")
        terminal.until(lambda text: text.strip() == "go>")
        for line, shown in ZSH.items():
            terminal.press(f"{line}\t")
            terminal.shows(shown)
            terminal.press("\x15")
            terminal.until(lambda text: text.partition("\n")[0].strip() == "go>")
