"""What the reader asks for: text -> `Query` -> predicate. One value drives find box, tags, saved searches and CLI.

Pure: no clock, no storage, no Textual. `language` is the grammar, `fields` its one table of fields, `arguments` what
becomes of a query on its way through a shell. Take a name from the module it stands in: a start needs `nodes` only.
"""
