"""What the reader asks for: text -> `Query` -> predicate. One value drives find box, tags, smart groups and CLI.

Pure: no clock, no storage, no Textual. `language` is the grammar, `fields` its one table of fields, and `bounding` says
what can be answered before all of an item is known.
"""

from florilege.query.bounding import Bounds, Question, bounds, depth_of, narrows
from florilege.query.fields import FIELDS, Depth, FieldRule, Part, Status, folded_name, folded_tag
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
from florilege.query.rows import Mask, Rows, Together
from florilege.query.subject import Predicate, Subject, searchable
from florilege.query.together import Between, between

__all__ = [
    "FIELDS",
    "All",
    "Any_",
    "Between",
    "Bounds",
    "Depth",
    "Everything",
    "Field",
    "FieldRule",
    "Has",
    "Is",
    "Mask",
    "Not",
    "Part",
    "Phrase",
    "Predicate",
    "Query",
    "QueryError",
    "Question",
    "Rows",
    "Status",
    "Subject",
    "Together",
    "Words",
    "all_of",
    "any_of",
    "between",
    "bounds",
    "depth_of",
    "folded_name",
    "folded_tag",
    "narrows",
    "none_of",
    "parse",
    "plain",
    "searchable",
    "spans",
]
