"""Parses HTTP headers: waiting times, freshness, links, character sets. Pure; the current time is an argument."""

import codecs
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin

LONGEST_WAIT = timedelta(days=30)
"""Upper limit for waiting times and freshness: a server that gives more is assumed to be wrong."""

_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,12})", re.IGNORECASE)
_LINK = re.compile(r"<([^<>]*)>((?:\s*;\s*[\w*-]+(?:\s*=\s*(?:\"[^\"]*\"|[^\s;,\"]+))?)*)")
_REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s;,\"]+))", re.IGNORECASE)
_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_DECLARED = re.compile(rb"^\s*<\?xml[^>]*\bencoding\s*=", re.IGNORECASE)
_BYTE_ORDER_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SENDABLE = re.compile(r"[\t\x20-\x7e\x80-\xff]+")


def retry_at(value: str | None, now: datetime) -> datetime | None:
    """The time in a `Retry-After` header (seconds or a date); None when it is missing, invalid or past."""
    value = (value or "").strip()
    if re.fullmatch(r"\d+", value, re.ASCII):
        # Cut first: Python refuses to parse a number of thousands of digits.
        wait = min(timedelta(seconds=int(value.lstrip("0")[:9] or 0)), LONGEST_WAIT)
        return now + wait if wait else None
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(moment, now + LONGEST_WAIT) if moment > now else None


def max_age(value: str | None) -> timedelta | None:
    """How long an answer stays fresh according to `Cache-Control`; None if that isn't given, or zero."""
    match = _MAX_AGE.search(value or "")
    if match is None or int(match[1]) == 0:
        return None
    return min(timedelta(seconds=int(match[1])), LONGEST_WAIT)


def next_page(value: str | None, base: str) -> str | None:
    """The address of the next page in a `Link` header, resolved against `base`; None when there is none.

    Source: RFC 8288.
    """
    for address, parameters in _LINK.findall((value or "")[:8000]):
        relation = _REL.search(parameters)
        if relation and "next" in (relation[1] or relation[2] or "").lower().split():
            return _joined(base, address.strip()) if address.strip() else None
    return None


def _joined(base: str, address: str) -> str | None:
    try:
        return urljoin(base, address)
    except ValueError:
        return None


def sendable(value: str | None) -> bytes | None:
    """The original bytes of a validator; None when there is none, or it isn't valid in a header."""
    return value.encode("latin-1") if value and _SENDABLE.fullmatch(value) else None


def as_readable(body: bytes, content_type: str | None) -> bytes:
    """The body, converted to UTF-8 if only the header gives its character set.

    Formats are recognised from the bytes alone, so the header is not available later. A declaration in the document
    takes precedence, since servers send a default character set without looking into files.
    """
    match = _CHARSET.search(content_type or "")
    if match is None or body.startswith(_BYTE_ORDER_MARKS) or _DECLARED.match(body):
        return body
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return body
    try:
        return body.decode(match[1]).encode("utf-8")
    except (LookupError, UnicodeError):
        return body
