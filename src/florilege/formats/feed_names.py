"""Tables for `plain_feed`: the elements and attributes of plain feeds and their names in feedparser."""

import re

from florilege.formats.stream import names

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RSS1 = "http://purl.org/rss/1.0/"
BASE = "{http://www.w3.org/XML/1998/namespace}base"
"""The attribute `xml:base`, the base for relative addresses."""
PREFIXES = {
    "": "",
    "http://www.w3.org/2005/atom": "",
    RSS1: "",
    RDF: "rdf:",
    "http://purl.org/dc/elements/1.1/": "dc:",
    "http://purl.org/dc/terms/": "dcterms:",
    "http://purl.org/rss/1.0/modules/content/": "content:",
    "http://purl.org/rss/1.0/modules/syndication/": "sy:",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes:",
    "http://search.yahoo.com/mrss/": "media:",
    "http://search.yahoo.com/mrss": "media:",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner:",
}
"""Known namespaces, in lower case, and the prefixes that stand for them in this module."""
UNCERTAIN = re.compile(
    r"backend\.userland\.com/rss|blogs\.law\.harvard\.edu/tech/rss|my\.netscape\.com/rdf|//example\.com/|purl\.org/echo"
    r"|purl\.org/pie|purl\.org/atom/ns|modules/rss091|uri/of/echo|1999/xhtml"
    r"|wordpress\.org/export|schemas\.google\.com/blogger"
)
"""Matches parts of other namespaces, in lower case, that feedparser treats like one of those above or as HTML."""
TAKEN = frozenset({"rdf", "dc", "dcterms", "content", "sy", "itunes", "media", "xhtml", "feedburner"})
"""Prefixes that feedparser interprets even with an unknown namespace."""
_UNDERSTOOD_ELSEWHERE = names(
    """
    abstract authors body created email expirationdate fullitem guidislink height homepage info keywords links name
    newlocation published_parsed summary_detail sy_updatefrequency sy_updateperiod tagline tags title_detail
    updated_parsed uri url width dc:contributor dcterms:valid itunes:email itunes:name media:category
    media:description media:keywords media:title
    """
)
"""Further elements that feedparser interprets, in lower case, and that `plain_feed` therefore leaves to it.

Elements on none of these lists do not affect anything that we read.
"""

TEXTS = {
    "title": "title", "dc:title": "title", "description": "description", "dc:description": "description",
    "summary": "summary", "content": "content", "content:encoded": "content",
    "link": "link", "enclosure": "enclosure", "guid": "id", "id": "id", "comments": "comments",
    "pubDate": "published", "published": "published", "issued": "published",
    "dcterms:issued": "published", "dcterms:modified": "updated", "itunes:summary": "summary",
    "updated": "updated", "modified": "updated", "dc:date": "updated", "lastBuildDate": "updated",
    "category": "category", "dc:subject": "category",
    "sy:updatePeriod": "sy_updateperiod", "sy:updateFrequency": "sy_updatefrequency", "ttl": "ttl",
    "author": "author", "managingEditor": "author", "dc:creator": "author", "dc:author": "author",
    "itunes:author": "author", "feedburner:origLink": "feedburner_origlink",
}  # fmt: skip
"""Elements that are read in entries, some also in the feed itself, and their kinds or names in feedparser."""
FEED_TEXTS = frozenset(
    {"title", "dc:title", "link", "id", "author", "managingEditor", "dc:creator", "itunes:author"}
    | {"ttl", "sy:updatePeriod", "sy:updateFrequency"}
)
"""Those that are read in the feed itself."""
PERSON = frozenset({"name", "uri", "url", "email"})
_ELEMENTS_OF_A_FEED = frozenset({"title", "link", "id", "updated", "rights", "subtitle", "generator", "logo", "icon"})
IGNORED: dict[str, frozenset[str]] = dict.fromkeys(
    names("""
    generator docs language copyright webMaster cloud rating subtitle rights logo icon published
    lastBuildDate pubDate updated category description
    dc:date dc:language dc:rights dc:publisher dc:subject dc:description dc:format dc:identifier dc:type dc:source
    dcterms:created dcterms:modified dcterms:issued sy:updateBase
    itunes:image itunes:explicit itunes:block itunes:duration itunes:keywords itunes:subtitle itunes:type
    itunes:episodeType itunes:season itunes:episode itunes:order itunes:new-feed-url itunes:summary
    media:thumbnail media:credit media:rating media:player media:restriction media:hash media:copyright
    """),
    frozenset(),
)
"""Elements that are skipped, in a feed or in an entry, and the elements that they may contain."""
LISTS = frozenset({"rdf:Seq", "rdf:Bag", "rdf:li"})
IGNORED |= {
    "source": _ELEMENTS_OF_A_FEED | PERSON | {"author", "category", "contributor"},
    "contributor": PERSON,
    "skipHours": frozenset({"hour"}),
    "skipDays": frozenset({"day"}),
    "items": LISTS,
    "itunes:owner": frozenset({"itunes:name", "itunes:email"}),
    "itunes:category": frozenset({"itunes:category"}),
    "media:content": frozenset({"media:thumbnail", "media:credit", "media:rating", "media:hash"}),
    "media:group": frozenset({"media:content", "media:thumbnail", "media:credit", "media:rating"}),
}
IMAGE = frozenset({"title", "link", "description", "url", "width", "height", "name"})
"""Elements that may be in the image and in the text input of a feed."""
PICTURES = frozenset({"image", "textInput", "textinput"})
KNOWN = _UNDERSTOOD_ELSEWHERE | {
    name.lower() for name in (*TEXTS, *IGNORED, *PICTURES, "rss", "feed", "channel", "item", "entry")
}
"""All names that have a meaning here or to feedparser, in lower case."""
ATTRIBUTES = {
    "rss": {"version"}, "title": {"type"}, "content": {"type"}, "summary": {"type"}, "guid": {"isPermaLink"},
    "enclosure": {"url", "type", "length"},
    "link": {"rel", "href", "type", "hreflang", "title", "length"}, "category": {"term", "scheme", "label", "domain"},
}  # fmt: skip
"""Supported attributes, without a namespace, of elements that are read."""
TYPES = {"text": "text/plain", "html": "text/html", "text/plain": "text/plain", "text/html": "text/html"}
DEFAULT_TYPES = dict.fromkeys(("description", "dc:description", "content:encoded"), "text/html")
