"""Secrets for private groups: the headers for an address, from the user's rules and the place that holds the secret.

A secret is never stored or shown, and is sent only to the addresses of its rule.
"""

import subprocess
import threading
from base64 import b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from florilege.net.answers import FailureReason, NotFetched
from florilege.settings.rules import Access, Rule, Way, access_for
from florilege.text import clean_line
from florilege.urls import site_of

_LONGEST = 16 * 1024
"""Maximum bytes read of a secret."""
_SAY_TOKEN = frozenset({"readwise.io"})
"""Sites that expect the scheme `Token` instead of `Bearer`. Source: Readwise's API documentation."""
_PATIENCE = 60.0
"""Timeout in seconds for a command, which may ask the user for a password."""


class Secrets:
    """The secrets named in the settings, read when needed, and then cached in this object.

    Args:
        rules: The rules for sources, with the addresses and the place of each secret.
        environ: The environment variables.
    """

    def __init__(self, rules: Sequence[Rule] = (), environ: Mapping[str, str] | None = None) -> None:
        self._rules = tuple(rule for rule in rules if rule.access is not None)
        self._environ = environ if environ is not None else {}
        self._known: dict[Access, str] = {}
        self._reading = threading.Lock()  # so that concurrent requests run a command only once

    def __bool__(self) -> bool:
        """Whether there are any secrets."""
        return bool(self._rules)

    def headers_for(self, address: str) -> dict[str, bytes]:
        """The headers that give access to an address; none if it has no rule. May read a file, or run a command.

        Raises:
            NotFetched: The secret is missing, or not valid in a header.
        """
        access = access_for(self._rules, address)
        if access is None:
            return {}
        with self._reading:
            secret = self._known.get(access)
            if secret is None:
                secret = self._known[access] = read_secret(access, self._environ)
        match access.way:
            case Way.BASIC:
                pair = b64encode(f"{access.name}:{secret}".encode())
                return {"Authorization": b"Basic " + pair}
            case Way.BEARER:
                scheme = "Token" if site_of(address) in _SAY_TOKEN else "Bearer"
                return {"Authorization": f"{scheme} {secret}".encode()}
            case Way.HEADER:
                return {access.name: secret.encode()}


NO_SECRETS: Final = Secrets()
"""An empty set of secrets."""


def read_secret(access: Access, environ: Mapping[str, str]) -> str:
    """Read a secret, without surrounding white space. A command may take a while.

    Raises:
        NotFetched: The secret is missing, or not valid in a header; the message says where it was looked for.
    """
    if access.env is not None:
        place, secret = f"the environment variable {access.env}", environ.get(access.env, "")
    elif access.command:
        place, secret = f"what {clean_line(access.command[0])} prints", _output(access.command, environ)
    else:
        place, secret = f"the file {clean_line(str(access.file))}", _content(access.file or Path())
    secret = secret.strip()
    if not secret:
        raise NotFetched(FailureReason.SECRET_MISSING, f"its secret is not in {place}, where the settings look for it.")
    if not secret.isprintable() or (access.way is not Way.BASIC and not secret.isascii()):
        raise NotFetched(
            FailureReason.SECRET_MISSING,
            f"what {place} holds is no secret that can be sent: it has to be one line of plain letters.",
        )
    return secret


def _content(path: Path) -> str:
    """The text of a file; empty when it doesn't exist or can't be read."""
    try:
        if not path.is_file():  # a pipe could block forever
            return ""
        with path.open("rb") as file:
            return file.read(_LONGEST).decode("utf-8-sig", "replace")
    except OSError:
        return ""


def _output(command: Sequence[str], environ: Mapping[str, str]) -> str:
    """The first line a command prints, where password managers put the password; empty on failure or timeout."""
    try:
        done = subprocess.run(  # noqa: S603 -- the user's own command, without a shell
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_PATIENCE, check=True, env=dict(environ)
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return ""
    return done.stdout[:_LONGEST].decode("utf-8-sig", "replace").lstrip().partition("\n")[0]
