"""What each failure says to the reader: what happened, where, what to do. Pure; no secret of an address passes."""

from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import urlsplit

from florilege.net.values import MIB, FailureReason, FetchFailure
from florilege.text import clean_line, counted
from florilege.urls import redact

_LATER = "florilege tries again later"


def host_of(address: str) -> str:
    """The host of an address as it may be shown; the redacted address when it has none."""
    try:
        return clean_line(urlsplit(address).hostname or "") or redact(address)
    except ValueError:
        return redact(address)


def bad_address(address: str) -> FetchFailure:
    """Not an address florilege can follow."""
    return FetchFailure(
        f"{redact(address)} is not a web address florilege can follow: it must begin with http:// or https://, "
        "followed by a host.",
        FailureReason.BAD_ADDRESS,
    )


def no_connection(address: str, reason: FailureReason, seconds: float = 0, detail: str = "") -> FetchFailure:
    """No connection was made; `seconds` is how long it was tried, `detail` what the secure layer objects to."""
    host = host_of(address)
    sentence = {
        FailureReason.UNKNOWN_HOST: f"The host {host} is not known: check the address, and the network.",
        FailureReason.REFUSED: f"{host} refuses the connection, so the server may be down: {_LATER}.",
        FailureReason.TLS: f"No secure connection to {host} could be made ({detail or 'the two sides do not agree'}): "
        "check the address and the clock of this machine.",
        FailureReason.CONNECT_TIMEOUT: f"No connection to {host} within {_seconds(seconds)}: {_LATER}.",
    }.get(reason, f"{host} could not be reached: check that this machine is online, and its proxy if it uses one.")
    return FetchFailure(sentence, reason)


def too_slow(address: str, seconds: float) -> FetchFailure:
    """Connected, but not a byte came for this many seconds."""
    return FetchFailure(
        f"{host_of(address)} did not answer within {_seconds(seconds)}: {_LATER}.", FailureReason.READ_TIMEOUT
    )


def took_too_long(address: str, seconds: float) -> FetchFailure:
    """The whole exchange was not done in this many seconds."""
    return FetchFailure(
        f"The answer of {host_of(address)} was not complete after {_seconds(seconds)}: {_LATER}.",
        FailureReason.WHOLE_TIMEOUT,
    )


def broken_off(address: str) -> FetchFailure:
    """The connection ended before the answer did, or what came is not HTTP."""
    return FetchFailure(
        f"The answer of {host_of(address)} broke off before its end: {_LATER}.", FailureReason.BROKEN_OFF
    )


def too_large(address: str, limit: int, advice: str = "ask for a smaller page of it") -> FetchFailure:
    """More bytes than `limit`, unpacked."""
    return FetchFailure(
        f"{redact(address)} is larger than the {limit / MIB:.3g} MiB florilege reads: {advice}.",
        FailureReason.TOO_LARGE,
    )


def empty(address: str, status: int) -> FetchFailure:
    """An answer without a document. It never means that the group has become empty."""
    return FetchFailure(
        f"{redact(address)} answered with an empty page; nothing was changed: check the address if it goes on.",
        FailureReason.EMPTY,
        status,
    )


def bad_encoding(address: str) -> FetchFailure:
    """Compressed in a way we did not ask for, or not what it says it is."""
    return FetchFailure(
        f"The answer of {host_of(address)} could not be unpacked: {_LATER}; tell its keeper if it goes on.",
        FailureReason.BAD_ENCODING,
    )


def bad_redirect(address: str, how: str) -> FetchFailure:
    """A redirect we do not follow; `how` continues "redirects us"."""
    return FetchFailure(
        f"{redact(address)} redirects us {how}, which florilege does not follow: check the address in a browser.",
        FailureReason.BAD_REDIRECT,
    )


def status_failure(address: str, status: int, now: datetime, retry_at: datetime | None = None) -> FetchFailure:
    """An answer that is no document, by its HTTP status."""
    where, host, said = redact(address), host_of(address), f"(HTTP {status})"
    match status:
        case 401 | 403 | 407:
            reason, sentence = (
                FailureReason.LOGIN_WANTED,
                f"{where} is only for those who log in {said}: look for a public feed or an export of the group.",
            )
        case 404:
            reason, sentence = FailureReason.NOT_FOUND, f"There is nothing at {where} {said}: check the address."
        case 410:
            reason, sentence = (
                FailureReason.GONE,
                f"{where} is gone for good {said}: its items stay; florilege does not ask for it again.",
            )
        case 429 | 503 if retry_at or status == 429:
            wait = f" {_long(retry_at - now)}" if retry_at else ""
            reason, sentence = (
                FailureReason.ASKED_TO_WAIT,
                f"{host} asks us to wait{wait} {said}: nothing to do, florilege asks again after that.",
            )
        case _ if status >= 500:
            reason, sentence = (
                FailureReason.SERVER_TROUBLE,
                f"{host} has trouble of its own {_named(status)}: {_LATER}.",
            )
        case _:
            reason, sentence = (
                FailureReason.STATUS,
                f"{where} could not be had {_named(status)}: check the address in a browser.",
            )
    return FetchFailure(sentence, reason, status, retry_at)


def held_back(address: str, wait: timedelta) -> FetchFailure:
    """Not asked, for its host has asked us to wait so long."""
    return FetchFailure(
        f"{redact(address)} was not asked: {host_of(address)} wants no request for {_long(wait)}; florilege asks after "
        "that.",
        FailureReason.HELD_BACK,
    )


def key_missing(address: str, why: str) -> FetchFailure:
    """Not asked, for the secret that opens it is not there; `why` is a sentence without any secret."""
    return FetchFailure(f"{redact(address)} was not asked: {why}", FailureReason.KEY_MISSING)


def _named(status: int) -> str:
    try:
        return f"(HTTP {status}, {HTTPStatus(status).phrase})"
    except ValueError:
        return f"(HTTP {status})"


def _seconds(seconds: float) -> str:
    return f"{seconds:g} second{'' if seconds == 1 else 's'}"


def _long(wait: timedelta) -> str:
    """A waiting time as one says it, never shorter than it is."""
    for size, noun in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if wait.total_seconds() > size:
            return counted(-int(-wait.total_seconds() // size), noun)
    return counted(-int(-wait.total_seconds() // 1), "second")
