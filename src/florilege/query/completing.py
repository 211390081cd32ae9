"""What the end of a query may become: names of fields, and values for them. Pure: the words known are given."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from florilege.query.fields import FIELDS
from florilege.query.nodes import Field
from florilege.text import search_key

_SPANS = ("7d", "2w", "3m", "1y")
_LEAST = 2
"""Letters of a plain word before it may be the name of a field."""
_TOKEN = re.compile(
    r'(?P<before>.*(?:^|[\s(])-?|^-?)(?:(?P<field>[A-Za-z]+):(?P<quote>")?)?(?P<value>[^\s()":]*)$', re.DOTALL
)
_HASH = re.compile(r"(^|[\s(-])#([^\s()\":]*)$")
_QUOTED = re.compile(r'(?P<before>.*(?:^|[\s(])-?|^-?)(?P<field>[A-Za-z]+):(?P<quote>")(?P<value>[^"]*)$', re.DOTALL)


Vocabulary: TypeAlias = Mapping[str, Sequence[str]]
"""What can stand behind the fields `tag`, `by`, `group` and `site`, the most frequent first."""


def completions(text: str, known: Vocabulary) -> list[str]:
    """The whole text with its end completed, the likeliest first; none when nothing fits, or it is complete already.

    Args:
        text: What has been typed so far, up to the cursor.
        known: What there is to choose from.
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
    """The values that begin with this; then, of names and sites, those in which a later word does."""
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
    """The field with its value; what was typed stays as it was typed where case and accents only differ."""
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
