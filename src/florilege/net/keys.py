"""What opens private groups: headers for an address, from the reader's rules and the place where the secret is kept.

Nothing of it is ever stored, said or sent to another address than those its rule is for.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from florilege.model import FlorilegeError
from florilege.settings.rules import Access, Rule, Way, access_for
from florilege.text import clean_line

_LONGEST = 16 * 1024
"""Bytes of a secret; a larger file is none."""


class KeyMissingError(FlorilegeError):
    """The secret for an address is not where the settings say it is."""


class Keys:
    """The secrets named in the settings, read when they are needed, and then remembered as long as this lives.

    Args:
        rules: Which addresses they open, and where they are kept.
        environ: The environment.
    """

    def __init__(self, rules: Sequence[Rule] = (), environ: Mapping[str, str] | None = None) -> None:
        self._rules = tuple(rule for rule in rules if rule.access is not None)
        self._environ = environ if environ is not None else {}
        self._known: dict[Access, str] = {}

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self._rules)

    def of(self, address: str) -> dict[str, bytes]:
        """The headers that open an address; none for an address that is nobody's secret. May read a file.

        Raises:
            KeyMissingError: The secret is not there, or can't stand in a header.
        """
        access = access_for(self._rules, address)
        if access is None:
            return {}
        secret = self._known.get(access)
        if secret is None:
            secret = self._known[access] = read_secret(access, self._environ)
        match access.way:
            case Way.BASIC:
                pair = b64encode(f"{access.name}:{secret}".encode())
                return {"Authorization": b"Basic " + pair}
            case Way.BEARER:
                return {"Authorization": f"Bearer {secret}".encode()}
            case Way.HEADER:
                return {access.name: secret.encode()}


NO_KEYS: Final = Keys()
"""Opens nothing."""


def read_secret(access: Access, environ: Mapping[str, str]) -> str:
    """The secret, without the white space around it.

    Raises:
        KeyMissingError: It is not there, or can't stand in a header; the sentence says where it was looked for.
    """
    if access.env is not None:
        place, secret = f"the environment variable {access.env}", environ.get(access.env, "")
    else:
        place, secret = f"the file {clean_line(str(access.file))}", _content(access.file or Path())
    secret = secret.strip()
    if not secret:
        raise KeyMissingError(f"its secret is not in {place}, where the settings look for it.")
    if not secret.isprintable() or (access.way is not Way.BASIC and not secret.isascii()):
        raise KeyMissingError(
            f"what {place} holds is no secret that can be sent: it has to be one line of plain letters."
        )
    return secret


def _content(path: Path) -> str:
    """The text of a file; empty when there is none, or it can't be read."""
    try:
        if not path.is_file():  # a pipe could keep us waiting for ever
            return ""
        with path.open("rb") as file:
            return file.read(_LONGEST).decode("utf-8-sig", "replace")
    except OSError:
        return ""
