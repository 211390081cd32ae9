"""Rules for some sources: the `[[source]]` tables of config.toml. Pure, except that `~` in file names is expanded.

A rule says where a secret is kept and never holds the secret itself, which is read when a request is sent
(`net.secrets`).
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

import msgspec

from florilege.settings.kinds import COMMAND, TIME, Setting, text

_OURS = ("host", "connection", "content-length", "transfer-encoding", "accept-encoding")
"""Headers that the reader must not set, since they would break the request."""


def _beginning(value: str) -> str:
    parts = _split(value)
    if not parts or not parts.hostname or "@" in parts.netloc or parts.query:
        raise ValueError
    return value.strip()


_ADDRESS = text(
    "the beginning of an http or https address, without user name and query",
    "^[Hh][Tt][Tt][Pp][Ss]?://[^/?@]+(/[^?]*)?$",
    _beginning,
)
_NOT_OURS = "".join(f"(?!{''.join(f'[{c}{c.upper()}]' if c.isalpha() else c for c in name)}$)" for name in _OURS)
SETTINGS = {
    "match": Setting(
        _ADDRESS, "The rest of the [[source]] table is for sources whose address begins so; the longest match wins."
    ),
    "every": Setting(TIME, "Shortest time between two fetches of one of these, instead of refresh.every."),
    "user": Setting(
        text("a user name without a colon", r"^[^:\x00-\x1f\x7f]+$"),
        "User name of a private group; its secret is the password.",
    ),
    "header": Setting(
        text("the name of a header", rf"^{_NOT_OURS}[A-Za-z0-9!#$%&'*+.^_`|~-]+$"),
        "The header that opens a private group; its secret is the value. Without user and header, the secret is a "
        "bearer token.",
    ),
    "secret_env": Setting(
        text("the name of an environment variable", "^[A-Za-z_][A-Za-z0-9_]*$"),
        "The environment variable that holds the secret, which never stands here.",
    ),
    "secret_file": Setting(
        text("the name of a file", r"\S"),
        "The file that holds the secret and nothing else, beside this one or by path.",
    ),
    "secret_command": Setting(
        COMMAND, 'The command whose first line is the secret, such as ["pass", "show", "x"]. No shell reads it.'
    ),
}
"""The settings of a `[[source]]` table."""
_SECRETS = ("secret_env", "secret_file", "secret_command")


class Way(StrEnum):
    """How a secret is sent to a server."""

    BASIC = "basic"
    BEARER = "bearer"
    HEADER = "header"


class Access(msgspec.Struct, frozen=True):
    """The credentials for a private group: how they are sent, and where the secret is kept.

    Exactly one of `env`, `file` and `command` is set.
    """

    way: Way
    name: str = ""
    """The user name for BASIC, the header name for HEADER; empty for BEARER."""
    env: str | None = None
    """The environment variable that holds the secret."""
    file: Path | None = None
    """The file that holds the secret and nothing else."""
    command: tuple[str, ...] = ()
    """The command that prints the secret, with its arguments."""


class Rule(msgspec.Struct, frozen=True):
    """Settings for the sources whose address begins with `match`."""

    match: str
    every: timedelta | None = None
    """Shortest time between two fetches; None for the general setting."""
    access: Access | None = None


def interval_for(rules: Iterable[Rule], address: str) -> timedelta | None:
    """The interval for an address: that of the longest matching rule with an interval, or None."""
    found = _longest((rule for rule in rules if rule.every is not None), address)
    return found.every if found else None


def access_for(rules: Iterable[Rule], address: str) -> Access | None:
    """The access for an address: that of the longest matching rule with an access, or None."""
    found = _longest((rule for rule in rules if rule.access is not None), address)
    return found.access if found else None


def matches(rule: Rule, address: str) -> bool:
    """Whether a rule applies to an address: same scheme, host and port, and its path is a prefix by whole segments."""
    wanted, given = _split(rule.match), _split(address)
    if wanted is None or given is None or _origin(wanted) != _origin(given):
        return False
    beginning = wanted.path.rstrip("/")
    return given.path == wanted.path or given.path == beginning or given.path.startswith(f"{beginning}/")


def rule_of(values: Mapping[str, Any], folder: Path) -> Rule | str:
    """The rule given by a table, or what is wrong with it, as the end of a sentence.

    Args:
        values: The settings of the table, each valid by itself.
        folder: What relative file names are relative to.
    """
    if "match" not in values:
        return f"match is missing: {_ADDRESS.words}"
    ways = [name for name in ("user", "header") if name in values]
    secrets = [name for name in _SECRETS if name in values]
    if len(ways) > 1 or len(secrets) > 1:
        return f"{' and '.join(ways if len(ways) > 1 else secrets)} can't both be had: keep one"
    if ways and not secrets:
        return f"{ways[0]} needs one of {', '.join(_SECRETS)}, to say where its secret is"
    try:
        file = folder / Path(values["secret_file"]).expanduser() if "secret_file" in values else None
    except RuntimeError:  # `~ann` when there is no such user
        return "secret_file names the folder of a user who is not there"
    way = {"user": Way.BASIC, "header": Way.HEADER}[ways[0]] if ways else Way.BEARER
    name = values[ways[0]] if ways else ""
    access = Access(way, name, values.get("secret_env"), file, values.get("secret_command", ()))
    return Rule(values["match"], values.get("every"), access if secrets else None)


def _longest(rules: Iterable[Rule], address: str) -> Rule | None:
    """The matching rule with the longest `match`; the first of equally long ones."""
    return max((rule for rule in rules if matches(rule, address)), key=lambda rule: len(rule.match), default=None)


def _split(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address.strip())
        parts.port  # noqa: B018 -- raises ValueError for an invalid port
    except ValueError:
        return None
    return parts


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
