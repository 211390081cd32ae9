"""What the reader asks for: text -> `Query` -> predicate. One value drives find box, tags, saved searches and CLI.

Pure: no clock, no storage, no Textual. `language` is the grammar, `fields` its one table of fields, `arguments` what
becomes of a query on its way through a shell.
"""

from florilege.query.arguments import command_line, typed
from florilege.query.fields import FIELDS, FieldRule
from florilege.query.language import QueryError, parse
from florilege.query.nodes import (
    All,
    Everything,
    Field,
    Not,
    OneOf,
    Or,
    Query,
    Words,
    all_of,
    any_of,
    needles,
    needs_text,
    none_of,
    plain,
)
from florilege.query.places import spans
from florilege.query.subject import Predicate, Section, Subject, own_words, searchable, searchable_sections

__all__ = [
    "FIELDS",
    "All",
    "Everything",
    "Field",
    "FieldRule",
    "Not",
    "OneOf",
    "Or",
    "Predicate",
    "Query",
    "QueryError",
    "Section",
    "Subject",
    "Words",
    "all_of",
    "any_of",
    "command_line",
    "needles",
    "needs_text",
    "none_of",
    "own_words",
    "parse",
    "plain",
    "searchable",
    "searchable_sections",
    "spans",
    "typed",
]
