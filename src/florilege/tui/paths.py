"""Completing a path as it is typed, and interpreting a pasted one. Looks into folders; reads no file."""

import os
from contextlib import suppress
from itertools import islice
from pathlib import Path
from urllib.parse import unquote, urlsplit

from florilege.text import clean_line, search_key

_MOST = 2000
"""Most names examined in one folder."""


def is_path(text: str) -> bool:
    """Whether the typed text is a path and not a web address."""
    return text.startswith(("/", "~", "./", "../"))


def completed_path(text: str) -> list[str]:
    """Completions of a path: folders (with a trailing slash), then files. Hidden ones only once a dot is typed."""
    if not is_path(text):
        return []
    if text in {"~", ".", ".."}:
        return [f"{text}/"]
    folder, _, begun = text.rpartition("/")
    names: list[tuple[bool, str]] = []
    with suppress(OSError, ValueError), os.scandir(Path(f"{folder}/").expanduser()) as entries:
        for entry in islice(entries, _MOST):
            fits = search_key(entry.name).startswith(search_key(begun)) and entry.name.startswith(
                "."
            ) == begun.startswith(".")
            # A name with unprintable characters can't be typed either.
            if fits and clean_line(entry.name) == entry.name:
                names.append((not _is_folder(entry), entry.name))
    names.sort(key=lambda each: (each[0], search_key(each[1])))
    found = [f"{folder}/{name}{'' if is_file else '/'}" for is_file, name in names]
    return [each for each in found if each != text]


def completed_target(text: str) -> list[str]:
    """Completions of the name of a file to be written: as `completed_path`, and relative to the current folder too."""
    if not text or is_path(text):
        return completed_path(text)
    return [each.removeprefix("./") for each in completed_path(f"./{text}")]


def last_part(path: str) -> str:
    """A completion as it is displayed: the last component of the path."""
    bare = path.rstrip("/")
    return bare.rpartition("/")[2] + path[len(bare) :]


def meant(text: str) -> str:
    """The address or path meant by typed, pasted or dropped text: without quotes and escapes, with `~` expanded."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1]
    elif is_path(text) and "\\ " in text:
        text = text.replace("\\ ", " ")
    with suppress(ValueError):
        parts = urlsplit(text)
        if parts.scheme == "file" and parts.netloc in {"", "localhost"}:
            return unquote(parts.path)
    return os.path.expanduser(text)  # noqa: PTH111 -- it may be a web address, which would lose a slash as a Path


def is_address(text: str) -> bool:
    """Whether a pasted text is a web address."""
    return meant(text).startswith(("http://", "https://"))


def is_source(text: str) -> bool:
    """Whether a pasted text can be added: a web address, or the path of an existing file."""
    source = meant(text)
    if is_address(text):
        return True
    return is_path(source) and is_file(source)


def is_file(path: str) -> bool:
    """Whether there is a file of this name; none has a name that can be none."""
    with suppress(OSError, RuntimeError, ValueError):
        return Path(path).expanduser().is_file()
    return False


def is_folder(path: str) -> bool:
    """Whether there is a folder of this name."""
    with suppress(OSError, RuntimeError, ValueError):
        return Path(path).expanduser().is_dir()
    return False


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
