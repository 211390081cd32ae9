"""A query as the arguments of a command, and back: what a shell takes away of quotation marks is put back."""

import re
import shlex
from collections.abc import Iterable

from florilege.query.fields import FIELDS
from florilege.query.nodes import Or, Query, quoted

_FIELD = re.compile(r"(-?(?:[A-Za-z]+:|#))(.*)", re.DOTALL)


def typed(arguments: Iterable[str]) -> str:
    """The arguments of a command as the text of a query, as it would be typed in the find box.

    An argument with a space in it stood in quotation marks, which the shell took away: it is a phrase, and behind a
    field the value of that. One that says more than a phrase can (a field, quotation marks, parentheses, a part with a
    minus) is a query and stays as it is.
    """
    return " ".join(map(_typed, arguments))


def command_line(query: Query, command: str = "list") -> str:
    """`florilege list tag:lecture -tag:papier`, fit for a shell."""
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
    """Whether a word is more than one of a phrase."""
    match = _FIELD.match(word)
    return bool(re.search(r'[()"“”„«»]|^-.', word)) or (match is not None and match[2] != "" and _is_field(match[1]))
