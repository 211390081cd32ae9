"""Reading TOML files, and editing hand-written ones: comments, order and everything not changed are preserved.

An edit starts from the current file, is checked by parsing the result, and is written atomically.
"""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from florilege.files import NotWritten, read_file, write_atomically
from florilege.model import FlorilegeError
from florilege.text import clean_line

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

Written: TypeAlias = str | bool | int | float | Sequence[str]
"""The types that can be written as the value of a setting."""


class NotRead(FlorilegeError):
    """A file could not be read. The text is the end of a sentence that says why."""


def set_value(path: Path, section: str, name: str, value: Written) -> None:
    """Set one value in a table. File, table and key are created where missing.

    Raises:
        NotWritten: The file is damaged or can't be written, or `section` in it is not a table.
    """

    def change(document: "TOMLDocument") -> None:
        import tomlkit

        if section not in document:
            document[section] = tomlkit.table()
        table: Any = document[section]
        if not isinstance(table, dict):
            raise NotWritten(f"{path} was not changed: {section} is not a table in it. Write [{section}].")
        table[name] = list(value) if isinstance(value, (list, tuple)) else value

    edit(path, change)


def unset_value(path: Path, section: str, name: str) -> None:
    """Remove one value from a table, so that its default applies. Does nothing when it is not there.

    Raises:
        NotWritten: The file is damaged or can't be written.
    """

    def change(document: "TOMLDocument") -> None:
        table: Any = document.get(section)
        if isinstance(table, dict) and name in table:
            del table[name]

    if path.exists():
        edit(path, change)


def edit(path: Path, change: Callable[["TOMLDocument"], None], *, beginning: str = "") -> None:
    """Edit a TOML file.

    Args:
        path: The file; it need not exist.
        change: Changes the document in place.
        beginning: The initial text of a new file.

    Raises:
        NotWritten: The file is damaged or can't be written.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        text, _ = read(path)
    except FileNotFoundError:
        text = beginning
    except NotRead as error:
        raise NotWritten(clean_line(f"{path} was not changed: {error}. Mend it, and try again.")) from None
    try:
        document = tomlkit.parse(text)
        change(document)
        written = document.as_string()
        tomllib.loads(written)
        content = written.encode()
    except (TOMLKitError, RecursionError, ValueError) as error:
        raise NotWritten(clean_line(f"{path} was not changed: it is written in an unusual way ({error}).")) from None
    if written != text:
        write_atomically(path, content)


def read(path: Path) -> tuple[str, dict[str, Any]]:
    """The text of a TOML file, and the parsed document.

    Raises:
        FileNotFoundError: The file does not exist.
        NotRead: It can't be read or parsed; the text is the end of a sentence.
    """
    try:
        text = read_file(path).decode("utf-8-sig")
        return text, tomllib.loads(text)
    except FileNotFoundError:
        raise
    except UnicodeDecodeError as error:
        raise NotRead(f"it is not UTF-8 text (byte {error.start})") from None
    except OSError as error:
        raise NotRead(f"it can't be opened ({error.strerror or 'no reason given'})") from None
    except tomllib.TOMLDecodeError as error:
        raise NotRead(f"it is not TOML: {error}") from None
    except RecursionError:
        raise NotRead("it is nested too deeply") from None


def values_set(path: Path | None) -> Mapping[str, Any]:
    """The values set in a settings file, by `section.name`; none when it can't be read (`loading.load` warns)."""
    try:
        document = read(path)[1] if path is not None else {}
    except (FileNotFoundError, NotRead):
        return {}
    return {
        f"{section}.{name}": value
        for section, table in document.items()
        if isinstance(table, dict)
        for name, value in table.items()
    }
