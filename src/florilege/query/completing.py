"""Completion of a query's last word: field names and their values. Pure: known values are passed in."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from florilege.query.fields import FIELDS
from florilege.query.nodes import Field
from florilege.text import search_key

_SPANS = ("7d", "2w", "3m", "1y")
_LEAST = 2
"""Minimum length of a plain word to be completed to a field name."""
_TOKEN = re.compile(
    r'(?P<before>.*(?:^|[\s(])-?|^-?)(?:(?P<field>[A-Za-z]+):(?P<quote>")?)?(?P<value>[^\s()":]*)$', re.DOTALL
)
_HASH = re.compile(r"(^|[\s(-])#([^\s()\":]*)$")
_QUOTED = re.compile(r'(?P<before>.*(?:^|[\s(])-?|^-?)(?P<field>[A-Za-z]+):(?P<quote>")(?P<value>[^"]*)$', re.DOTALL)


Vocabulary: TypeAlias = Mapping[str, Sequence[str]]
"""Possible values of the fields `tag`, `by`, `group` and `site`, most frequent first."""


def completions(text: str, known: Vocabulary) -> list[str]:
    """Completions of the whole text, likeliest first; empty if nothing fits or the text is already complete.

    Args:
        text: What has been typed so far, up to the cursor.
        known: The known field values.
    """
    text = _HASH.sub(r"\1tag:\2", text)
    is_open = text.count('"') % 2 == 1
    match = (_QUOTED if is_open else _TOKEN).match(text)
    if match is None:
        return []
    before, field, value = match["before"], match["field"], match["value"]
    if field is None:
        names = [f"{name}:" for name in FIELDS] if len(value) >= _LEAST else []
        return [before + name for name in names if name.startswith(value.casefold()) and name != value]
    field = field.casefold()
    if field not in FIELDS:
        return []
    written = (
        _written(field, value, candidate, quoted=bool(match["quote"])) for candidate in _fitting(field, value, known)
    )
    return [before + each for each in dict.fromkeys(written) if before + each != text]


def _fitting(field: str, value: str, known: Vocabulary) -> Iterable[str]:
    """The values that start with `value`; then, for `by`, `group` and `site`, those with a later word that does."""
    wanted = search_key(value)
    rest = []
    rule = FIELDS[field]
    for candidate in _SPANS if rule.is_dated else rule.choices or known.get(field, ()):
        folded = search_key(candidate)
        if folded.startswith(wanted):
            yield candidate
        elif wanted and field in {"by", "group", "site"} and re.search(rf"\b{re.escape(wanted)}", folded):
            rest.append(candidate)
    yield from rest


def _written(field: str, value: str, candidate: str, *, quoted: bool) -> str:
    """Format a field with a completed value, keeping the user's typing where it differs only in case and accents."""
    whole = str(Field(field, candidate))
    is_bare = not whole.endswith('"')
    if not is_bare and not quoted:
        return whole
    begun = candidate[: len(value)]
    if search_key(begun) == search_key(value):
        candidate = value + candidate[len(begun) :]
    if is_bare and not quoted:
        return f"{field}:{candidate}"
    return whole if "\\" in whole else f'{field}:"{candidate}"'
