"""The query tree: frozen nodes that convert back to text and compile to a predicate.

Pure: `now` is an argument. Nodes are combined with `all_of` and `any_of`, which keep them in the same normal form that
`parse` produces: flat, without duplicates. Therefore `parse(str(query)) == query`. `spans` finds the words of a query
in a displayed line.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, final

import msgspec

from florilege.text import fold_with_places, search_key

if TYPE_CHECKING:
    from florilege.query.subject import Predicate, Subject

_BARE = re.compile(r'(?!-)[^\s()"“”„«»]+')
RESERVED = frozenset({"and", "or", "not"})
"""Words that are operators unless quoted."""


class Query(msgspec.Struct, frozen=True):
    """Base class of query nodes. Used by the find box, tags, smart groups and the command line alike."""

    def predicate(self, *, now: datetime) -> "Predicate":
        """The query compiled to a predicate, to be applied to many subjects.

        Args:
            now: The time, with zone, from which spans such as `7d` count; dates are interpreted in this zone.
        """
        return _compiled(self, now)

    @property
    def is_blank(self) -> bool:
        """Whether the query is empty and so matches everything. `is:any` matches everything too, but is not blank."""
        return isinstance(self, Everything)

    @property
    def conjuncts(self) -> tuple["Query", ...]:
        """The parts that must all match: none for a blank query, the query itself if it is not an `All`."""
        if isinstance(self, All):
            return self.parts
        return () if self.is_blank else (self,)

    @property
    def alternatives(self) -> tuple["Query", ...]:
        """The parts of which one must match: the query itself if it is not an `Or`."""
        return self.parts if isinstance(self, Or) else (self,)

    def and_(self, other: "Query") -> "Query":
        """The conjunction of both queries."""
        return all_of((self, other))

    def crumbs(self) -> list[tuple[str, "Query"]]:
        """Each removable part as text, with the query that remains without it."""
        parts = self.conjuncts
        return [(str(part), all_of(other for other in parts if other is not part)) for part in parts]


@final
class Everything(Query, frozen=True):
    """The empty query: everything matches."""

    def __str__(self) -> str:
        return ""


@final
class Words(Query, frozen=True):
    """A literal word or phrase, found anywhere in an item's text, even inside longer words. See `plain`."""

    text: str

    def __str__(self) -> str:
        bare = _BARE.fullmatch(self.text) and self.text.casefold() not in RESERVED and not looks_like_field(self.text)
        return self.text if bare else quoted(self.text)


@final
class Field(Query, frozen=True):
    """A field with its value: `Field("tag", "lecture")`."""

    name: str
    value: str
    beginning: bool = False
    """Whether to match by prefix (`tag:x*`)."""

    def __str__(self) -> str:
        bare = _BARE.fullmatch(self.value) and not self.value.endswith("*")
        if self.beginning:
            return f"{self.name}:{self.value if bare or not self.value else quoted(self.value)}*"
        return f"{self.name}:{self.value if bare else quoted(self.value)}"


@final
class Not(Query, frozen=True):
    """Matches what the part does not match."""

    part: Query

    def __str__(self) -> str:
        return f"-({self.part})" if isinstance(self.part, (All, Or)) else f"-{self.part}"


@final
class OneOf(Query, frozen=True):
    """Matches the items with these ids, such as those kept in a list. Cannot be typed."""

    ids: frozenset[str]


@final
class All(Query, frozen=True):
    """A conjunction of at least two parts. Made by `all_of`."""

    parts: tuple[Query, ...]

    def __str__(self) -> str:
        return " ".join(f"({part})" if isinstance(part, Or) else str(part) for part in self.parts)


@final
class Or(Query, frozen=True):
    """A disjunction of at least two parts. Made by `any_of`."""

    parts: tuple[Query, ...]

    def __str__(self) -> str:
        return " or ".join(map(str, self.parts))


def plain(text: str) -> Query:
    """The query for a literal text, whatever it looks like."""
    return Words(text) if text.strip() else Everything()


def looks_like_field(word: str) -> bool:
    """Whether a word is parsed as `name:value` or `#tag`.

    False for addresses, and for a word followed by a bare colon unless it is a field name.
    """
    from florilege.query.fields import FIELDS

    match = re.match(r"([A-Za-z]+):(.*)", word, re.DOTALL)
    if match is None:
        return len(word) > 1 and word.startswith("#")
    return match[1].casefold() in FIELDS or (match[2] != "" and not match[2].startswith("//"))


def all_of(queries: Iterable[Query]) -> Query:
    """The conjunction of queries: flat, without duplicates; blank queries are dropped."""
    parts = tuple(dict.fromkeys(part for query in queries for part in query.conjuncts))
    if len(parts) > 1:
        return All(parts)
    return parts[0] if parts else Everything()


def any_of(queries: Iterable[Query]) -> Query:
    """The disjunction of queries: flat, without duplicates. If any is blank, the result matches everything."""
    parts = tuple(dict.fromkeys(part for query in queries for part in query.alternatives))
    if not parts or any(part.is_blank for part in parts):
        return Everything()
    return Or(parts) if len(parts) > 1 else parts[0]


def none_of(query: Query) -> Query:
    """The negation of a query; for a blank one, a query that can be typed and matches nothing."""
    return Not(Field("is", "any") if query.is_blank else query)


def leaves(query: Query) -> Iterator[Query]:
    """The leaf nodes that are not negated, in the order they were written."""
    match query:
        case All(parts) | Or(parts):
            for part in parts:
                yield from leaves(part)
        case Not() | Everything():
            return
        case _:
            yield query


def needs_text(query: Query) -> bool:
    """Whether evaluating the query needs an item's text; otherwise its summary is enough."""
    from florilege.query.fields import FIELDS

    match query:
        case Words():
            return True
        case Field(name, value):
            return FIELDS[name].needs_text(value)
        case Not(part):
            return needs_text(part)
        case All(parts) | Or(parts):
            return any(map(needs_text, parts))
        case _:
            return False


def needles(query: Query) -> list[str]:
    """Folded strings that the text of every matching item must contain; longest first, as those are the rarest."""
    from florilege.query.fields import FIELDS

    found = set()
    for part in query.conjuncts:
        match part:
            case Words(text):
                found.add(search_key(text))
            case Field(name, value) if FIELDS[name].is_text:
                found.add(search_key(value))
    return sorted(filter(None, found), key=len, reverse=True)


def _compiled(query: Query, now: datetime) -> "Predicate":
    """Compile a query to a predicate, doing all work that can be done once up front."""
    from florilege.query.fields import FIELDS, always

    match query:
        case Words(text):
            needle = search_key(text)
            return lambda subject: needle in subject.text
        case Field(name, value, beginning):
            return FIELDS[name].compile(value, beginning, now)
        case OneOf(ids):
            return lambda subject: subject.item.id in ids
        case Not(part):
            test = _compiled(part, now)
            return lambda subject: not test(subject)
        case All(parts):
            return _all([_compiled(part, now) for part in sorted(parts, key=needs_text)])
        case Or(parts):
            tests = [_compiled(part, now) for part in sorted(parts, key=needs_text)]
            return lambda subject: any(test(subject) for test in tests)
        case _:
            return always


def _all(tests: list["Predicate"]) -> "Predicate":
    """A predicate that is true if all of these are."""

    def test(subject: "Subject") -> bool:
        for one in tests:  # noqa: SIM110 -- a loop takes half the time of `all` with a generator
            if not one(subject):
                return False
        return True

    return test


def quoted(text: str) -> str:
    """Text as a quoted phrase, with backslashes and quotation marks escaped."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def spans(query: Query, line: str, field: str | None = None) -> list[tuple[int, int]]:
    """Find the plain words and phrases of a query in a line: sorted, disjoint (start, end) character ranges.

    Matching ignores accents, case, ligatures and kinds of space, as searching does; the ranges refer to the line as
    given. Excluded words (`-word`) are not included.

    Args:
        query: The query.
        line: A title, quote or note, as displayed.
        field: `title`, `quote` or `note` if the line is one of these: values of that field are then found too.
    """
    needles = _needles(query, field)
    if not needles:
        return []
    folded, places = fold_with_places(line)
    found: list[tuple[int, int]] = []
    for needle in needles:
        start = folded.find(needle)
        while start >= 0:
            end = start + len(needle)
            found.append((places[start][0], places[end - 1][1]))
            start = folded.find(needle, end)
    return _joined(sorted(found))


@lru_cache(maxsize=32)
def _needles(query: Query, field: str | None) -> tuple[str, ...]:
    """The folded strings to find. Cached, because it is called for every line displayed."""
    texts = [
        leaf.value if isinstance(leaf, Field) else leaf.text
        for leaf in leaves(query)
        if isinstance(leaf, Words) or (isinstance(leaf, Field) and leaf.name == field)
    ]
    return tuple(dict.fromkeys(needle for needle in map(search_key, texts) if needle.strip()))


def _joined(found: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Merge sorted spans that touch or overlap."""
    joined: list[tuple[int, int]] = []
    for start, end in found:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
