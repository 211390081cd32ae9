"""What the reader asks for: text -> `Query` -> predicate. One value drives find box, tags, smart groups and CLI.

Pure: no clock, no storage, no Textual. `language` is the grammar, `fields` its one table of fields, and `bounding` says
what can be answered before all of an item is known.
"""

from florilege.query.bounding import Bounds, Question, bounds, depth_of, narrows
from florilege.query.fields import FIELDS, Depth, FieldRule, Part, Status
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
from florilege.query.subject import Predicate, Subject, outline, searchable

__all__ = [
    "FIELDS",
    "All",
    "Any_",
    "Bounds",
    "Depth",
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
    "Question",
    "Status",
    "Subject",
    "Words",
    "all_of",
    "any_of",
    "bounds",
    "depth_of",
    "narrows",
    "none_of",
    "outline",
    "parse",
    "plain",
    "searchable",
    "spans",
]
