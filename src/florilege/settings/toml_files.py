"""Reading the settings from config.toml, and editing hand-written TOML files.

A mistake in the file affects only that setting and never keeps the app from starting. An edit starts from the current
file, preserves comments, order and everything not changed, is checked by parsing the result, and is written atomically.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from florilege.files import NotWritten, read_file, write_atomically
from florilege.model import FlorilegeError
from florilege.settings.config import KEY, SECTIONS, SOURCE, Config, settings_of
from florilege.settings.kinds import Setting, Value
from florilege.settings.rules import Rule
from florilege.text import clean_line

if TYPE_CHECKING:
    from tomlkit import TOMLDocument


class NotRead(FlorilegeError):
    """A file could not be read. The text is the end of a sentence that says why."""


def load(path: Path) -> Config:
    """The settings in a file. A missing file is not an error; an unreadable one gives the defaults and a warning.

    Whatever is not understood is reported in `warnings`, and its default is used. Never raises. No warning repeats a
    value, so that a secret written there by mistake is not disclosed.
    """
    try:
        text, document = read(path)
    except NotRead as error:
        sentence = f"The settings were not read from {path}: {error}. The defaults are used."
        return Config(warnings=(clean_line(sentence),))
    warnings: list[str] = []

    def warn(sentence: str, section: str, name: str = "", place: int = 0) -> None:
        line = _line_of(text.splitlines(), section, name, place)
        warnings.append(clean_line(f"{path}{f', line {line}' if line else ''}: {sentence}."))

    found: dict[str, Any] = {}
    given: dict[str, Any] = {}
    for section, table in document.items():
        if section == SOURCE and isinstance(table, list):
            rules = [_rule(each, path.parent) for each in table]
            found["sources"] = tuple(rule for rule in rules if isinstance(rule, Rule))
            for place, wrong in enumerate(rules):
                if not isinstance(wrong, Rule):
                    warn(f"[[{SOURCE}]] {wrong}; the table is left out", SOURCE, place=place)
        elif section not in {*SECTIONS, "keys"}:
            warn(f"{section} is not known{_nearest(section, [*SECTIONS, 'keys'])}; it is left out", section)
        elif section == SOURCE or not isinstance(table, dict):
            header = f"[[{SOURCE}]]" if section == SOURCE else f"[{section}]"
            warn(f"{section} has to be a table: write {header} on a line of its own", section)
        else:
            known = dict.fromkeys(table, KEY) if section == "keys" else settings_of(section)
            values, problems = _understood(table, known)
            for name, wrong in problems.items():
                used = f"{known[name].default or 'the default'} is used" if name in known else "it is left out"
                warn(f"[{section}] {wrong}; {used}", section, name)
            found[section] = values if section == "keys" else SECTIONS[section](**values)
            given.update((f"{section}.{name}", table[name]) for name in values)
    return Config(**found, given=given, warnings=tuple(warnings))


def _rule(table: Any, folder: Path) -> Rule | str:
    """The rule in a table, or what is wrong with it; a file in it is relative to `folder`."""
    if not isinstance(table, dict):
        return "it has to be a table"
    values, problems = _understood(table, settings_of(SOURCE))
    rule = Rule(**values)
    if rule.secret_file:
        rule = replace(rule, secret_file=folder / rule.secret_file)
    return next(iter(problems.values()), rule.problem) or rule


def _understood(table: Mapping[str, Any], known: Mapping[str, Setting]) -> tuple[dict[str, Any], dict[str, str]]:
    """The valid settings of a table, and what is wrong with the others, both by name."""
    values, problems = {}, {}
    for name, value in table.items():
        try:
            values[name] = known[name].kind.read(value)
        except KeyError:
            problems[name] = f"{name} is not known{_nearest(name, known)}"
        except ValueError:
            problems[name] = f"{name} has to be {known[name].kind.words}"
    return values, problems


def _line_of(lines: Sequence[str], section: str, name: str, place: int) -> int | None:
    """The line number, from 1, of a setting, or of a table (empty `name`); None when it is not found.

    tomllib does not keep line numbers, so this finds the usual notation only.

    Args:
        lines: The lines of the file.
        section: The name of the table.
        name: The name of the setting.
        place: How many tables of that name come before.
    """
    header = ""
    for number, line in enumerate(map(str.strip, lines), 1):
        if line.startswith("["):
            header = line.partition("]")[0].strip("[ \"'")
            if header == section and not name:
                if place == 0:
                    return number
                place -= 1
        elif header == (section if name else "") and line.partition("=")[0].strip(" \"'") == (name or section):
            return number
    return None


def _nearest(name: str, known: Iterable[str]) -> str:
    """A hint in brackets: the closest known name as a question, or else all known names."""
    near = get_close_matches(name, known, 1, 0.6)
    return f" (did you mean {near[0]}?)" if near else f" (there are {', '.join(known)})"


def set_value(path: Path, section: str, name: str, value: Value) -> None:
    """Set one value in a table, or remove it when it is None. File, table and key are created where missing.

    Raises:
        NotWritten: The file is damaged or can't be written, or `section` in it is not a table.
    """
    import tomlkit

    if value is None and not path.exists():
        return
    with editing(path) as document:
        table: Any = document.get(section, {})
        if not isinstance(table, dict):
            raise NotWritten(f"{path} was not changed: {section} is not a table in it. Write [{section}].")
        if value is None:
            table.pop(name, None)
        else:
            document.setdefault(section, tomlkit.table())[name] = value


@contextmanager
def editing(path: Path, *, beginning: str = "") -> Iterator["TOMLDocument"]:
    """Edit a TOML file: gives its document, which is written when the context ends.

    Args:
        path: The file; it need not exist.
        beginning: The initial text of a new file.

    Raises:
        NotWritten: The file is damaged or can't be written.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        text, _ = read(path)
    except NotRead as error:
        raise NotWritten(clean_line(f"{path} was not changed: {error}. Mend it, and try again.")) from None
    try:
        document = tomlkit.parse(text or beginning)
        yield document
        written = document.as_string()
        tomllib.loads(written)
        content = written.encode()
    except (TOMLKitError, RecursionError, ValueError) as error:
        raise NotWritten(clean_line(f"{path} was not changed: it is written in an unusual way ({error}).")) from None
    if written != text:
        write_atomically(path, content)


def read(path: Path) -> tuple[str, dict[str, Any]]:
    """The text of a TOML file, and the parsed document; both empty when there is no such file.

    Raises:
        NotRead: It can't be read or parsed; the text is the end of a sentence.
    """
    try:
        text = read_file(path).decode("utf-8-sig")
        return text, tomllib.loads(text)
    except FileNotFoundError:
        return "", {}
    except UnicodeDecodeError as error:
        raise NotRead(f"it is not UTF-8 text (byte {error.start})") from None
    except OSError as error:
        raise NotRead(f"it can't be opened ({error.strerror or 'no reason given'})") from None
    except tomllib.TOMLDecodeError as error:
        raise NotRead(f"it is not TOML: {error}") from None
    except RecursionError:
        raise NotRead("it is nested too deeply") from None
