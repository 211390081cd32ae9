"""Annotations of Hypothes.is as JSON: answers of its search, exports of its client, lists, or one; and as its streams.

They are folded into one item a page (see `group_by_page`). Words are Markdown and stay as they are; a quote is text,
never HTML. What a moderator has hidden is left out. The streams, Atom and RSS, have one entry an annotation and do not
tell its page: those are folded by its title, and the link of an item is unknown; the annotation's own page is where it
is talked about. Tags and group are not told either. Source: the code of hypothesis/h and hypothesis/client.
"""

import re
from collections.abc import Iterable
from datetime import datetime

import msgspec

from florilege.formats import Snapshot, SourceError, fields
from florilege.formats.collecting import nothing_read
from florilege.formats.dates import read_date
from florilege.formats.document import Document
from florilege.formats.group_by_page import Annotation, group_by_page
from florilege.formats.objects import convert_lenient
from florilege.formats.recognise import Format, Object, first_of
from florilege.model import Comment, Entry, Sharer
from florilege.text import clean, counted, search_key
from florilege.urls import canonical

KIND = "hypothesis"
KIND_FEED = "hypothesis-feed"
PUBLIC = "__world__"
"""The group of annotations that anyone may read."""
_TAG = re.compile(r"tag:hypothes\.is,[\d-]+:(.+)")
_QUOTED = re.compile(r"\s*<blockquote>(.*?)</blockquote>(.*)", re.DOTALL)
"""Quote and words. The service escapes them once together with the tags, so neither is HTML: `<` and `&` are meant.
A quote that holds the end tag itself can't be told from one that does not."""
_HOST = "hypothes.is"


class _Selector(msgspec.Struct):
    type: str | None = None
    exact: str | None = None
    prefix: str | None = None
    suffix: str | None = None
    start: int | float | None = None
    """Of a TextPositionSelector, in characters."""
    label: str | int | None = None
    """Of a PageSelector: the page's own number, perhaps `xii`."""


class _Target(msgspec.Struct):
    source: str | None = None
    selector: list[_Selector | None] | None = None


class _Page(msgspec.Struct):
    title: str | list[str | None] | None = None


class _User(msgspec.Struct):
    display_name: str | None = None


class _Links(msgspec.Struct):
    html: str | None = None


class _Annotation(msgspec.Struct):
    id: str | None = None
    created: str | None = None
    updated: str | None = None
    user: str | None = None
    user_info: _User | None = None
    uri: str | None = None
    text: str | None = None
    tags: list[str | None] | None = None
    group: str | None = None
    document: _Page | None = None
    target: list[_Target | None] | None = None
    references: list[str | None] | None = None
    links: _Links | None = None
    hidden: bool | None = None


def read(document: Document) -> Snapshot:
    """The snapshot of some annotations, one item a page."""
    found, total = _listed(document.json)
    reading = _Reading(document.warnings)
    for number, value in enumerate(found, start=1):
        reading.take(value, number)
    if reading.left_out and not reading.annotations:
        raise SourceError(nothing_read(counted(len(found), "annotation"), reading.left_out[0].rstrip(".")))
    older = total is not None and total > len(found)
    if older:
        reading.warnings.append(f"The document holds {len(found)} of {counted(total or 0, 'annotation')}.")
    if not found:
        reading.warnings.append("The document holds no annotations.")
    group = reading.group
    return Snapshot(
        kind=KIND,
        title=f"Hypothes.is group {group}" if group else None,
        site=f"https://hypothes.is/groups/{group}" if group else None,
        entries=group_by_page(reading.annotations),
        warnings=tuple(map(clean, reading.warnings)),
        identity=f"hypothesis:group:{group}" if group else None,
        older=older,
    )


class _Reading:
    """The annotations of a document as they are read one after the other."""

    def __init__(self, warnings: Iterable[str]) -> None:
        self.warnings = list(warnings)
        self.annotations: list[Annotation] = []
        self.left_out: list[str] = []
        """What was said of annotations that could not be read."""
        self._groups: set[str] = set()
        self._ids: set[str] = set()

    @property
    def group(self) -> str | None:
        """The one group that all annotations are in, those apart that anyone may read; None when there are several."""
        return next(iter(self._groups)) if len(self._groups) == 1 else None

    def take(self, value: object, number: int) -> None:
        """Read one annotation, and say what is odd about it."""
        if not isinstance(value, dict):
            self._leave_out(f"Annotation {number} is no object and was left out.")
            return
        given, lost = convert_lenient(value, _Annotation)
        if lost:
            fields_lost = counted(len(lost), "field")
            self.warnings.append(f"Annotation {number}: {fields_lost} could not be read ({', '.join(lost)}).")
        if given is None or given.hidden:
            return
        annotation = _annotation(given)
        if not annotation.page:
            self._leave_out(f"Annotation {number} does not say which page it is on, and was left out.")
        elif annotation.id in self._ids:
            self.warnings.append(f"Annotation {number} has the id of an earlier one and was left out.")
        else:
            self._ids.update([annotation.id] if annotation.id else ())
            self._groups.update([group] if (group := fields.line(given.group)) and group != PUBLIC else ())
            self.annotations.append(annotation)
            if annotation.date_text and not lost:
                self.warnings.append(f"Annotation {number}: its date “{annotation.date_text[:60]}” can't be read.")
            elif not (lost or annotation.quote or annotation.words or annotation.tags):
                self.warnings.append(f"Annotation {number} holds no passage, words or tags that florilege knows.")

    def _leave_out(self, sentence: str) -> None:
        self.left_out.append(sentence)
        self.warnings.append(sentence)


def member(account: str | None, name: str | None = None) -> Sharer | None:
    """A member, by an account like `acct:ann@hypothes.is` and the name shown, if there is one."""
    handle = fields.line(account)
    short = handle.removeprefix("acct:").partition("@")[0] if handle else None
    return fields.sharer(fields.line(name) or short, handle)


def words(text: str | None, author: Sharer | None, made_at: datetime | None) -> tuple[Comment, ...]:
    """What a member wrote, as a comment in Markdown; none when it is blank."""
    said = fields.prose(text)
    if said is None:
        return ()
    return (Comment(text=said, author=author.label if author else None, made_at=made_at, markdown=True),)


def _listed(value: object) -> tuple[list[object], int | None]:
    """The annotations of a document, and how many there are in all, when it says so."""
    if isinstance(value, list):
        return value, None
    if not isinstance(value, dict):
        return [], None
    found: list[object] = []
    for key in ("annotations", "rows", "replies"):
        found += value[key] if isinstance(value.get(key), list) else []
    if not found and "target" in value:
        return [value], None
    total = value.get("total")
    if isinstance(value.get("replies"), list) or isinstance(total, bool) or not isinstance(total, int):
        return found, None  # replies apart are not counted in the total
    return found, total


def _annotation(given: _Annotation) -> Annotation:
    """An annotation of theirs as one to fold."""
    targets = [target for target in given.target or () if target]
    url = fields.address(given.uri or next((target.source for target in targets if target.source), None))
    parents = tuple(name for name in map(fields.line, given.references or ()) if name)
    selectors = [selector for target in targets for selector in target.selector or () if selector]
    quoted = None if parents else next((one for one in selectors if fields.prose(one.exact)), None)
    titles = given.document.title if given.document else None
    author = member(given.user, given.user_info.display_name if given.user_info else None)
    made_at = read_date(given.created)
    return Annotation(
        page=canonical(url) if url else "",
        id=fields.line(given.id),
        url=url,
        title=_first_line([titles] if isinstance(titles, str) else titles or ()),
        site=fields.address(given.links.html) if given.links else None,
        author=author,
        made_at=made_at,
        updated_at=read_date(given.updated),
        date_text=None if made_at else fields.line(given.created),
        quote=fields.prose(quoted.exact) if quoted else None,
        prefix=_context(quoted.prefix) if quoted else None,
        suffix=_context(quoted.suffix) if quoted else None,
        place=next((int(one.start) for one in selectors if one.start is not None and _is_finite(one.start)), None),
        words=words(given.text, author, made_at),
        location=next((page for one in selectors if (page := fields.page(one.label))), None),
        tags=fields.tags(given.tags or ()),
        parents=parents,
    )


def _first_line(lines: Iterable[str | None]) -> str | None:
    """The first of some texts that is not blank."""
    return next((found for each in lines if (found := fields.line(each))), None)


def _context(text: str | None) -> str | None:
    """The words beside a passage, with the spaces that part them from it."""
    return clean(text) or None if text else None


def _is_finite(number: float) -> bool:
    return abs(number) < 1e15


def _is_annotation(value: Object) -> bool:
    return "target" in value and str(value.get("user", "")).startswith("acct:")


def _is_document(value: Object) -> bool:
    """Whether an object is an export, an answer of the search, or one annotation."""
    first = first_of(value, "annotations")
    is_export = value.get("annotations") == [] or "export_date" in value or "uri" in first or _is_annotation(first)
    return ("annotations" in value and is_export) or ("rows" in value and "total" in value) or _is_annotation(value)


def is_hypothesis(snapshot: Snapshot) -> bool:
    """Whether a feed was made by Hypothes.is: its identifiers say so."""
    return any(entry.native_id and _TAG.fullmatch(entry.native_id) for entry in snapshot.entries)


def from_feed(snapshot: Snapshot) -> Snapshot:
    """The snapshot of a stream, folded by document."""
    annotations = [_from_entry(entry, number) for number, entry in enumerate(snapshot.entries)]
    return msgspec.structs.replace(snapshot, kind=KIND_FEED, entries=group_by_page(annotations))


def _from_entry(entry: Entry, number: int) -> Annotation:
    """An entry as an annotation. A document without title is one of its own."""
    known = _TAG.fullmatch(entry.native_id or "")
    parts = _QUOTED.fullmatch(entry.body or "")
    name = entry.sharer.label if entry.sharer else ""
    author = member(f"acct:{name}@{_HOST}", name) if name else None
    page = f"hypothesis:title:{search_key(entry.title)}" if entry.title else entry.native_id or f"hypothesis:{number}"
    return Annotation(
        page=page,
        id=known[1] if known else entry.native_id,
        title=entry.title,
        site=entry.url,
        author=author,
        made_at=entry.shared_at,
        updated_at=entry.updated_at,
        date_text=entry.date_text,
        quote=fields.prose(parts[1]) if parts else None,
        words=words(parts[2] if parts else entry.body, author, entry.shared_at),
    )


FORMATS = (Format("annotations of Hypothes.is", read, is_object=_is_document, is_element=_is_annotation),)
