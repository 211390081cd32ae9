"""Reading config.toml: what is understood becomes settings, anything else a warning. Reads no other file.

A mistake in the file affects only that setting and never keeps the app from starting.
"""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from florilege.settings.config import KEYS, SECTIONS, SOURCE, Config, settings_of
from florilege.settings.kinds import Setting
from florilege.settings.rules import Rule, rule_of
from florilege.settings.toml_files import NotRead, read
from florilege.text import clean_line


def load(path: Path) -> Config:
    """The settings in a file. A missing file is not an error; an unreadable one gives the defaults and a warning.

    Whatever is not understood is reported in `warnings`, and its default is used. Never raises.
    """
    try:
        text, document = read(path)
    except FileNotFoundError:
        return Config()
    except NotRead as error:
        sentence = f"The settings were not read from {path}: {error}. The defaults are used."
        return Config(warnings=(clean_line(sentence),))
    return _Reader(path, text).config(document)


class _Reader:
    """Turns one document into settings, and collects warnings."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._lines = text.splitlines()
        self._warnings: list[str] = []

    def config(self, document: dict[str, Any]) -> Config:
        """The settings in the document, with the warnings about it."""
        found: dict[str, Any] = {}
        for name, table in document.items():
            if name == SOURCE:
                found["sources"] = tuple(self._rules(table))
            elif name != "keys" and name not in SECTIONS:
                near = _nearest(name, [*SECTIONS, "keys", SOURCE])
                self._warn(name, "", f"{name} is not known{near}; it is left out")
            elif not isinstance(table, dict):
                self._warn(name, "", f"{name} has to be a table: write [{name}] on a line of its own")
            elif name == "keys":
                found[name] = dict(self._keys(table))
            else:
                found[name] = SECTIONS[name](**dict(self._values(name, table)))
        return Config(**found, warnings=tuple(self._warnings))

    def _values(self, section: str, table: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        """The valid settings of one section."""
        for name, value, wrong, setting in _understood(settings_of(section), table):
            if not wrong:
                yield name, value
            elif setting is None:
                self._warn(section, name, f"[{section}] {wrong}; it is left out")
            else:
                self._warn(section, name, f"[{section}] {wrong}; {setting.default or 'the default'} is used")

    def _keys(self, table: dict[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The valid key bindings."""
        for command, value in table.items():
            if keys := KEYS.read(value):
                yield command, keys[0]
            else:
                self._warn("keys", command, f"[keys] {command} has to be {KEYS.words}; it is left as it was")

    def _rules(self, tables: Any) -> Iterator[Rule]:
        """The valid rules. A mistake discards its own table only."""
        headers = [number for number, line in enumerate(self._lines, 1) if _header(line.strip()) == SOURCE]
        if not isinstance(tables, list):
            self._warn(SOURCE, "", f"{SOURCE} has to be a table of its own: write [[{SOURCE}]]")
            return
        for place, table in enumerate(tables):
            read = list(_understood(settings_of(SOURCE), table)) if isinstance(table, dict) else []
            wrong = (
                "it has to be a table"
                if not isinstance(table, dict)
                else next((each[2] for each in read if each[2]), "")
            )
            rule = wrong or rule_of({name: value for name, value, *_ in read}, self._path.parent)
            if isinstance(rule, Rule):
                yield rule
            else:
                line = headers[place] if len(headers) == len(tables) else None
                self._warn_at(line, f"[[{SOURCE}]] {rule}; the table is left out")

    def _warn(self, section: str, name: str, sentence: str) -> None:
        self._warn_at(_line_of(self._lines, section, name), sentence)

    def _warn_at(self, line: int | None, sentence: str) -> None:
        place = f"{self._path}, line {line}" if line else f"{self._path}"
        self._warnings.append(clean_line(f"{place}: {sentence}."))


def _understood(
    known: Mapping[str, Setting], table: Mapping[str, Any]
) -> Iterator[tuple[str, Any, str, Setting | None]]:
    """For each key of a table: its name, its value, what is wrong with it (or ""), and its setting, if known.

    Error texts never repeat a value, so that a secret written there by mistake is not disclosed.
    """
    for name, value in table.items():
        setting = known.get(name)
        if setting is None:
            yield name, None, f"{name} is not known{_nearest(name, [*known])}", None
        elif (read := setting.kind.read(value)) is None:
            yield name, None, f"{name} has to be {setting.kind.words}", setting
        else:
            yield name, read[0], "", setting


def _line_of(lines: list[str], section: str, name: str) -> int | None:
    """The line number, from 1, of a table (empty `name`) or of a setting in it; None when it is not found.

    tomllib does not keep line numbers, so this finds the usual notation only.
    """
    inside = not name
    wanted = name or section
    for number, line in enumerate(lines, 1):
        bare = line.strip()
        if bare.startswith("["):
            header = _header(bare)
            if not name and header == section:
                return number
            inside = header == section if name else False
        elif inside and bare.partition("=")[0].strip(" \"'") == wanted:
            return number
    return None


def _header(line: str) -> str:
    """The name of the table that a line opens; empty when it is not a table header."""
    return line.partition("]")[0].strip("[ \"'") if line.startswith("[") else ""


def _nearest(name: str, known: list[str]) -> str:
    """A hint in brackets: the closest known name as a question, or else all known names."""
    near = get_close_matches(name, known, 1, 0.6)
    return f" (did you mean {near[0]}?)" if near else f" (there are {', '.join(known)})"
