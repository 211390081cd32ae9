r"""The grammar of queries, in one place: text -> tokens -> `Query`, by a small Pratt parser.

    query   = query "or" query | query ["and"] query | ("not" | "-") query | "(" query ")" | term
    term    = word | phrase | name ":" (word ["*"] | phrase ["*"])
    phrase  = '"' ... '"' | “...” | «...»     with \" and \\ inside

`not` binds closest, then being side by side, then `or`. A word in quotes is never an operator or a field.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum, auto

from florilege.model import FlorilegeError
from florilege.query.fields import FIELDS, FieldRule, Part, Status
from florilege.query.nodes import Everything, Field, Has, Is, Phrase, Query, all_of, any_of, looks_like_field, none_of
from florilege.query.nodes import plain as plain_words

_DEEPEST = 100
"""How deep parentheses and negations may go. Far beyond any use, far below what Python can recurse."""
_CLOSING = {'"': '"', "“": "”", "„": "“”", "«": "»"}
_SPACE = re.compile(r"\s*")
_RUN = re.compile(r'[^\s()"“”„«»]+')


class QueryError(FlorilegeError):
    """A query cannot be read. The text says what is wrong and what would be right."""

    def __init__(self, sentence: str, column: int) -> None:
        super().__init__(sentence)
        self.column = column
        """Where in the text, in characters from 0."""


class _Kind(Enum):
    """What a token is to the grammar."""

    TERM = auto()
    NOT = auto()
    AND = auto()
    OR = auto()
    OPEN = auto()
    CLOSE = auto()
    END = auto()


_BINDING = {_Kind.OR: 1, _Kind.AND: 2, _Kind.TERM: 2, _Kind.NOT: 2, _Kind.OPEN: 2}
"""How closely what follows binds to what stands before. A term, `not` or ( is joined by an unwritten `and`."""
_BINDING_OF_NOT = 3
_OPERATORS = {"and": _Kind.AND, "or": _Kind.OR, "not": _Kind.NOT}


@dataclass(frozen=True, slots=True)
class _Token:
    """One piece of the text."""

    kind: _Kind
    column: int
    text: str
    query: Query | None = None
    """What a term asks for."""


def parse(text: str) -> Query:
    """Read a query.

    Args:
        text: What the reader typed. Blank text asks nothing and gives `Everything()`.

    Raises:
        QueryError: It cannot be read; `column` says where.
    """
    return _Parser(list(_tokens(text))).whole()


class _Parser:
    """Pratt's way: how closely the next token binds decides whether it belongs to this expression."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._place = 0
        self._depth = 0

    @property
    def _next(self) -> _Token:
        return self._tokens[self._place]

    def _take(self) -> _Token:
        token = self._next
        self._place += 1
        return token

    def whole(self) -> Query:
        """The query that all of the text makes."""
        if self._next.kind is _Kind.END:
            return Everything()
        query = self._expression(0)
        if self._next.kind is _Kind.CLOSE:
            raise QueryError(
                'There is no ( for this ). To find a parenthesis, put it in quotes: ")".', self._next.column
            )
        return query

    def _expression(self, floor: int) -> Query:
        """The longest expression whose operators bind closer than `floor`."""
        query = self._operand()
        while (binding := _BINDING.get(self._next.kind, 0)) > floor:
            operator = self._next.kind
            if operator in {_Kind.OR, _Kind.AND}:
                self._take()
            right = self._expression(binding)
            query = any_of((query, right)) if operator is _Kind.OR else all_of((query, right))
        return query

    def _operand(self) -> Query:
        """A term, a negation, or something in parentheses."""
        token = self._take()
        if token.query is not None:
            return token.query
        if token.kind not in {_Kind.NOT, _Kind.OPEN}:
            raise self._missing(token)
        self._depth += 1
        if self._depth > _DEEPEST:
            raise QueryError(
                f"This is nested more than {_DEEPEST} deep: ask for it in fewer parentheses.", token.column
            )
        if token.kind is _Kind.NOT:
            query = none_of(self._expression(_BINDING_OF_NOT))
        else:
            query = self._expression(0)
            if self._take().kind is not _Kind.CLOSE:
                raise QueryError("This parenthesis is not closed: add a ).", token.column)
        self._depth -= 1
        return query

    def _missing(self, token: _Token) -> QueryError:
        """The error for a place where something to find should stand, and this token stands instead."""
        before = self._tokens[self._place - 2] if self._place > 1 else None
        if token.kind is _Kind.CLOSE and before is None:
            return QueryError('There is no ( for this ). To find a parenthesis, put it in quotes: ")".', token.column)
        if before is not None and before.kind is not _Kind.TERM:
            if before.kind is _Kind.OPEN:
                return QueryError("This parenthesis holds nothing: put something to find in it.", before.column)
            return QueryError(f"Something to find has to follow {before.text}, as in: {_usage(before)}.", before.column)
        return QueryError(f"Something to find has to stand before {token.text}, as in: {_usage(token)}.", token.column)


def _usage(token: _Token) -> str:
    """How an operator is used."""
    return "-paper" if token.text == "-" else "not paper" if token.kind is _Kind.NOT else f"ink {token.text} paper"


def _tokens(text: str) -> Iterator[_Token]:
    """The pieces of the text, an END last."""
    place = 0
    while (place := _after_space(text, place)) < len(text):
        token, place = _token(text, place)
        yield token
    yield _Token(_Kind.END, len(text), "the end")


def _after_space(text: str, place: int) -> int:
    match = _SPACE.match(text, place)
    return match.end() if match else place


def _token(text: str, start: int) -> tuple[_Token, int]:
    """The token that begins here, and where the next may begin."""
    character = text[start]
    if character in "()":
        return _Token(_Kind.OPEN if character == "(" else _Kind.CLOSE, start, character), start + 1
    if character in _CLOSING:
        phrase, end = _phrase(text, start)
        if not phrase.strip():
            raise QueryError("This phrase is empty: put something to find between the quotes.", start)
        return _Token(_Kind.TERM, start, text[start:end], Phrase(phrase)), end
    if character == "-" and not (start + 1 < len(text) and text[start + 1].isspace()):
        return _Token(_Kind.NOT, start, character), start + 1
    match = _RUN.match(text, start)
    if match is None:  # a closing quotation mark that closes nothing
        return _Token(_Kind.TERM, start, character, Phrase(character)), start + 1
    return _word(text, match)


def _word(text: str, match: re.Match[str]) -> tuple[_Token, int]:
    """The token of a run of characters: an operator, a field, or a plain word."""
    word, start, end = match[0], match.start(), match.end()
    if (operator := _OPERATORS.get(word.casefold())) is not None:
        return _Token(operator, start, word), end
    opens_value = word.endswith(":") and end < len(text) and text[end] in _CLOSING
    if looks_like_field(word) or (opens_value and looks_like_field(f"{word}x")):
        query, end = _field(text, match, opens_value and word.index(":") == len(word) - 1)
        return _Token(_Kind.TERM, start, text[start:end], query), end
    return _Token(_Kind.TERM, start, word, plain_words(word)), end


def _field(text: str, match: re.Match[str], is_quoted: bool) -> tuple[Query, int]:
    """The query of `name:value`, and where it ends."""
    name, _, value = match[0].partition(":")
    rule = _rule(name, match.start())
    end, column = match.end(), match.start() + len(name) + 1
    beginning = False
    if is_quoted:
        value, end = _phrase(text, end)
        if rule.beginnings and text[end : end + 1] == "*":
            beginning, end = True, end + 1
    elif rule.beginnings and value.endswith("*"):
        beginning, value = True, value[:-1]
    if not (beginning or rule.accepts(value)):
        raise QueryError(_refusal(rule, value), column if value.strip() else match.start())
    if rule.name == "is":
        return Is(Status(value.casefold())), end
    if rule.name == "has":
        return Has(Part(value.casefold())), end
    return Field(rule.name, value, beginning), end


def _rule(name: str, column: int) -> FieldRule:
    """The rule of the field with this name."""
    rule = FIELDS.get(name.casefold())
    if rule is None:
        near = get_close_matches(name.casefold(), FIELDS, 1, 0.5)
        known = f"did you mean {near[0]}:?" if near else f"there are {_listed([f'{field}:' for field in FIELDS])}"
        raise QueryError(f"There is no field {name}: ({known}). To find a word with a colon, put it in quotes.", column)
    return rule


def _refusal(rule: FieldRule, value: str) -> str:
    """Why this value cannot stand behind the colon, and what could."""
    if not value.strip():
        return f"{rule.name}: wants {rule.wants} right after the colon, as in: {rule.name}:{rule.example}."
    near = get_close_matches(value.casefold(), rule.choices, 1, 0.5)
    hint = f"; did you mean {rule.name}:{near[0]}?" if near else f", as in: {rule.name}:{rule.example}."
    return f"{rule.name}:{value} can't be read: {rule.name}: wants {rule.wants}{hint}"


def _phrase(text: str, start: int) -> tuple[str, int]:
    """The words between quotation marks that open at `start`, and where what follows begins."""
    closing = _CLOSING[text[start]]
    characters: list[str] = []
    place = start + 1
    while place < len(text) and text[place] not in closing:
        if text[place] == "\\" and text[place + 1 : place + 2] in {"\\", *closing}:
            place += 1
        characters.append(text[place])
        place += 1
    if place == len(text):
        raise QueryError(f"The phrase that opens here is not closed: add a {closing[0]}.", start)
    phrase = "".join(characters)
    return phrase.strip() if text[start] == "«" else phrase, place + 1


def _listed(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}"
