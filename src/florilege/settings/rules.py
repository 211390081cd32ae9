"""Rules for some sources: the `[[source]]` tables of config.toml. Pure, except that `~` in file names is expanded.

A rule says where a secret is kept and never holds the secret itself, which is read when a request is sent
(`net.secrets`).
"""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import msgspec

from florilege.settings.kinds import COMMAND, TIME, Setting, text

_OURS = ("host", "connection", "content-length", "transfer-encoding", "accept-encoding")
"""Headers that the reader must not set, since they would break the request."""
_NOT_OURS = "".join(f"(?!{''.join(f'[{c}{c.upper()}]' if c.isalpha() else c for c in name)}$)" for name in _OURS)
_WAYS, _SECRETS = ("user", "header"), ("secret_env", "secret_file", "secret_command")


# Addresses are looked at where there is a rule: what knows all about them takes two milliseconds of each start.


def _beginning(value: str) -> str:
    from florilege.urls import split

    parts = split(value.strip())
    if not parts or not parts.hostname or "@" in parts.netloc or parts.query:
        raise ValueError(value)
    return value.strip()


# fmt: off
class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """Settings for the sources whose address begins with `match`, and where the secret of a private group is kept."""

    match: Annotated[str, Setting(
        text("the beginning of an http or https address, without user name and query",
             "^[Hh][Tt][Tt][Pp][Ss]?://[^/?@]+(/[^?]*)?$", _beginning),
        "The other settings of this table are for sources whose address begins with this; the longest match wins.",
    )] = ""
    every: Annotated[timedelta | None, Setting(
        TIME, "Shortest time between two fetches of one of these sources, instead of refresh.every.",
    )] = None
    user: Annotated[str, Setting(
        text("a user name without a colon", r"^[^:\x00-\x1f\x7f]+$"),
        "User name for a private group; its secret is the password.",
    )] = ""
    header: Annotated[str, Setting(
        text("the name of a header", rf"^{_NOT_OURS}[A-Za-z0-9!#$%&'*+.^_`|~-]+$"),
        "Header in which a private group expects its secret. Without user and header, the secret is sent as a bearer "
        "token.",
    )] = ""
    secret_env: Annotated[str, Setting(
        text("the name of an environment variable", "^[A-Za-z_][A-Za-z0-9_]*$"),
        "Environment variable that holds the secret. The secret itself never goes into this file.",
    )] = ""
    secret_file: Annotated[Path | None, Setting(
        text("the name of a file", r"\S", lambda value: Path(value).expanduser()),
        "File that holds the secret and nothing else: a path, or a name in the folder of config.toml.",
    )] = None
    secret_command: Annotated[tuple[str, ...], Setting(
        COMMAND, 'Command that prints the secret on its first line, such as ["pass", "show", "x"]; run without a shell.'
    )] = ()
# fmt: on

    @property
    def has_secret(self) -> bool:
        """Whether it says where a secret is kept."""
        return bool(self.secret_env or self.secret_file or self.secret_command)

    @property
    def problem(self) -> str:
        """Why it can't be used, as the end of a sentence; empty when it can."""
        if not self.match:
            return "match is missing: the beginning of an http or https address"
        for names in (_WAYS, _SECRETS):
            given = [name for name in names if getattr(self, name)]
            if len(given) > 1:
                return f"{' and '.join(given)} can't be used together: keep one"
        if (self.user or self.header) and not self.has_secret:
            return f"{'user' if self.user else 'header'} needs one of {', '.join(_SECRETS)}, to say where its secret is"
        return ""


def rule_for(rules: Iterable[Rule], address: str) -> Rule | None:
    """The matching rule with the longest `match`; the first of equally long ones, None when none matches."""
    return max((rule for rule in rules if matches(rule, address)), key=lambda rule: len(rule.match), default=None)


def matches(rule: Rule, address: str) -> bool:
    """Whether a rule applies to an address: same scheme, host and port, and its path is a prefix by whole segments."""
    from florilege.urls import origin_of, split

    wanted, given = split(rule.match), split(address.strip())
    if wanted is None or given is None or origin_of(wanted) != origin_of(given):
        return False
    return f"{given.path}/".startswith(f"{wanted.path.rstrip('/')}/")
