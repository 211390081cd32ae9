"""A query as a value: frozen nodes that print back to text and compile to a predicate.

Pure: now is an argument. Nodes are put together with `all_of` and `any_of`, which keep them in the one form that
`parse` gives too: flat, without repetition. So `parse(str(query)) == query`. `spans` says where the words of a query
stand in a line that is shown.
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
_RESERVED = frozenset({"and", "or", "not"})


class Query(msgspec.Struct, frozen=True):
    """What the reader asks for. The same value drives the find box, tags, smart groups and the command line."""

    def predicate(self, *, now: datetime) -> "Predicate":
        """The question ready to be asked of many subjects.

        Args:
            now: What spans such as `7d` count from, with zone; dates are days of this zone.
        """
        return _compiled(self, now)

    @property
    def is_blank(self) -> bool:
        """Whether nothing was asked, so that everything matches. `is:any` is not blank: it asks for everything."""
        return isinstance(self, Everything)

    @property
    def conjuncts(self) -> tuple["Query", ...]:
        """The parts that must all hold: none of a blank query, the query itself when there is but one."""
        if isinstance(self, All):
            return self.parts
        return () if self.is_blank else (self,)

    @property
    def alternatives(self) -> tuple["Query", ...]:
        """The parts of which one must hold: the query itself when there is but one."""
        return self.parts if isinstance(self, Or) else (self,)

    def and_(self, other: "Query") -> "Query":
        """The query that asks for both."""
        return all_of((self, other))

    def crumbs(self) -> list[tuple[str, "Query"]]:
        """Each part that can be taken off, as text, with the query that is left without it."""
        parts = self.conjuncts
        return [(str(part), all_of(other for other in parts if other is not part)) for part in parts]


@final
class Everything(Query, frozen=True):
    """Nothing was asked: everything matches."""

    def __str__(self) -> str:
        return ""


@final
class Words(Query, frozen=True):
    """A word or a phrase as it stands, found anywhere in the text of an item, inside longer words too. See `plain`."""

    text: str

    def __str__(self) -> str:
        bare = _BARE.fullmatch(self.text) and self.text.casefold() not in _RESERVED and not looks_like_field(self.text)
        return self.text if bare else quoted(self.text)


@final
class Field(Query, frozen=True):
    """A field of the table with its value: `Field("tag", "lecture")`."""

    name: str
    value: str
    beginning: bool = False
    """Whether what begins with the value is meant (`tag:x*`)."""

    def __str__(self) -> str:
        bare = _BARE.fullmatch(self.value) and not self.value.endswith("*")
        if self.beginning:
            return f"{self.name}:{self.value if bare or not self.value else quoted(self.value)}*"
        return f"{self.name}:{self.value if bare else quoted(self.value)}"


@final
class Not(Query, frozen=True):
    """What does not match the part."""

    part: Query

    def __str__(self) -> str:
        return f"-({self.part})" if isinstance(self.part, (All, Or)) else f"-{self.part}"


@final
class OneOf(Query, frozen=True):
    """The item is one of these: items that stay in a list. It can't be typed."""

    ids: frozenset[str]


@final
class All(Query, frozen=True):
    """Every one of at least two parts holds. Made by `all_of`."""

    parts: tuple[Query, ...]

    def __str__(self) -> str:
        return " ".join(f"({part})" if isinstance(part, Or) else str(part) for part in self.parts)


@final
class Or(Query, frozen=True):
    """One of at least two parts holds. Made by `any_of`."""

    parts: tuple[Query, ...]

    def __str__(self) -> str:
        return " or ".join(map(str, self.parts))


def plain(text: str) -> Query:
    """The query for these words as they stand, whatever they look like."""
    return Words(text) if text.strip() else Everything()


def looks_like_field(word: str) -> bool:
    """Whether a word is to be read as `name:value` or `#tag`. An address is not, nor a word before a colon."""
    from florilege.query.fields import FIELDS

    match = re.match(r"([A-Za-z]+):(.*)", word, re.DOTALL)
    if match is None:
        return len(word) > 1 and word.startswith("#")
    return match[1].casefold() in FIELDS or (match[2] != "" and not match[2].startswith("//"))


def all_of(queries: Iterable[Query]) -> Query:
    """What matches all of these: flat, each part once; blank ones ask nothing."""
    parts = tuple(dict.fromkeys(part for query in queries for part in query.conjuncts))
    if len(parts) > 1:
        return All(parts)
    return parts[0] if parts else Everything()


def any_of(queries: Iterable[Query]) -> Query:
    """A query for what matches any of these, flat, each part once. If one is blank, it matches everything."""
    parts = tuple(dict.fromkeys(part for query in queries for part in query.alternatives))
    if not parts or any(part.is_blank for part in parts):
        return Everything()
    return Or(parts) if len(parts) > 1 else parts[0]


def none_of(query: Query) -> Query:
    """A query for what does not match this one; of a blank one, a query that can be typed and matches nothing."""
    return Not(Field("is", "any") if query.is_blank else query)


def leaves(query: Query) -> Iterator[Query]:
    """The parts that are asked for and not excluded, in the order they were written."""
    match query:
        case All(parts) | Or(parts):
            for part in parts:
                yield from leaves(part)
        case Not() | Everything():
            return
        case _:
            yield query


def needs_text(query: Query) -> bool:
    """Whether the text of an item must be known to answer; else what a list shows of it is enough."""
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
    """What the text of every item that answers must hold, folded; the longest first, for that is the rarest."""
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
    """The predicate of a query: everything that can be worked out once is worked out here."""
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
    """Whether each of these passes."""

    def test(subject: "Subject") -> bool:
        for one in tests:  # noqa: SIM110 -- a loop costs half of what `all` with a generator does
            if not one(subject):
                return False
        return True

    return test


def quoted(text: str) -> str:
    """Text between quotation marks, to be read as it stands."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def spans(query: Query, line: str, field: str | None = None) -> list[tuple[int, int]]:
    """Where the plain words and phrases of a query stand in a line: (start, end) in its characters, in order, apart.

    Words are found as they match, without regard to accents, case, ligatures or kinds of space; the places are those
    of the line as given. Excluded words (`-word`) are not marked.

    Args:
        query: What was asked.
        line: A title, a quote, a note, as shown.
        field: `title`, `quote` or `note` when the line is one: then the values of that field are marked too.
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
    """What to look for, folded. Remembered, for it is asked for every line shown."""
    texts = [
        leaf.value if isinstance(leaf, Field) else leaf.text
        for leaf in leaves(query)
        if isinstance(leaf, Words) or (isinstance(leaf, Field) and leaf.name == field)
    ]
    return tuple(dict.fromkeys(needle for needle in map(search_key, texts) if needle.strip()))


def _joined(found: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans in order with those that touch or overlap made one."""
    joined: list[tuple[int, int]] = []
    for start, end in found:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
