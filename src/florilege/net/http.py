"""The rules of HTTP: where a redirect may lead, which proxy to use, what headers say and which may be sent. Pure."""

import codecs
import ipaddress
import re
import socket
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import unquote, urlsplit, urlunsplit

from florilege.net.answers import FailureReason, NotFetched
from florilege.urls import origin_of, resolve, split

REDIRECTS = frozenset({301, 302, 303, 307, 308})
PERMANENT = frozenset({301, 308})
"""Permanent redirects, whose target is stored. Source: RFC 9110, sections 15.4.2 and 15.4.9."""
LONGEST_WAIT = timedelta(days=30)
"""Upper limit for waiting times and freshness: a server that gives more is assumed to be wrong."""

_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,12})", re.IGNORECASE)
_LINK = re.compile(r"<([^<>]*)>((?:\s*;\s*[\w*-]+(?:\s*=\s*(?:\"[^\"]*\"|[^\s;,\"]+))?)*)")
_REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s;,\"]+))", re.IGNORECASE)
_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_DECLARED = re.compile(rb"^\s*<\?xml[^>]*\bencoding\s*=", re.IGNORECASE)
_BYTE_ORDER_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SENDABLE = re.compile(r"[\t\x20-\x7e\x80-\xff]+")


def next_address(current: str, location: str | None) -> str:
    """The address a redirect leads to, without fragment.

    Only http and https are followed; never from https to http, which would send a secret in the address in the clear,
    and never from a public host to this machine or its network. The credentials of `current` are kept only for the same
    origin, and those that a server puts into a redirect are dropped.

    Args:
        current: the address that redirects.
        location: the `Location` header, with its bytes read as Latin-1.

    Raises:
        NotFetched: it must not be followed.
    """
    if not location:
        raise bad_redirect("without saying where to")
    location = re.sub(r"[\x80-\xff ]", lambda match: f"%{ord(match[0]):02X}", location)  # bytes, in any encoding
    here, there = split(current), split(resolve(current, location) or "//[")
    if here is None or there is None:
        raise bad_redirect("to an invalid address")
    host = there.hostname
    if there.scheme not in {"http", "https"} or not host:
        raise bad_redirect("to something that is not on the web")
    if here.scheme == "https" and there.scheme == "http":
        raise bad_redirect(f"from https to http, at {host}")
    if is_private(host) and not is_private(here.hostname or ""):
        raise bad_redirect(f"into a private network, at {host}")
    userinfo = here.netloc.rpartition("@")[0] if origin_of(here) == origin_of(there) else ""
    netloc = there.netloc.rpartition("@")[2]
    return urlunsplit((there.scheme, f"{userinfo}@{netloc}" if userinfo else netloc, there.path, there.query, ""))


def bad_redirect(how: str) -> NotFetched:
    """The exception for a redirect that is not followed; `how` continues the words "redirects us"."""
    return NotFetched(FailureReason.BAD_REDIRECT, how)


def take_credentials(address: str) -> tuple[str, str | None]:
    """Split off user name and password. Returns the bare address and the `Authorization` header; None without them."""
    parts = urlsplit(address)
    userinfo, _, netloc = parts.netloc.rpartition("@")
    bare = urlunsplit((parts.scheme, netloc, parts.path, parts.query, ""))
    if not userinfo:
        return bare, None
    user, _, password = userinfo.partition(":")
    pair = f"{unquote(user)}:{unquote(password)}".encode()
    return bare, f"Basic {b64encode(pair).decode('ascii')}"


def is_private(host: str) -> bool:
    """Whether a host is localhost or a non-public IP address. Names are not looked up."""
    host = host.rstrip(".").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        try:
            number = ipaddress.ip_address(socket.inet_aton(host))  # 2130706433 and 127.1 are addresses too
        except OSError:
            return False
    mapped = getattr(number, "ipv4_mapped", None)
    return not (mapped or number).is_global


def proxy_for(address: str, proxies: Mapping[str, str]) -> str | None:
    """The proxy for an address; None for a direct connection.

    Args:
        address: an http or https address.
        proxies: proxies by scheme, with `all` for both, and `no` for the hosts that need none, in the format of
            `urllib.request.getproxies`.
    """
    parts = urlsplit(address)
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy or _needs_no_proxy(parts.hostname or "", parts.port, proxies.get("no", "")):
        return None
    if proxy.startswith("socks://"):  # the spelling of GNOME
        return f"socks5{proxy.removeprefix('socks')}"
    return proxy if "://" in proxy else f"http://{proxy}"


def proxies_of(environ: Mapping[str, str]) -> dict[str, str]:
    """The proxies in environment variables, for `proxy_for`. Lower-case names take precedence over upper-case ones."""
    named = {name: value for name, value in environ.items() if name.lower().endswith("_proxy") and value}
    capital = {name.lower(): value for name, value in named.items() if name != name.lower()}
    return {name.removesuffix("_proxy"): value for name, value in {**capital, **named}.items() if name == name.lower()}


def _needs_no_proxy(host: str, port: int | None, listed: str) -> bool:
    """Whether NO_PROXY lists a host: by name, a parent domain or an IP network. Invalid entries are ignored."""
    for entry in re.split(r"[,\s]+", listed.lower()):
        name = entry.partition("://")[2] or entry
        name, _, wanted = name.rpartition(":") if re.search(r"^[^:]+:\d+$|\]:\d+$", name) else (name, "", "")
        name = name.replace("[", "").replace("]", "").removeprefix("*.").lstrip(".")
        if wanted and port is not None and int(wanted[:6]) != port:
            continue
        if name == "*" or (name and (host == name or host.endswith(f".{name}"))):
            return True
        try:
            if ipaddress.ip_address(host) in ipaddress.ip_network(name, strict=False):
                return True
        except ValueError:
            continue
    return False


# Headers


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
            return resolve(base, address.strip()) if address.strip() else None
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
