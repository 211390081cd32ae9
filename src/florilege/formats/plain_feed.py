"""Reads plain feeds with the standard library's XML parser, in a twentieth of the time that feedparser takes.

feedparser is the reference: `read` gives the same result, as far as `feed_entries` uses it, or None in case of doubt:
if the document is not well-formed, has a document type, or an element or attribute that the tables do not allow.
A test checks that both agree on thousands of feeds. What looks odd here (ids used as links, semicolons removed from
links) is feedparser's behaviour.
"""

import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from io import BytesIO
from typing import Any
from xml.etree import ElementTree

from florilege.formats.markup import looks_like_html, names

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_RSS1 = "http://purl.org/rss/1.0/"
_BASE = "{http://www.w3.org/XML/1998/namespace}base"
"""The attribute `xml:base`, the base for relative addresses."""
_PREFIXES = {
    "": "",
    "http://www.w3.org/2005/atom": "",
    _RSS1: "",
    _RDF: "rdf:",
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
_UNCERTAIN = re.compile(
    r"backend\.userland\.com/rss|blogs\.law\.harvard\.edu/tech/rss|my\.netscape\.com/rdf|//example\.com/|purl\.org/echo"
    r"|purl\.org/pie|purl\.org/atom/ns|modules/rss091|uri/of/echo|1999/xhtml"
    r"|wordpress\.org/export|schemas\.google\.com/blogger"
)
"""Matches parts of other namespaces, in lower case, that feedparser treats like one of those above or as HTML."""
_TAKEN = frozenset({"rdf", "dc", "dcterms", "content", "sy", "itunes", "media", "xhtml", "feedburner"})
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

_TEXTS = {
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
_FEED_TEXTS = frozenset(
    {"title", "dc:title", "link", "id", "author", "managingEditor", "dc:creator", "itunes:author"}
    | {"ttl", "sy:updatePeriod", "sy:updateFrequency"}
)
"""The elements read in the feed itself, outside its entries."""
_ITEMS = {"rss": "item", "feed": "entry", "rdf:RDF": None}
"""The elements of entries by root element; in RDF they are beside the channel, not in it."""
_PERSON = frozenset({"name", "uri", "url", "email"})
_IMAGE = frozenset({"title", "link", "description", "url", "width", "height", "name"})
_PASSED = {
    "~": frozenset({"rdf:Seq", "rdf:Bag", "rdf:li"}),
    "source": _PERSON | {"title", "link", "id", "updated", "author", "category", "contributor"},
    "contributor": _PERSON,
    "itunes:owner": frozenset({"itunes:name", "itunes:email"}),
}
"""Elements that are skipped, and the known elements that they may contain; `~` stands for all unknown ones."""
_PICTURES = dict.fromkeys(("image", "textInput", "textinput"), _IMAGE)
_PASSED_IN_FEEDS = _PASSED.keys() | _PICTURES.keys() | (_TEXTS.keys() - _FEED_TEXTS - {"guid", "dc:author"})
"""Elements that are skipped in the feed itself."""
_KNOWN = _UNDERSTOOD_ELSEWHERE | {
    name.lower() for name in (*_TEXTS, *_PASSED, *_PICTURES, "rss", "feed", "channel", "item", "entry")
}
"""All names that have a meaning here or to feedparser, in lower case."""
_ATTRIBUTES = {
    "rss": {"version"}, "title": {"type"}, "content": {"type"}, "summary": {"type"}, "guid": {"isPermaLink"},
    "enclosure": {"url", "type", "length"},
    "link": {"rel", "href", "type", "hreflang", "title", "length"}, "category": {"term", "scheme", "label", "domain"},
}  # fmt: skip
"""Supported attributes, without a namespace, of elements that are read."""
_TYPES = {"text": "text/plain", "html": "text/html", "text/plain": "text/plain", "text/html": "text/html"}
_DEFAULT_TYPES = dict.fromkeys(("description", "dc:description", "content:encoded"), "text/html")

_Element = dict[str, Any]

_SLASHES = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:///")
_ENTITY = re.compile(r"&([A-Za-z0-9_]+);")
_AUTHOR = re.compile(r"([A-Za-z0-9_.+-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,63})(?: \(([^()@<>&]*)\))?", re.ASCII)
"""`ann@example.org (Ann)`, the form of authors in RSS."""
_WINDOWS = {
    code: bytes([code]).decode("cp1252") for code in range(0x80, 0xA0) if code not in {0x81, 0x8D, 0x8F, 0x90, 0x9D}
}
"""Control characters (C1) and the characters that Windows-1252 has at the same code."""
_CONTROLS = re.compile("[\x80-\x9f]")


class _DoubtError(Exception):
    """The document is not certain to be read as by feedparser, which must read it instead."""


def read(data: bytes) -> _Element | None:
    """Read a feed as feedparser would; None if that is in doubt.

    Args:
        data: The feed in UTF-8, or in ASCII if it declares another encoding.
    """
    if b"<!DOCTYPE" in data:
        return None
    try:
        tree = ElementTree.iterparse(BytesIO(data), ["start-ns"])  # noqa: S314 -- there are no entities to expand
        namespaces: dict[str, str] = {prefix: address for _, (prefix, address) in tree}
        reader = _Reader(tree.root, namespaces)  # type: ignore[attr-defined]
    except (_DoubtError, ElementTree.ParseError, ValueError, LookupError):
        return None
    return {"version": reader.root, "feed": reader.feed, "entries": reader.entries, "namespaces": namespaces}


class _Reader:
    """Reads the elements of a feed in document order.

    Args:
        root: The root element.
        namespaces: All namespaces declared anywhere in the document, by prefix.

    Raises:
        _DoubtError: See the module's documentation.
    """

    def __init__(self, root: ElementTree.Element, namespaces: Mapping[str, str]) -> None:
        self.feed: _Element = {}
        self.entries: list[_Element] = []
        self._names: dict[str, str] = {}
        self._context = self.feed
        """The dictionary being filled: of the feed, or of an entry."""
        self._tags: dict[tuple[str | None, str | None, str | None], _Element] = {}
        """The tags of the current entry by term, scheme and label."""
        self._namespaces = namespaces
        self.root = self._name(root)
        if self.root not in _ITEMS or (self.root == "rdf:RDF" and _RSS1 not in namespaces.values()):
            raise _DoubtError
        self._read_root(root)

    def _name(self, element: ElementTree.Element) -> str:
        """The name of an element as in the tables; `~` for an unknown one."""
        address, _, local = element.tag.removeprefix("{").rpartition("}")
        known = _PREFIXES.get(address.lower())
        prefixes = {prefix.lower() for prefix, each in self._namespaces.items() if each == address}
        is_uncertain = not prefixes.isdisjoint({"", *_TAKEN}) or _UNCERTAIN.search(address.lower())
        if local == "draft" or (known is None and is_uncertain):
            raise _DoubtError
        found = "~" if known is None else known + local
        if not found.startswith(("rdf:", "sy:")) and found.lower() not in _KNOWN:
            found = "~"
        self._names[element.tag] = found
        return found

    def _read_root(self, root: ElementTree.Element) -> None:
        self._check_attributes(self.root, root.attrib)
        is_rdf = self.root == "rdf:RDF"
        for element in [root] if self.root == "feed" else root:
            name = self._name(element)
            if element is root or name == "channel":
                self._check_attributes(name, element.attrib)
                self._read_children(element, _FEED_TEXTS, _PASSED_IN_FEEDS, _ITEMS[self.root])
            elif is_rdf and name == "item":
                self._read_entry(name, element)
            elif is_rdf and name in {"image", "textinput", "~"}:
                self._pass_over(name, element)
            else:
                raise _DoubtError

    def _read_children(
        self, parent: ElementTree.Element, texts: Collection[str], passed: Collection[str], item: str | None = None
    ) -> None:
        """Read the child elements of a feed or of an entry.

        Args:
            parent: The feed or entry.
            texts: The names of elements that are read.
            passed: The names of elements that are skipped.
            item: The name of the elements of entries, if there are any among the children.
        """
        for element in parent:
            name = self._names.get(element.tag) or self._name(element)
            if name in texts:
                self._read_text(name, element)
            elif name in passed:
                self._pass_over(name, element)
            elif name == item:
                self._read_entry(name, element)
            else:
                raise _DoubtError

    def _read_entry(self, name: str, entry: ElementTree.Element) -> None:
        self._check_attributes(name, entry.attrib)
        self._context = {}
        self.entries.append(self._context)
        self._tags = {}
        if about := entry.get(f"{{{_RDF}}}about"):
            self._context["id"] = about
        self._read_children(entry, _TEXTS, _PASSED)
        self._context = self.feed

    def _pass_over(self, name: str, element: ElementTree.Element) -> None:
        """Skip an element, after checking that it contains nothing that would have to be read."""
        if element.attrib:
            self._check_attributes(name, element.attrib)
        if len(element):
            self._check_inside(element, _PICTURES.get(name) or _PASSED.get(name, frozenset()))
        if name == "source":  # the feed that an entry was taken from, of which only the authors are read
            entry, self._context = self._context, {}
            for each in element:
                if self._name(each) == "author":
                    self._read_author(each)
            entry["source"], self._context = self._context, entry

    def _check_inside(self, element: ElementTree.Element, expected: Collection[str]) -> None:
        if not all(each is element or (name := self._name(each)) == "~" or name in expected for each in element.iter()):
            raise _DoubtError

    def _check_attributes(self, name: str, attributes: Mapping[str, str]) -> None:
        """Raise `_DoubtError` for attributes that are not supported; on skipped elements, only for `xml:base`."""
        is_read = name not in _PASSED and name not in _PICTURES
        known = _ATTRIBUTES.get(name, ())
        for attribute in attributes:
            is_local = attribute[0] != "{"
            if attribute == _BASE or (is_local and is_read and attribute not in known and attribute != "lang"):
                raise _DoubtError

    def _read_text(self, name: str, element: ElementTree.Element) -> None:
        """Read an element listed in `TEXTS`, of the feed or of an entry."""
        attributes, kind = element.attrib, _TEXTS[name]
        if attributes:
            self._check_attributes(name, attributes)
        if kind == "author":
            self._read_author(element)
            return
        if len(element):
            raise _DoubtError
        text = (element.text or "").strip()
        if kind == "link":
            self._read_link(attributes, text)
        elif kind == "enclosure":
            self._context.setdefault("links", []).append({"rel": kind, "href": attributes.get("url")})
        elif kind == "category":
            self._read_category(attributes, _mended(text))
        elif kind in {"title", "description", "summary", "content"}:
            self._read_prose(name, attributes, _mended(text))
        elif kind in self._context:
            raise _DoubtError  # which of two values feedparser uses depends on more than is known here
        elif kind == "id":
            is_link = attributes.get("isPermaLink", "true") == "true"
            self._context["id"] = text = _address(text) if is_link else _mended(text)
            self._context["guidislink"] = is_link and "link" not in self._context
            if is_link:
                self._context.setdefault("link", text)
        else:
            self._context[kind] = _address(text) if kind == "comments" else _mended(text)

    def _read_link(self, attributes: Mapping[str, str], text: str) -> None:
        """Read a link, whose address is an attribute or its text."""
        if not text and not attributes:
            return
        link = {name: value for name, value in attributes.items() if name[0] != "{"}
        link.setdefault("rel", "alternate")
        link.setdefault("type", "application/atom+xml" if link["rel"] == "self" else "text/html")
        self._context.setdefault("links", []).append(link)
        if "href" in link:
            _address(link["href"])
            kind = link["type"].lower()
            if link["rel"] == "alternate" and _TYPES.get(kind, kind) in {"text/html", "application/xhtml+xml"}:
                self._context["link"] = link["href"]
            if text:
                raise _DoubtError
            return
        text = _address(text)
        if self._context is not self.feed:
            text = text.replace("&amp;", "&")
        self._context["link"] = text = _ENTITY.sub(r"&\1", text)
        if text or self._context is self.feed:
            link["href"] = text

    def _read_prose(self, name: str, attributes: Mapping[str, str], text: str) -> None:
        """Read a title, description, summary or content."""
        context, kind = self._context, _TEXTS[name]
        default = _DEFAULT_TYPES.get(name, "text/plain")
        is_dropped = kind == "title" and kind in context  # the first title is used, unless one of a source came between
        if is_dropped and (not context[kind] or context is self.feed or "source" in context):
            raise _DoubtError
        if kind in {"description", "summary"} and "summary" in context:
            if "content" in context:
                raise _DoubtError
            kind, default = "content", "text/plain"
        elif name in {"summary", "content"} and self.root != "feed":
            raise _DoubtError
        found = _TYPES.get(attributes.get("type", default))
        if found is None:
            raise _DoubtError
        if is_dropped:
            return
        may_be_html = found == "text/plain" and self.root != "feed" and ("<" in text or "&" in text)
        if may_be_html and not (kind == "title" and (looks_like_html(text) or ("</" not in text and ";" not in text))):
            raise _DoubtError  # feedparser detects HTML by its own list of elements; for titles, ours decides anyway
        detail = {"type": found, "value": text}
        if kind == "content":
            context.setdefault(kind, []).append(detail)
        else:
            kind = "title" if kind == "title" else "summary"
            context[kind], context[f"{kind}_detail"] = text, detail

    def _read_category(self, attributes: Mapping[str, str], text: str) -> None:
        """Read a category: its text is the term if no attribute is, else another tag."""
        term, scheme = attributes.get("term"), attributes.get("scheme", attributes.get("domain"))
        label = attributes.get("label")
        if not (term or scheme or label) and self._tags and not next(reversed(self._tags))[0]:
            raise _DoubtError  # feedparser takes the text for the term of the tag before
        for tag in ((term or text, scheme, label), (text if term else None, None, None)):
            if any(tag):
                self._tags[tag] = dict(zip(("term", "scheme", "label"), tag, strict=True))
        self._context["tags"] = self._tags.values()

    def _read_author(self, element: ElementTree.Element) -> None:
        """Read a person, given as child elements or as text."""
        person: dict[str, str] = {}
        authors = self._context.setdefault("authors", [])
        authors.append(person)
        text = "".join([element.text or "", *(each.tail or "" for each in element)]).strip()
        for each in element:
            name = self._name(each)
            if name == "~":
                self._check_inside(each, _PASSED["~"])
                text += "".join(each.itertext()).strip()
            elif name not in _PERSON or len(each):
                raise _DoubtError
            else:
                person["href" if name in {"uri", "url"} else name] = (each.text or "").strip()
        if (len(element) and text) or (person and len(authors) > 1):
            raise _DoubtError  # feedparser would assign the elements of a second person to the first
        text = _mended(text)
        if text and "@" not in text:
            person["name"] = text
        elif found := _AUTHOR.fullmatch(text):
            person.update({"email": found[1]} | ({"name": found[2].strip()} if (found[2] or "").strip() else {}))
        elif text:
            raise _DoubtError


def _mended(text: str) -> str:
    """Repair UTF-8 that was decoded as Latin-1, and control characters that stand for Windows-1252 characters."""
    if text.isascii():
        return text
    with suppress(UnicodeEncodeError, UnicodeDecodeError):
        text = text.encode("latin-1").decode()
    return text.translate(_WINDOWS) if _CONTROLS.search(text) else text  # searching is 20 times as fast


def _address(text: str) -> str:
    """An address.

    Raises:
        _DoubtError: feedparser would change it.
    """
    if ":///" in text and _SLASHES.match(text):
        raise _DoubtError
    return _mended(text)
