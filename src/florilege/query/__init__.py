"""What the reader asks for: text -> `Query` -> predicate. One value drives find box, tags, smart groups and CLI.

Pure: no clock, no storage, no Textual. `language` is the grammar, `fields` its one table of fields.
"""

from florilege.query.fields import FIELDS, FieldRule, Part, Status
from florilege.query.language import QueryError, parse
from florilege.query.nodes import (
    All,
    Any_,
    Everything,
    Field,
    Has,
    Is,
    Not,
    Phrase,
    Query,
    Words,
    all_of,
    any_of,
    none_of,
    plain,
)
from florilege.query.places import spans
from florilege.query.subject import Predicate, Subject, searchable

__all__ = [
    "FIELDS",
    "All",
    "Any_",
    "Everything",
    "Field",
    "FieldRule",
    "Has",
    "Is",
    "Not",
    "Part",
    "Phrase",
    "Predicate",
    "Query",
    "QueryError",
    "Status",
    "Subject",
    "Words",
    "all_of",
    "any_of",
    "none_of",
    "parse",
    "plain",
    "searchable",
    "spans",
]
