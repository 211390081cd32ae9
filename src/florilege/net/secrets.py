"""Secrets for private groups: the headers for an address, from the user's rules and the place that holds the secret.

A secret is never stored or shown, and is sent only to the addresses of its rule.
"""

import os
import subprocess
import threading
from base64 import b64encode
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from florilege.files import read_file
from florilege.net.answers import FailureReason, NotFetched
from florilege.settings.rules import Rule, rule_for
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
        self._rules = tuple(rule for rule in rules if rule.has_secret)
        self._environ = environ if environ is not None else {}
        self._known: dict[Rule, str] = {}
        self._reading = threading.Lock()  # so that concurrent requests run a command only once

    def __bool__(self) -> bool:
        """Whether there are any secrets."""
        return bool(self._rules)

    def headers_for(self, address: str) -> dict[str, bytes]:
        """The headers that give access to an address; none if it has no rule. May read a file, or run a command.

        Raises:
            NotFetched: The secret is missing, or not valid in a header.
        """
        rule = rule_for(self._rules, address)
        if rule is None:
            return {}
        with self._reading:
            secret = self._known.get(rule)
            if secret is None:
                secret = self._known[rule] = read_secret(rule, self._environ)
        if rule.user:
            return {"Authorization": b"Basic " + b64encode(f"{rule.user}:{secret}".encode())}
        if rule.header:
            return {rule.header: secret.encode()}
        scheme = "Token" if site_of(address) in _SAY_TOKEN else "Bearer"
        return {"Authorization": f"{scheme} {secret}".encode()}


def read_secret(rule: Rule, environ: Mapping[str, str]) -> str:
    """Read the secret of a rule that has one, without surrounding white space. A command may take a while.

    Raises:
        NotFetched: The secret is missing, or not valid in a header; the message says where it was looked for.
    """
    if rule.secret_env:
        place, secret = f"the environment variable {rule.secret_env}", environ.get(rule.secret_env, "")
    elif rule.secret_command:
        place, secret = f"what {clean_line(rule.secret_command[0])} prints", _output(rule.secret_command, environ)
    else:
        place, secret = f"the file {clean_line(str(rule.secret_file))}", _content(rule.secret_file or Path())
    secret = secret.strip()
    if not secret:
        raise NotFetched(FailureReason.SECRET_MISSING, f"its secret is not in {place}, where the settings look for it.")
    if not secret.isprintable() or (not rule.user and not secret.isascii()):
        raise NotFetched(
            FailureReason.SECRET_MISSING,
            f"the secret in {place} can't be sent: it must be a single line of ASCII text.",
        )
    return secret


def _content(path: Path) -> str:
    """The text of a file; empty when it doesn't exist or can't be read."""
    with suppress(OSError, ValueError):  # ValueError: a NUL in the name
        return read_file(path)[:_LONGEST].decode("utf-8-sig", "replace")
    return ""


def _output(command: Sequence[str], environ: Mapping[str, str]) -> str:
    """The first line a command prints, where password managers put the password; empty on failure or timeout.

    Once the command has ended, what is in the pipe is all: an agent it leaves running may hold the pipe open. A command
    that prints more than a pipe holds (64 kB) fails.
    """
    nothing = subprocess.DEVNULL
    try:
        with subprocess.Popen(  # noqa: S603 -- the user's own command, without a shell
            command, stdin=nothing, stdout=subprocess.PIPE, stderr=nothing, env=dict(environ)
        ) as process:
            try:
                code = process.wait(_PATIENCE)
            finally:
                process.kill()
            if code or process.stdout is None:
                return ""
            os.set_blocking(process.stdout.fileno(), False)
            printed: bytes | None = process.stdout.read(_LONGEST)
    except (OSError, ValueError, subprocess.SubprocessError):
        return ""
    return (printed or b"").decode("utf-8-sig", "replace").lstrip().partition("\n")[0]
