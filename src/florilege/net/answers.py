"""The outcomes of a fetch: a document, that it is unchanged, or a failure; and the message for each failure. Pure.

A message says what happened, where, and what to do. Secrets in addresses are removed.
"""

import contextlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from http import HTTPStatus

from florilege.text import clean_line, counted
from florilege.urls import redact, split

MIB = 1024 * 1024
_LATER = "florilege tries again later"


class FailureReason(Enum):
    """Why nothing was fetched. The values are templates of what happened, and of what to do.

    In them, `where` is an address without secrets, `host` its host, and `detail` depends on the case.
    """

    BAD_ADDRESS = (
        "{where} is not a web address florilege can follow",
        "it must begin with http:// or https://, followed by a host (and, if there is one, a port up to 65535)",
    )
    UNKNOWN_HOST = "The host {host} is not known", "check the address, and the network"
    REFUSED = "{host} refuses the connection, so the server may be down", _LATER
    UNREACHABLE = "{host} could not be reached", "check that this machine is online, and its proxy if it uses one"
    OFFLINE = (
        "{where} was not fetched, because no other host could be reached",
        "check that this machine is online, and refresh",
    )
    """No request was sent, because for minutes no host could be reached."""
    BAD_PROXY = (
        "{host} could not be reached through {detail}",
        "check HTTP_PROXY, HTTPS_PROXY and ALL_PROXY; NO_PROXY names the hosts that need none",
    )
    TLS = "No secure connection to {host} could be made ({detail})", "check the address"
    CONNECT_TIMEOUT = "No connection to {host} within {detail}", _LATER
    READ_TIMEOUT = "{host} did not answer within {detail}", _LATER
    WHOLE_TIMEOUT = "The response from {host} was not complete after {detail}", _LATER
    BROKEN_OFF = "The response from {host} broke off", _LATER
    NOT_HTTP = (
        "The response from {host} is not valid HTTP",
        "check the address, and the port in it",
    )
    BAD_REDIRECT = (
        "{where} redirects us {detail}, which florilege does not follow",
        "check the address in a browser",
    )
    LOGIN_WANTED = (
        "{where} needs a login {detail}",
        "look for a public feed or an export of the group, or give its password or token in the settings ([[source]])",
    )
    FORBIDDEN = (
        "{where} refuses access {detail}",
        (
            "it may be private, or refuse unknown programs; try it in a browser, look for another "
            "address, or give it a header in the settings ([[source]])"
        ),
    )
    NOT_FOUND = "There is nothing at {where} {detail}", "check the address"
    GONE = (
        "{where} is gone for good {detail}",
        "its items stay; florilege fetches it again only when you refresh it by name",
    )
    ASKED_TO_WAIT = "{host} asks us to wait{detail}", "nothing to do, florilege tries again after that"
    RATE_LIMITED = (
        "{where} was not fetched, because {host} wants no request for {detail}",
        "florilege tries again after that",
    )
    """No request was sent, because the host has asked us to wait, at this address or another."""
    SECRET_MISSING = "{where} was not fetched", "{detail}"
    """No request was sent, because the secret that the settings name for this address could not be found."""
    SERVER_TROUBLE = "{host} has a problem {detail}", _LATER
    STATUS = "{where} could not be fetched {detail}", "check the address in a browser"
    EMPTY = "{where} answered with an empty page; nothing was changed", "check the address if this continues"
    TOO_LARGE = "{where} is larger than the {detail} florilege reads", "ask for a smaller page of it"
    BAD_ENCODING = (
        "The response from {host} could not be decompressed",
        f"{_LATER}; tell its administrator if this continues",
    )
    FILE_MISSING = "There is no file {where}", "check its name"
    FILE_UNREADABLE = "{where} can't be read ({detail})", "check its permissions and its disk"
    UNREADABLE = "{detail}", ""
    """A document was fetched but can't be read; the detail is a sentence that says why."""

    @property
    def is_unreached(self) -> bool:
        """Whether no server was reached at all: the address may be mistyped, or this machine offline."""
        return self in _UNREACHED

    @property
    def may_pass(self) -> bool:
        """Whether the failure may be temporary: a problem of the network or the server, not of the document."""
        return self in _UNREACHED or self in _PASSING


_R = FailureReason
_UNREACHED = frozenset(
    {_R.UNKNOWN_HOST, _R.REFUSED, _R.UNREACHABLE, _R.OFFLINE, _R.BAD_PROXY, _R.TLS, _R.CONNECT_TIMEOUT}
)
_PASSING = frozenset(
    {_R.READ_TIMEOUT, _R.WHOLE_TIMEOUT, _R.BROKEN_OFF, _R.ASKED_TO_WAIT, _R.RATE_LIMITED, _R.SERVER_TROUBLE}
)


@dataclass(frozen=True)
class Fetched:
    """A document was fetched."""

    body: bytes
    """The decompressed body, never blank. If only the HTTP header gives the character set, converted to UTF-8."""
    etag: str | None = None
    """Exactly as received (bytes read as Latin-1), to be sent back unchanged. For a file: a mark to detect changes."""
    last_modified: str | None = None
    """Exactly as received."""
    address: str | None = None
    """The new address, if the document has moved permanently (301, 308); else None."""
    max_age: timedelta | None = None
    """How long the document stays fresh according to the server (`Cache-Control: max-age`); None if not given."""
    next_page: str | None = None
    """The absolute address of the next page according to the server (`Link: <...>; rel="next"`); None if not given."""


@dataclass(frozen=True)
class NotModified:
    """The document is unchanged."""

    etag: str | None = None
    """The new one, if the answer had one."""
    last_modified: str | None = None
    """The new one, if the answer had one."""
    address: str | None = None
    """The new address, if the document has moved permanently (301, 308); else None."""
    max_age: timedelta | None = None
    """How long the document stays fresh according to the server; None if not given."""


@dataclass(frozen=True)
class FetchFailure:
    """No document could be fetched."""

    reason: FailureReason
    what: str
    """What happened, and where. Contains no secret."""
    advice: str
    """What to do about it."""
    retry_at: datetime | None = None
    """When the server allows the next request (Retry-After), with zone; None if not given."""
    host: str | None = None
    """The host that asks us to wait, which may be the target of a redirect; None when none does."""
    body: bytes = b""
    """The beginning of a document that can't be read."""
    feeds: tuple[tuple[str, str], ...] = ()
    """Address and title of the feeds that the document links to, if it is a web page."""

    @property
    def is_rate_limited(self) -> bool:
        """Whether no request was sent, because the host wants none yet."""
        return self.reason is FailureReason.RATE_LIMITED

    @property
    def sentence(self) -> str:
        """The message: what happened, where, what to do."""
        return f"{self.what}: {self.advice.removesuffix('.')}." if self.advice else self.what

    @property
    def sentence_once(self) -> str:
        """The message for an address that is not a source of a group, so that it won't be retried automatically."""
        is_gone = self.reason is FailureReason.GONE
        advice = "look for another address of it" if is_gone else self.advice.replace(_LATER, "try again later")
        return replace(self, advice=advice).sentence


class NotFetched(Exception):
    """Raised within this package when nothing can be fetched; `Fetcher.fetch` makes a `FetchFailure` of it.

    Args:
        reason: the reason.
        detail: the text for `detail` in the templates of the reason.
        advice: what to do, if the advice of the reason doesn't fit.
        retry_at: see `FetchFailure.retry_at`.
    """

    def __init__(
        self, reason: FailureReason, detail: str = "", *, advice: str | None = None, retry_at: datetime | None = None
    ) -> None:
        super().__init__(detail)
        self.reason = reason
        self.advice = advice
        self.retry_at = retry_at


Answer = Fetched | NotModified | FetchFailure
"""The outcome of a fetch."""


def host_of(address: str) -> str:
    """The host of an address, for display; the redacted address when it has none."""
    parts = split(address)
    return (parts and clean_line(parts.hostname or "")) or redact(address)


def failure(reason: FailureReason, address: str, detail: str = "", *, advice: str | None = None) -> FetchFailure:
    """Make a failure with its message.

    Args:
        reason: the reason.
        address: the address, or a path or another name.
        detail: the text for `detail` in the templates of the reason.
        advice: what to do, if the advice of the reason doesn't fit.
    """
    places = {"where": redact(address), "host": host_of(address), "detail": detail}
    what, usual = reason.value
    return FetchFailure(reason, what.format(**places), advice or usual.format(**places))


def refusal(status: int, now: datetime, retry_at: datetime | None = None) -> NotFetched:
    """The exception for an answer without a document, by its HTTP status."""
    said = f"(HTTP {status})"
    reason = {401: _R.LOGIN_WANTED, 407: _R.LOGIN_WANTED, 403: _R.FORBIDDEN, 404: _R.NOT_FOUND, 410: _R.GONE}.get(
        status
    )
    if status == 429 or (status == 503 and retry_at):
        reason, said = _R.ASKED_TO_WAIT, f" {in_words(retry_at - now)} {said}" if retry_at else f" {said}"
    elif reason is None:
        reason = _R.SERVER_TROUBLE if status >= 500 else _R.STATUS
        with contextlib.suppress(ValueError):
            said = f"(HTTP {status}, {HTTPStatus(status).phrase})"
    return NotFetched(reason, said, retry_at=retry_at)


def in_words(wait: timedelta | float) -> str:
    """A duration in words, rounded up. A number is taken as seconds, and not rounded."""
    if not isinstance(wait, timedelta):
        return f"{wait:g} second{'' if wait == 1 else 's'}"
    for size, noun in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if wait.total_seconds() > size:
            return counted(-int(-wait.total_seconds() // size), noun)
    return counted(-int(-wait.total_seconds() // 1), "second")
