r"""The query grammar: text -> tokens -> `Query`, by recursive descent.

    query       = conjunction ("or" conjunction)*
    conjunction = operand (["and"] operand)*
    operand     = ("not" | "-") operand | "(" query ")" | term
    term        = word | phrase | (name ":" | "#") (word ["*"] | phrase ["*"])
    phrase      = '"' ... '"' | “...” | «...»     with \" and \\ inside

`#paper` is `tag:paper`. A word in quotes is never an operator or a field. `typed` restores quotation marks removed by a
shell; `command_line` prints a query as a shell command.
"""

import re
import shlex
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

import msgspec

from florilege.model import FlorilegeError
from florilege.query.fields import FIELDS, FieldRule
from florilege.query.nodes import (
    RESERVED,
    Everything,
    Field,
    Or,
    Query,
    Words,
    all_of,
    any_of,
    looks_like_field,
    none_of,
    quoted,
)

_DEEPEST = 100
"""Maximum nesting of parentheses and negations. Far beyond any real use, far below Python's recursion limit."""
_MOST = 1000
"""Maximum number of terms in a query: each is evaluated for each item."""
_CLOSING = {'"': '"', "“": "”", "„": "“”", "«": "»"}
_UNOPENED = 'There is no ( for this ). To find a parenthesis, put it in quotes: ")".'
_RUN = re.compile(r'[^\s()"“”„«»]+')


class QueryError(FlorilegeError):
    """A query cannot be parsed. The message says what is wrong and how to correct it."""

    def __init__(self, sentence: str, column: int) -> None:
        super().__init__(sentence)
        self.column = column
        """The position of the error in the text, in characters from 0."""


class _Token(msgspec.Struct, frozen=True):
    """A token of the query text."""

    kind: str
    """`term`, `not`, `and`, `or`, `(`, `)` or `end`."""
    column: int
    text: str
    query: Query | None = None
    """The query of a term; None for other tokens."""


def parse(text: str) -> Query:
    """Parse a query.

    Args:
        text: What the user typed. Blank text gives `Everything()`.

    Raises:
        QueryError: The text is not a valid query; `column` says where.
    """
    tokens = list(_tokens(text))
    query = _Parser(tokens).whole()
    terms = [token for token in tokens if token.query is not None]
    if len(terms) > _MOST:
        raise QueryError(f"This asks for more than {_MOST} things: ask for fewer at once.", terms[_MOST].column)
    return query


class _Parser:
    """Recursive-descent parser over a list of tokens ending with END."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._place = 0
        self._depth = 0

    def _take(self) -> _Token:
        self._place += 1
        return self._tokens[self._place - 1]

    def whole(self) -> Query:
        """Parse the whole text."""
        query = self._query() if len(self._tokens) > 1 else Everything()
        if (token := self._tokens[self._place]).kind == ")":
            raise QueryError(_UNOPENED, token.column)
        return query

    def _query(self) -> Query:
        """Parse conjunctions separated by `or`; their operands are adjacent or separated by `and`."""
        conjunctions = [[self._operand()]]
        while (kind := self._tokens[self._place].kind) not in {")", "end"}:
            if kind == "or":
                conjunctions.append([])
            if kind in {"or", "and"}:
                self._take()
            conjunctions[-1].append(self._operand())
        return any_of(map(all_of, conjunctions))

    def _operand(self) -> Query:
        """Parse a term, a negation or a parenthesised query."""
        token = self._take()
        if token.query is not None:
            return token.query
        if token.kind not in {"not", "("}:
            raise self._missing(token)
        self._depth += 1
        if self._depth > _DEEPEST:
            raise QueryError(
                f"This is nested more than {_DEEPEST} deep: ask for it in fewer parentheses.", token.column
            )
        if token.kind == "not":
            query = none_of(self._operand())
        else:
            query = self._query()
            if self._take().kind != ")":
                raise QueryError("This parenthesis is not closed: add a ).", token.column)
        self._depth -= 1
        return query

    def _missing(self, token: _Token) -> QueryError:
        """The error for a token found where an operand was expected."""
        before = self._tokens[self._place - 2] if self._place > 1 else None
        if token.kind == ")" and before is None:
            return QueryError(_UNOPENED, token.column)
        if before is not None and before.kind != "term":
            if before.kind == "(":
                return QueryError("This parenthesis holds nothing: put something to find in it.", before.column)
            return QueryError(f"Something to find has to follow {before.text}, as in: {_usage(before)}.", before.column)
        return QueryError(f"Something to find has to stand before {token.text}, as in: {_usage(token)}.", token.column)


def _usage(token: _Token) -> str:
    """An example of how an operator is used."""
    return "-paper" if token.text == "-" else "not paper" if token.kind == "not" else f"ink {token.text} paper"


def _tokens(text: str) -> Iterator[_Token]:
    """The tokens of the text, ending with END."""
    place = 0
    while place < len(text):
        if text[place].isspace():
            place += 1
        else:
            token, place = _token(text, place)
            yield token
    yield _Token("end", len(text), "the end")


def _token(text: str, start: int) -> tuple[_Token, int]:
    """The token that starts at a position, and the position after it."""
    character = text[start]
    if character in "()":
        return _Token(character, start, character), start + 1
    if character in _CLOSING:
        phrase, end = _phrase(text, start)
        if not phrase.strip():
            raise QueryError("This phrase is empty: put something to find between the quotes.", start)
        return _Token("term", start, text[start:end], Words(phrase)), end
    if character == "-" and not (start + 1 < len(text) and text[start + 1].isspace()):
        return _Token("not", start, character), start + 1
    match = _RUN.match(text, start)
    if match is None:  # an unmatched closing quotation mark
        return _Token("term", start, character, Words(character)), start + 1
    return _word(text, match)


def _word(text: str, match: re.Match[str]) -> tuple[_Token, int]:
    """The token for a run of characters: an operator, a field or a plain word, and the position after it."""
    word, start, end = match[0], match.start(), match.end()
    if word.casefold() in RESERVED:
        return _Token(word.casefold(), start, word), end
    name, colon, value = ("tag", "#", word[1:]) if word.startswith("#") else word.partition(":")
    is_quoted = bool(colon) and not value and end < len(text) and text[end] in _CLOSING
    if looks_like_field(word) or (is_quoted and looks_like_field(f"{word}x")):
        column = end - len(value)
        query, end = _field(text, start, _rule(name, start), column, end, is_quoted=is_quoted)
        return _Token("term", start, text[start:end], query), end
    return _Token("term", start, word, Words(word)), end


def _field(text: str, start: int, rule: FieldRule, column: int, end: int, *, is_quoted: bool) -> tuple[Query, int]:
    """The query for `name:value`, with its value from `column` to `end`, and the position after it."""
    value, beginning = text[column:end], False
    if is_quoted:
        value, end = _phrase(text, end)
        if rule.beginnings and text[end : end + 1] == "*":
            beginning, end = True, end + 1
    elif rule.beginnings and value.endswith("*"):
        beginning, value = True, value[:-1]
    if not (beginning or rule.accepts(value)):
        raise QueryError(_refusal(rule, value), column if value.strip() else start)
    return Field(rule.name, value.casefold() if rule.choices else value, beginning), end


def _rule(name: str, column: int) -> FieldRule:
    """The rule of the field with this name; raises `QueryError` if there is none."""
    rule = FIELDS.get(name.casefold())
    if rule is None:
        near = get_close_matches(name.casefold(), FIELDS, 1, 0.5)
        known = f"did you mean {near[0]}:?" if near else f"there are {_listed([f'{field}:' for field in FIELDS])}"
        raise QueryError(f"There is no field {name}: ({known}). To find a word with a colon, put it in quotes.", column)
    return rule


def _refusal(rule: FieldRule, value: str) -> str:
    """The message for a value that a field does not accept, with a suggestion."""
    if not value.strip():
        return f"{rule.name}: wants {rule.wants} right after the colon, as in: {rule.name}:{rule.example}."
    near = get_close_matches(value.casefold(), rule.choices, 1, 0.5)
    hint = f"; did you mean {rule.name}:{near[0]}?" if near else f", as in: {rule.name}:{rule.example}."
    return f"{rule.name}:{value} can't be read: {rule.name}: wants {rule.wants}{hint}"


def _phrase(text: str, start: int) -> tuple[str, int]:
    """The content of the quoted phrase that opens at `start`, and the position after it."""
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


_FIELD = re.compile(r"(-?(?:[A-Za-z]+:|#))(.*)", re.DOTALL)


def typed(arguments: Iterable[str]) -> str:
    """Convert command-line arguments to query text as it would be typed in the find box.

    An argument with a space in it was quoted, and the shell removed the quotation marks: it is treated as a phrase or,
    after a field name, as the field's value. An argument containing more than a phrase can (a field, quotation marks,
    parentheses, a word with a minus) is taken as a query and left unchanged.
    """
    return " ".join(map(_typed, arguments))


def command_line(query: Query, command: str = "list") -> str:
    """The shell command for a query, quoted as needed: `florilege list tag:lecture -tag:papier`."""
    text = words = str(query)
    if not text:
        return f"florilege {command}"
    if any(shlex.quote(word) != word for word in text.split(" ")):
        one = [text] if _typed(text) == text else [f"({p})" if isinstance(p, Or) else str(p) for p in query.conjuncts]
        words = " ".join(map(shlex.quote, one))
    return f"florilege {command} {'-- ' if text.startswith('-') else ''}{words}"


def _typed(argument: str) -> str:
    match = _FIELD.fullmatch(argument)
    field, value = (match[1], match[2]) if match and _is_field(match[1]) else ("", argument)
    if len(value.split()) < 2 or any(map(_says_more, value.split())):
        return argument
    return field + quoted(value)


def _is_field(text: str) -> bool:
    return text.endswith("#") or text.strip("-:").casefold() in FIELDS


def _says_more(word: str) -> bool:
    """Whether a word uses query syntax, so that it cannot be part of a phrase."""
    match = _FIELD.match(word)
    return bool(re.search(r'[()"“”„«»]|^-.', word)) or (match is not None and match[2] != "" and _is_field(match[1]))
