"""Handling of URLs: whether one may be opened, how to show it without secrets, and when two are the same.

Pure: nothing is opened or fetched here. External text is never treated as a command or a path: one function,
`safe_to_open`, decides for the whole program what may be passed to a browser.
"""

import re
from urllib.parse import (
    SplitResult,
    parse_qsl,
    quote,
    unquote,
    unquote_to_bytes,
    urlencode,
    urljoin,
    urlsplit,
    urlunsplit,
)

from florilege.text import cached, clean_line

_urlsplit = getattr(urlsplit, "__wrapped__", urlsplit)
"""Without the cache of the standard library, which keeps addresses of any length."""
_LONGEST_LINK = 16 * 1024
"""Maximum number of characters of a link that is resolved."""
_SCHEME = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*):")
_FEED = re.compile(r"feed:(?://)?(?=https?://)|(feed:)//", re.IGNORECASE)
_HEXADECIMAL = r"(?=[0-9a-f]*[a-f])(?=[0-9a-f]*[0-9])[0-9a-f]{32,128}"
"""Generated hexadecimal tokens: in a path or query they give access to private content, such as the feed of a private
Diigo group, .../rss/NUMBER/32-HEX-DIGITS. Words, slugs and video ids never look like this."""
_SECRET_PATH = re.compile(rf"(?<=/)(?:secret:[^/]*|(?i:{_HEXADECIMAL})(?=[/.]|$))")
"""A path segment that is a token, without any file extension. Private Pinboard feeds use `secret:TOKEN`."""
_SECRET_VALUE = re.compile(_HEXADECIMAL, re.IGNORECASE)
_PATHS_WITH_TOKENS = tuple(
    (re.compile(host), re.compile(path))
    for host, path in (
        (r"(?:.+\.)?diigo\.com", r"(?<=/rss/)(\d{1,20}/)([^/]+)"),
        (r"(?:.+\.)?instapaper\.com", r"(?<=/rss/)(\d{1,20}/)([^/]+)"),
        (r"(?:.+\.)?feedbin\.(?:com|me)", r"(/starred/)([^/.]+)"),
        (r"calendar\.google\.com", r"(/private-)([^/]+)"),
        (r"(?:.+\.)?substack\.com", r"(/private/)([^/.]+)"),
        (r".+", r"(^/feed/[^/]+/)([^/]+)(?=/(?:unread|starred|archive|all)(?:[/.]|$))"),  # wallabag, on any host
    )
)
"""Hosts, and where their paths contain a token. Sources: the addresses these services give for private feeds."""
_USER = re.compile(r"//[^/?#]*@")
_SECRET_NAME = re.compile(r"(?:token|secret|password|passwd|passphrase|apikey|accesskey|privatekey|signature|jwt)$")
"""Endings of parameter names that always hold a secret; matched after removing separators between words."""
_SECRET_WORDS = frozenset({"auth", "key", "pass", "pwd", "sid", "session", "sig"})
"""Words in parameter names that may hold a secret: `?key=poetry` does not, `?key=4f2a91c0d3e8b7a6` does."""
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_RANDOM = re.compile(r"(?=[^0-9]{0,200}[0-9])(?=[^A-Za-z]{0,200}[A-Za-z])[\w.~+/=%-]{12,}")
"""A value with both digits and letters, too long to be a word."""
_PLAIN = re.compile(
    r"https?://(?:www\.)?(?!www\.)([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?:/[A-Za-z0-9:@!$&'()*+,;=~._/\u00c0-\u024f-]*)?)"
)
"""Matches most addresses, in which only accents can be encoded differently. Ten times as fast as parsing them."""
_UNESCAPED = ":@!$&'()*+,;=~-._"
_PLAIN_PATH = re.compile(r"[A-Za-z0-9:@!$&'()*+,;=~._/-]*")
"""A path without alternative encodings."""
_TRACKING = re.compile(
    r"utm_\w+|at_\w+|mc_[ce]id|hsa_\w+|_hs(?:enc|mi)|__hs\w+|hsctatracking|mtm_\w+|pk_\w+|piwik_\w+|matomo_\w+|stm_\w+|vero_\w+"
    r"|fbclid|fb_(?:action_\w+|ref|source)|[gd]clid|gclsrc|gbraid|wbraid|gad_\w+|msclkid|twclid|ttclid|yclid|_openstat|li_fat_id"
    r"|igshid|igsh|mkt_tok|srsltid|ref_src|ref_url|_ga|_gl|oly_(?:anon|enc)_id|rb_clickid|s_cid|wickedid|ml_subscriber\w*"
    r"|cmpid|xtor|ns_(?:mchannel|source|campaign|linkname|fee)|spm|dpg_source|guccounter|guce_referrer(?:_sig)?|wt_?mc_\w+|mbid"
    r"|sc_c(?:ampaign|hannel)|sc_(?:content|medium|outcome|geo|country)|ck_subscriber_id|sfmc_\w+|elqtrack(?:id)?|trk_\w+",
    re.IGNORECASE,
)
"""Tracking parameters. Sources: the lists of ClearURLs, Firefox's query stripping and miniflux; `at_` is AT Internet's,
used in feeds of the BBC and of French newspapers."""
_TRACKING_FRAGMENT = re.compile(r"(?:utm_\w+|at_\w+|xtor|ref|ftag|ns_\w+)=|:~:", re.IGNORECASE)
"""Fragments that hold tracking parameters or a text directive rather than an anchor in the page."""


def scheme_of(address: str) -> str | None:
    """The scheme in lower case, or None when the address has none (a path, a relative address)."""
    match = _SCHEME.match(address.strip())
    return match[1].lower() if match else None


def without_feed_scheme(address: str) -> str:
    """The address without `feed:`, which some sites put before the scheme or in place of it."""
    return _FEED.sub(lambda match: "https://" if match[1] else "", address.strip(), count=1)


def safe_to_open(address: str | None) -> str | None:
    """The address if it is safe to pass to a browser, otherwise None.

    Only http and https addresses with a host and without control characters or spaces pass. Non-ASCII characters are
    left to the browser. A backslash before the path is rejected: browsers read it as a slash, and would go to a
    different host from the one shown.
    """
    if address is None or address != clean_line(address) or any(character.isspace() for character in address):
        return None
    parts = split(address)
    return address if _is_web(parts) else None


def site_of(address: str | None) -> str | None:
    """The host of an address, without `www.`, or None if it is not a web address."""
    parts = split(address) if address else None
    if parts is None or not _is_web(parts):
        return None
    return clean_line(parts.hostname or "").removeprefix("www.") or None


def redact(address: str) -> str:
    """Remove passwords, tokens and other secrets from an address, for use in messages, logs and exports.

    Local paths are left unchanged.
    """
    address = clean_line(address)
    parts = split(address)
    if parts is None:
        return _SECRET_PATH.sub("…", _USER.sub("//…@", re.split("[?#]", address)[0]))
    if not parts.netloc:
        return address
    host = parts.netloc.rpartition("@")[2]
    netloc = f"…@{host}" if "@" in parts.netloc else host
    path = _SECRET_PATH.sub("…", parts.path)
    for known, token in _PATHS_WITH_TOKENS:
        if known.fullmatch(parts.hostname or ""):
            path = token.sub(r"\1…", path)
    # A fragment is a route, an anchor, or something hidden from the server; in that case it has parameters too.
    fragment = "…" if "…" in _redacted_query(parts.fragment) else parts.fragment
    return urlunsplit((parts.scheme, netloc, path, _redacted_query(parts.query), fragment))


def _redacted_query(query: str) -> str:
    """A query string with secret values masked."""
    return "&".join(
        f"{key}=…" if value and _is_secret(key, value) else (f"{key}={value}" if value else key)
        for key, _, value in (pair.partition("=") for pair in query.split("&") if pair)
    )


def canonical(address: str) -> str:
    """The canonical form of an address, equal for all addresses of the same page.

    Ignores http versus https, the case of the host, `www.`, the default port, a final slash, the order of query
    parameters, tracking parameters, and the fragment unless it looks like a route (`#!` or `#/`).
    """
    if plain := _PLAIN.fullmatch(address):
        found = "https://" + plain[1].rstrip("/")
        return found if found.isascii() else quote(found, safe=_UNESCAPED + "/")
    return _respelt(address)


def anchor(address: str) -> str:
    """The anchor named by the fragment of an address; empty if there is none."""
    fragment = clean_line(address).partition("#")[2]
    return "" if _TRACKING_FRAGMENT.match(fragment) else unquote(fragment)


def _respelt(address: str) -> str:
    """Compute the canonical form of an arbitrary address."""
    address = clean_line(address)
    parts = split(address)
    if parts is None or not _is_web(parts):
        return address
    host = (parts.hostname or "").rstrip(".").removeprefix("www.")
    netloc = f"[{host}]" if ":" in host else host
    if parts.port not in {None, 80, 443}:
        netloc = f"{netloc}:{parts.port}"
    path = parts.path if _PLAIN_PATH.fullmatch(parts.path) else "/".join(map(_spelt, parts.path.split("/")))
    query = _respelt_query(parts.query) if parts.query else ""
    fragment = parts.fragment if parts.fragment.startswith(("!", "/")) else ""
    return urlunsplit(("https", netloc, path.rstrip("/"), query, fragment))


def _respelt_query(query: str) -> str:
    """Sort the parameters of a query and drop the tracking ones."""
    # Old sites escape bytes that are not UTF-8; they are kept unchanged so that different ones stay distinct.
    pairs = [
        (key, value)
        for key, value in parse_qsl(query, keep_blank_values=True, errors="surrogateescape")
        if not _TRACKING.fullmatch(key)
    ]
    return urlencode(sorted(pairs), errors="surrogateescape")


def _spelt(segment: str) -> str:
    """Normalise the percent-encoding of a path segment; an escaped slash stays escaped."""
    return quote(unquote_to_bytes(segment), safe=_UNESCAPED)


def _is_secret(key: str, value: str) -> bool:
    """Whether a parameter holds a secret."""
    words = [word.lower() for word in _WORD.findall(unquote(key))]
    if _SECRET_NAME.search("".join(words)) or _SECRET_VALUE.fullmatch(value):
        return True
    return not _SECRET_WORDS.isdisjoint(words) and _RANDOM.fullmatch(value) is not None


def _is_web(parts: SplitResult | None) -> bool:
    """Whether these are the parts of an http(s) address whose host all browsers interpret identically."""
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        return False
    return "\\" not in parts.netloc


@cached(1024)
def split(address: str) -> SplitResult | None:
    """The parts of an address, with the scheme in lower case; None if it cannot be parsed."""
    try:
        parts = _urlsplit(address)
        parts.hostname, parts.port  # noqa: B018 -- accessing them raises for a malformed host or port
    except ValueError:
        return None
    return parts


def origin_of(parts: SplitResult) -> tuple[str, str | None, int | None]:
    """Scheme, host and port of an address."""
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def resolve(address: str, link: str) -> str | None:
    """The absolute address of a link in the document at `address`; None if the two can't be joined."""
    try:
        return urljoin(address, link) if len(link) <= _LONGEST_LINK else None  # it keeps them in a cache
    except ValueError:
        return None
