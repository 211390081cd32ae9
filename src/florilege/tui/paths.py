"""What a path that is being typed may become, and what a pasted one means. Looks into folders; reads no file."""

import os
from contextlib import suppress
from itertools import islice
from pathlib import Path
from urllib.parse import unquote, urlsplit

from florilege.text import clean_line, search_key

_MOST = 2000
"""Names looked at in one folder."""


def is_path(text: str) -> bool:
    """Whether what is typed is a path, and no address."""
    return text.startswith(("/", "~", "./", "../"))


def completed_path(text: str) -> list[str]:
    """What a path may become: folders with a stroke behind them, then files. Hidden ones only once a dot is typed."""
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
            # A name with what can't be shown can't be typed either.
            if fits and clean_line(entry.name) == entry.name:
                names.append((not _is_folder(entry), entry.name))
    names.sort(key=lambda each: (each[0], search_key(each[1])))
    found = [f"{folder}/{name}{'' if is_file else '/'}" for is_file, name in names]
    return [each for each in found if each != text]


def completed_target(text: str) -> list[str]:
    """What the name of a file that is to be written may become: `completed_path`, from the folder one is in, too."""
    if not text or is_path(text):
        return completed_path(text)
    return [each.removeprefix("./") for each in completed_path(f"./{text}")]


def last_part(path: str) -> str:
    """A candidate as it is shown: its last part."""
    bare = path.rstrip("/")
    return bare.rpartition("/")[2] + path[len(bare) :]


def meant(text: str) -> str:
    """The address or path that was typed, pasted or dropped: without quotes, without escapes, with the home folder."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1]
    elif is_path(text) and "\\ " in text:
        text = text.replace("\\ ", " ")
    with suppress(ValueError):
        parts = urlsplit(text)
        if parts.scheme == "file" and parts.netloc in {"", "localhost"}:
            return unquote(parts.path)
    return os.path.expanduser(text)  # noqa: PTH111 -- an address is no path, and would lose a stroke as one


def is_address(text: str) -> bool:
    """Whether a pasted text is a web address."""
    return meant(text).startswith(("http://", "https://"))


def is_source(text: str) -> bool:
    """Whether a pasted text can be added: an address, or the path of a file that is there."""
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
