"""What an address is: whether it may be opened, how it is shown without its secrets, and when two are the same.

Pure: nothing is opened or fetched here. Text from outside is never a command or a path: one function, `safe_to_open`,
decides for the whole program what may be handed to a browser.
"""

import re
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from florilege.text import clean_line

_SCHEME = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*):")
_SECRET_PATH = re.compile(r"/[0-9a-fA-F]{24,}(?=/|$)|(?<=/)[A-Za-z0-9_-]{32,}(?=/|$)")
"""A path segment that looks like a token. Source: private Diigo groups are fed from .../rss/NUMBER/32-HEX-DIGITS."""
_SECRET_KEY = re.compile(r"key|token|secret|auth|pass|sig|session", re.IGNORECASE)
_TRACKING = re.compile(r"^(utm_\w+|fbclid|gclid|mc_[ce]id|igshid|ref_src)$", re.IGNORECASE)


def scheme_of(address: str) -> str | None:
    """The scheme in lower case, or None when the address has none (a path, a relative address)."""
    match = _SCHEME.match(address.strip())
    return match[1].lower() if match else None


def safe_to_open(address: str | None) -> str | None:
    """The address as it may be handed to a browser, or None when it must not be opened.

    Only http and https with a host, without control characters or spaces inside, pass. Characters outside ASCII are
    left to the browser.
    """
    if address is None or address != clean_line(address) or any(character.isspace() for character in address):
        return None
    parts = _split(address)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        return None
    return address


def site_of(address: str | None) -> str | None:
    """The host an address leads to, without `www.`, or None when it is no web address."""
    parts = _split(address) if address else None
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        return None
    return clean_line(parts.hostname).removeprefix("www.")


def redact(address: str) -> str:
    """The address as it may stand in a message, a log or an export: no password, no token, nothing that opens a group.

    A path of this machine is left as it is. Source: WISHES, trap 16.
    """
    address = clean_line(address)
    parts = _split(address)
    if parts is None or not parts.netloc:
        return address
    host = parts.netloc.rpartition("@")[2]
    netloc = f"…@{host}" if "@" in parts.netloc else host
    path = _SECRET_PATH.sub(lambda match: "/…" if match[0].startswith("/") else "…", parts.path)
    query = "&".join(
        f"{key}=…" if _SECRET_KEY.search(unquote(key)) and value else (f"{key}={value}" if value else key)
        for key, _, value in (pair.partition("=") for pair in parts.query.split("&") if pair)
    )
    return urlunsplit((parts.scheme, netloc, path, query, ""))


def canonical(address: str) -> str:
    """The form in which two addresses of the same page are equal.

    Scheme (http counts as https), host, default port, an empty path, a final slash, the order of the query, tracking
    parameters and the fragment make no difference; a fragment that looks like a route (`#!` or `#/`) does.
    """
    parts = _split(address.strip())
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        return address.strip()
    try:
        port = parts.port
    except ValueError:
        return address.strip()
    host = parts.hostname.lower().removeprefix("www.").rstrip(".")
    netloc = host if port in {None, 80, 443} else f"{host}:{port}"
    path = quote(unquote(parts.path), safe="/:@!$&'()*+,;=~-._").rstrip("/")
    pairs = [(key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKING.match(key)]
    fragment = parts.fragment if parts.fragment.startswith(("!", "/")) else ""
    return urlunsplit(("https", netloc, path, urlencode(sorted(pairs)), fragment))


def _split(address: str) -> SplitResult | None:
    """The parts of an address with a lower-case scheme; None when it can't be read as one."""
    try:
        parts = urlsplit(address)
        parts.hostname  # noqa: B018 -- reading it is what raises for a broken host
    except ValueError:
        return None
    return parts
