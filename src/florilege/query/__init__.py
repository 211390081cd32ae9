"""What the reader asks for: text -> `Query` -> predicate. One value drives find box, tags, saved searches and CLI.

Pure: no clock, no storage, no Textual. `language` is the grammar, in a line and in a shell, `fields` its one table of
fields, `subject` an item as a query sees it. Take a name from the module it stands in: a start needs `nodes` only.
"""
