"""Rules for some sources: what `[[source]]` tables of config.toml say. Pure, but for `~` in the name of a file.

A rule holds where a secret is, never the secret: it is read when a request goes out (`net.secrets`).
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

import msgspec

from florilege.text import clean_line

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_OURS = frozenset({"host", "connection", "content-length", "transfer-encoding", "accept-encoding"})
"""Headers that are not the reader's to set: they would break the exchange."""
_WAYS = ("basic", "bearer_env", "bearer_file", "bearer_command", "header")
DESCRIBED = (
    (
        "match",
        "an http or https address, in quotes",
        "In a [[source]] table: the rest of the table is for sources whose address begins so; the longest match wins.",
    ),
    ("every", "a length of time", "Shortest time between two fetches of one of these, instead of refresh.every."),
    (
        "basic",
        '{ user = "ann", password_env = "NAME" }, or password_file, or password_command',
        (
            "User name and password of a private group; the password is in an environment variable, in a file, or what "
            "a command prints, never here."
        ),
    ),
    ("bearer_env", "the name of an environment variable", "Bearer token of a private group, in that variable."),
    ("bearer_file", "the name of a file", "Bearer token of a private group, in that file."),
    (
        "bearer_command",
        'a command and its words, such as ["pass", "show", "x"]',
        "Bearer token of a private group: the first line that command prints. No shell reads it.",
    ),
    (
        "header",
        '{ name = "X-Api-Key", env = "NAME" }, or file, or command',
        (
            "A header that opens a private group; its value is in an environment variable, in a file, or what a "
            "command prints."
        ),
    ),
)
"""Name, what it may be, and what it does, of each setting of a `[[source]]` table."""
_SETTINGS = tuple(name for name, _, _ in DESCRIBED)


class Way(StrEnum):
    """How a secret is shown to a server."""

    BASIC = "basic"
    BEARER = "bearer"
    HEADER = "header"


class Access(msgspec.Struct, frozen=True):
    """What opens a private group, and where it is kept. Exactly one of `env`, `file` and `command` is set."""

    way: Way
    name: str = ""
    """The user of BASIC, the name of the HEADER; empty for BEARER."""
    env: str | None = None
    """The environment variable that holds the secret."""
    file: Path | None = None
    """The file that holds the secret, and nothing else."""
    command: tuple[str, ...] = ()
    """The command that prints it, with its arguments."""


class Rule(msgspec.Struct, frozen=True):
    """What holds for the sources whose address begins so."""

    match: str
    every: timedelta | None = None
    """Shortest time between two fetches; None for that of all others."""
    access: Access | None = None


def interval_for(rules: Iterable[Rule], address: str) -> timedelta | None:
    """The interval of the longest rule that matches an address and has one; None when there is none."""
    found = _longest((rule for rule in rules if rule.every is not None), address)
    return found.every if found else None


def access_for(rules: Iterable[Rule], address: str) -> Access | None:
    """The access of the longest rule that matches an address and has one; None when there is none."""
    found = _longest((rule for rule in rules if rule.access is not None), address)
    return found.access if found else None


def matches(rule: Rule, address: str) -> bool:
    """Whether a rule is for an address: the same scheme, host and port; a path that begins so, by segments."""
    wanted, given = _split(rule.match), _split(address)
    if wanted is None or given is None or _origin(wanted) != _origin(given):
        return False
    beginning = wanted.path.rstrip("/")
    return given.path == wanted.path or given.path == beginning or given.path.startswith(f"{beginning}/")


def read_rule(
    table: Mapping[str, Any], folder: Path, read_time: Callable[[Any], tuple[timedelta] | None]
) -> Rule | str:
    """The rule of one `[[source]]` table, or what is wrong with it, as the end of a sentence.

    Args:
        table: As it stands in the file.
        folder: Where files named without one are.
        read_time: Reads a length of time.
    """
    match = table.get("match")
    if not isinstance(match, str) or not _is_beginning(match):
        return "match has to be the beginning of an http or https address, without user name and query"
    for name in table:
        if name not in _SETTINGS:
            return f"{clean_line(name)} is not known (there are {', '.join(_SETTINGS)})"
    ways = [name for name in _WAYS if name in table]
    if len(ways) > 1:
        return f"{' and '.join(ways)} can't both be had: keep one"
    every = read_time(table["every"]) if "every" in table else (None,)
    if every is None:
        return 'every has to be a length of time such as "30m", "1h" or "2d", ten years at most'
    access = _read_access(ways[0], table[ways[0]], folder) if ways else None
    if isinstance(access, str):
        return access
    return Rule(match.strip(), every[0], access)


def _read_access(way: str, value: Any, folder: Path) -> Access | str:
    match way:
        case "bearer_env" | "bearer_file" | "bearer_command":
            return _keeping(Way.BEARER, "", {way.removeprefix("bearer_"): value}, "bearer_", folder)
        case "basic":
            user = value.get("user") if isinstance(value, dict) else None
            if not isinstance(user, str) or not user or ":" in user or not user.isprintable():
                return 'basic has to be a table such as { user = "ann", password_env = "NAME" }'
            return _keeping(Way.BASIC, user, _without("user", value, "password_"), "password_", folder)
        case _:
            name = value.get("name") if isinstance(value, dict) else None
            if not isinstance(name, str) or not _HEADER.fullmatch(name) or name.lower() in _OURS:
                return 'header has to be a table such as { name = "X-Api-Key", env = "NAME" }'
            return _keeping(Way.HEADER, name, _without("name", value, ""), "", folder)


def _without(name: str, table: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """What is left of a table but for one entry, without a prefix of the names."""
    return {key.removeprefix(prefix): value for key, value in table.items() if key != name}


def _keeping(way: Way, name: str, places: Mapping[str, Any], prefix: str, folder: Path) -> Access | str:
    """An access whose secret is kept in one of the places. What stands in the file is never repeated: it may be one."""
    if set(places) == {"env"} and isinstance(places["env"], str) and _NAME.fullmatch(places["env"]):
        return Access(way, name, env=places["env"])
    if set(places) == {"file"} and isinstance(places["file"], str) and places["file"].strip():
        try:
            return Access(way, name, file=folder / Path(places["file"]).expanduser())
        except RuntimeError:  # `~ann` of nobody
            return f"{prefix}file names the folder of a user who is not there"
    command = places.get("command")
    if set(places) == {"command"} and isinstance(command, list) and command and all(_is_word(word) for word in command):
        return Access(way, name, command=tuple(command))
    return (
        f"{way} has to say where its secret is: {prefix}env with the name of an environment variable, {prefix}file "
        f"with that of a file, or {prefix}command with a list of words; the secret itself never stands here"
    )


def _is_word(word: Any) -> bool:
    return isinstance(word, str) and bool(word) and "\x00" not in word


def _is_beginning(match: str) -> bool:
    parts = _split(match)
    return bool(
        parts and parts.scheme in {"http", "https"} and parts.hostname and "@" not in parts.netloc and not parts.query
    )


def _longest(rules: Iterable[Rule], address: str) -> Rule | None:
    """The rule with the longest match; of equals the first."""
    return max((rule for rule in rules if matches(rule, address)), key=lambda rule: len(rule.match), default=None)


def _split(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address.strip())
        parts.port  # noqa: B018 -- reading it is what raises for a broken one
    except ValueError:
        return None
    return parts


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
