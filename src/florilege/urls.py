"""What an address is: whether it may be opened, how it is shown without its secrets, and when two are the same.

Pure: nothing is opened or fetched here. Text from outside is never a command or a path: one function, `safe_to_open`,
decides for the whole program what may be handed to a browser.
"""

import re
from urllib.parse import SplitResult, parse_qsl, quote, unquote, unquote_to_bytes, urlencode, urlsplit, urlunsplit

from florilege.text import clean_line

_SCHEME = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*):")
_SECRET_PATH = re.compile(r"(?<=/)(?:secret:[^/]*|(?:[0-9a-fA-F]{24,}|[A-Za-z0-9_-]{32,})(?=[/.]|$))")
"""A path segment that looks like a token, a file ending apart. Sources: private Diigo groups are fed from
.../rss/NUMBER/32-HEX-DIGITS, private Pinboard feeds from .../rss/secret:TOKEN/..."""
_SECRET_VALUE = re.compile(r"[0-9a-fA-F]{24,}|[A-Za-z0-9_-]{32,}")
_USER = re.compile(r"//[^/?#]*@")
_SECRET_KEY = re.compile(r"key|token|secret|auth|pass|sig|session", re.IGNORECASE)
_PLAIN = re.compile(
    r"https?://(?:www\.)?(?!www\.)([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?:/[A-Za-z0-9:@!$&'()*+,;=~._/\u00c0-\u024f-]*)?)"
)
"""Most addresses: only accents can be spelt in another way. Ten times as fast as taking them apart."""
_UNESCAPED = ":@!$&'()*+,;=~-._"
_PLAIN_PATH = re.compile(r"[A-Za-z0-9:@!$&'()*+,;=~._/-]*")
"""A path in which nothing can be spelt in another way."""
_TRACKING = re.compile(
    r"utm_\w+|at_\w+|mc_[ce]id|hsa_\w+|_hs(?:enc|mi)|__hs\w+|hsctatracking|mtm_\w+|pk_\w+|piwik_\w+|matomo_\w+|stm_\w+|vero_\w+"
    r"|fbclid|fb_(?:action_\w+|ref|source)|[gd]clid|gclsrc|gbraid|wbraid|gad_\w+|msclkid|twclid|ttclid|yclid|_openstat|li_fat_id"
    r"|igshid|igsh|mkt_tok|srsltid|ref_src|ref_url|_ga|_gl|oly_(?:anon|enc)_id|rb_clickid|s_cid|wickedid|ml_subscriber\w*"
    r"|cmpid|xtor|ns_(?:mchannel|source|campaign|linkname|fee)|spm|dpg_source|guccounter|guce_referrer(?:_sig)?|wt_?mc_\w+|mbid"
    r"|sc_c(?:ampaign|hannel)|sc_(?:content|medium|outcome|geo|country)|ck_subscriber_id|sfmc_\w+|elqtrack(?:id)?|trk_\w+",
    re.IGNORECASE,
)
"""Parameters that only say where a reader came from. Sources: the lists of ClearURLs, Firefox's query stripping and
miniflux; `at_` is AT Internet's, on feeds of the BBC and of French papers."""
_TRACKING_FRAGMENT = re.compile(r"(?:utm_\w+|at_\w+|xtor|ref|ftag|ns_\w+)=|:~:", re.IGNORECASE)
"""Fragments that are no place in the page, or only a passage of it."""


def scheme_of(address: str) -> str | None:
    """The scheme in lower case, or None when the address has none (a path, a relative address)."""
    match = _SCHEME.match(address.strip())
    return match[1].lower() if match else None


def safe_to_open(address: str | None) -> str | None:
    """The address as it may be handed to a browser, or None when it must not be opened.

    Only http and https with a host, without control characters or spaces inside, pass. Characters outside ASCII are
    left to the browser. A backslash before the path does not pass: browsers read it as a slash, and would go to
    another host than the one shown.
    """
    if address is None or address != clean_line(address) or any(character.isspace() for character in address):
        return None
    parts = _split(address)
    return address if _is_web(parts) else None


def site_of(address: str | None) -> str | None:
    """The host an address leads to, without `www.`, or None when it is no web address."""
    parts = _split(address) if address else None
    if parts is None or not _is_web(parts):
        return None
    return clean_line(parts.hostname or "").removeprefix("www.") or None


def redact(address: str) -> str:
    """The address as it may stand in a message, a log or an export: no password, no token, nothing that opens a group.

    A path of this machine is left as it is.
    """
    address = clean_line(address)
    parts = _split(address)
    if parts is None:
        return _SECRET_PATH.sub("…", _USER.sub("//…@", re.split("[?#]", address)[0]))
    if not parts.netloc:
        return address
    host = parts.netloc.rpartition("@")[2]
    netloc = f"…@{host}" if "@" in parts.netloc else host
    path = _SECRET_PATH.sub("…", parts.path)
    query = "&".join(
        f"{key}=…" if value and _is_secret(key, value) else (f"{key}={value}" if value else key)
        for key, _, value in (pair.partition("=") for pair in parts.query.split("&") if pair)
    )
    return urlunsplit((parts.scheme, netloc, path, query, ""))


def canonical(address: str) -> str:
    """The form in which two addresses of the same page are equal.

    Scheme (http counts as https), host, default port, an empty path, a final slash, the order of the query, tracking
    parameters and the fragment make no difference; a fragment that looks like a route (`#!` or `#/`) does.
    """
    if plain := _PLAIN.fullmatch(address):
        found = "https://" + plain[1].rstrip("/")
        return found if found.isascii() else quote(found, safe=_UNESCAPED + "/")
    return _respelt(address)


def anchor(address: str) -> str:
    """The place in the page that the fragment of an address names; empty when it names none."""
    fragment = clean_line(address).partition("#")[2]
    return "" if _TRACKING_FRAGMENT.match(fragment) else unquote(fragment)


def _respelt(address: str) -> str:
    """The canonical form of any address."""
    address = clean_line(address)
    parts = _split(address)
    if parts is None or not _is_web(parts):
        return address
    try:
        port = parts.port
    except ValueError:
        return address
    host = (parts.hostname or "").rstrip(".").removeprefix("www.")
    netloc = f"[{host}]" if ":" in host else host
    if port not in {None, 80, 443}:
        netloc = f"{netloc}:{port}"
    path = parts.path if _PLAIN_PATH.fullmatch(parts.path) else "/".join(map(_spelt, parts.path.split("/")))
    query = _respelt_query(parts.query) if parts.query else ""
    fragment = parts.fragment if parts.fragment.startswith(("!", "/")) else ""
    return urlunsplit(("https", netloc, path.rstrip("/"), query, fragment))


def _respelt_query(query: str) -> str:
    """A query in the order of its names, without what only tells where a reader came from."""
    # Old sites escape bytes that are not UTF-8; they must stay apart, so they are kept as they are.
    pairs = [
        (key, value)
        for key, value in parse_qsl(query, keep_blank_values=True, errors="surrogateescape")
        if not _TRACKING.fullmatch(key)
    ]
    return urlencode(sorted(pairs), errors="surrogateescape")


def _spelt(segment: str) -> str:
    """A segment of a path with the same characters escaped, whichever were; an escaped slash stays one."""
    return quote(unquote_to_bytes(segment), safe=_UNESCAPED)


def _is_secret(key: str, value: str) -> bool:
    """Whether a parameter looks like one that opens something."""
    return _SECRET_KEY.search(unquote(key)) is not None or _SECRET_VALUE.fullmatch(value) is not None


def _is_web(parts: SplitResult | None) -> bool:
    """Whether these are the parts of an http(s) address with a host that every browser reads the same."""
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        return False
    return "\\" not in parts.netloc


def _split(address: str) -> SplitResult | None:
    """The parts of an address with a lower-case scheme; None when it can't be read as one."""
    try:
        parts = urlsplit(address)
        parts.hostname  # noqa: B018 -- reading it is what raises for a broken host
    except ValueError:
        return None
    return parts
