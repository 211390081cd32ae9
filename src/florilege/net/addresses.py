"""Rules for addresses: where a redirect may lead, which proxy to use, how to split off credentials. Pure."""

import ipaddress
import re
import socket
from base64 import b64encode
from collections.abc import Mapping
from urllib.parse import SplitResult, unquote, urljoin, urlsplit, urlunsplit

from florilege.net.answers import FailureReason, FetchFailure, failure

REDIRECTS = frozenset({301, 302, 303, 307, 308})
PERMANENT = frozenset({301, 308})
"""Permanent redirects, whose target is stored. Source: RFC 9110, sections 15.4.2 and 15.4.9."""


def next_address(current: str, location: str | None) -> str | FetchFailure:
    """The address a redirect leads to, without fragment; a failure if it must not be followed.

    Only http and https are followed; never from https to http, which would send a secret in the address in the clear,
    and never from a public host to this machine or its network. The credentials of `current` are kept only for the same
    origin, and those that a server puts into a redirect are dropped.

    Args:
        current: the address that redirects.
        location: the `Location` header, with its bytes read as Latin-1.
    """
    if not location:
        return bad_redirect(current, "without saying where to")
    location = re.sub(r"[\x80-\xff ]", lambda match: f"%{ord(match[0]):02X}", location)  # bytes, in any encoding
    try:
        here, there = urlsplit(current), urlsplit(urljoin(current, location))
        host, same_origin = there.hostname, _origin(here) == _origin(there)
    except ValueError:
        return bad_redirect(current, "to something that is no address")
    if there.scheme not in {"http", "https"} or not host:
        return bad_redirect(current, "to something that is not on the web")
    if here.scheme == "https" and there.scheme == "http":
        return bad_redirect(current, f"from a secure connection to an open one, at {host}")
    if is_private(host) and not is_private(here.hostname or ""):
        return bad_redirect(current, f"into a private network, at {host}")
    userinfo = here.netloc.rpartition("@")[0] if same_origin else ""
    netloc = there.netloc.rpartition("@")[2]
    return urlunsplit((there.scheme, f"{userinfo}@{netloc}" if userinfo else netloc, there.path, there.query, ""))


def bad_redirect(address: str, how: str) -> FetchFailure:
    """The failure for a redirect that is not followed; `how` continues the words "redirects us"."""
    return failure(FailureReason.BAD_REDIRECT, address, how)


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


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    default = {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname, parts.port or default
