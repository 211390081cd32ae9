"""What fetching takes and gives: limits, and the three ways a fetch can end. Frozen values; no I/O."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

MIB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """How long, how much and how often we ask."""

    connect: float = 10
    """Seconds until a connection stands."""
    read: float = 20
    """Seconds without a byte of the answer."""
    whole: float = 60
    """Seconds from the first request to the last byte, redirects included; waiting for our turn is not counted."""
    body: int = 15 * MIB
    """Bytes of an answer after decompression. Source: the largest genuine feed we met has 1.6 MB."""
    file: int = 256 * MIB
    """Bytes of a local file or of standard input: an export of ten years is bigger than any feed."""
    redirects: int = 5
    """Redirects followed in a row."""
    per_host: int = 2
    """Requests to one host at a time."""
    at_once: int = 8
    """Requests to all hosts together at a time."""


DEFAULT_LIMITS = Limits()


class FailureReason(StrEnum):
    """Why nothing was fetched."""

    BAD_ADDRESS = "bad address"
    UNKNOWN_HOST = "unknown host"
    REFUSED = "connection refused"
    UNREACHABLE = "unreachable"
    TLS = "no secure connection"
    CONNECT_TIMEOUT = "time-out while connecting"
    READ_TIMEOUT = "time-out while reading"
    WHOLE_TIMEOUT = "took too long"
    BROKEN_OFF = "answer broke off"
    BAD_REDIRECT = "bad redirect"
    LOGIN_WANTED = "login wanted"
    NOT_FOUND = "not found"
    GONE = "gone"
    ASKED_TO_WAIT = "asked to wait"
    HELD_BACK = "not asked yet"
    """No request was sent: the host has asked us to wait, at this address or another."""
    KEY_MISSING = "key missing"
    """No request was sent: the secret that the settings name for this address is not there."""
    SERVER_TROUBLE = "server trouble"
    STATUS = "refused by the server"
    EMPTY = "empty answer"
    TOO_LARGE = "too large"
    BAD_ENCODING = "cannot be unpacked"
    FILE_MISSING = "no such file"
    FILE_UNREADABLE = "unreadable file"

    @property
    def may_pass(self) -> bool:
        """Whether the address may be right and the trouble passing: the network or the server, not the document."""
        return self in _PASSING


_PASSING = frozenset(
    {
        FailureReason.UNKNOWN_HOST,  # also what a machine without network says
        FailureReason.REFUSED,
        FailureReason.UNREACHABLE,
        FailureReason.TLS,
        FailureReason.CONNECT_TIMEOUT,
        FailureReason.READ_TIMEOUT,
        FailureReason.WHOLE_TIMEOUT,
        FailureReason.BROKEN_OFF,
        FailureReason.ASKED_TO_WAIT,
        FailureReason.HELD_BACK,
        FailureReason.SERVER_TROUBLE,
    }
)


@dataclass(frozen=True)
class Fetched:
    """A document came."""

    body: bytes
    """Never blank. As sent, unpacked; text whose character set only the HTTP header names has become UTF-8."""
    etag: str | None = None
    """Exactly as received (bytes read as Latin-1), to be sent back so. For a file: what tells that it changed."""
    last_modified: str | None = None
    """Exactly as received."""
    address: str | None = None
    """Where the document has moved for good (301, 308); None when it has not."""
    max_age: timedelta | None = None
    """How long the server says this stays fresh (`Cache-Control: max-age`); None when it does not say."""
    next_page: str | None = None
    """Where the server says the next page is (`Link: <...>; rel="next"`), whole; None when it does not say."""


@dataclass(frozen=True)
class NotModified:
    """The document is the one we have."""

    etag: str | None = None
    """A new one, when the answer brought it."""
    last_modified: str | None = None
    """A new one, when the answer brought it."""
    address: str | None = None
    """Where the document has moved for good (301, 308); None when it has not."""
    max_age: timedelta | None = None
    """How long the server says this stays fresh; None when it does not say."""


@dataclass(frozen=True)
class FetchFailure:
    """No document came."""

    sentence: str
    """What happened, where, what to do. Holds no secret."""
    reason: FailureReason
    status: int | None = None
    """The HTTP status; None when there was no answer, or none that counts."""
    retry_at: datetime | None = None
    """When the server allows the next request (Retry-After), with zone; None when it does not say."""
    host: str | None = None
    """Which host asks us to wait: perhaps not the one of the address, but where a redirect led. None when none does."""

    @property
    def gone(self) -> bool:
        """Whether the server says that this address is gone for good (HTTP 410)."""
        return self.reason is FailureReason.GONE


Answer = Fetched | NotModified | FetchFailure
"""How a fetch ends."""
