"""The query language: text -> `Query` -> predicate. Used by the find box, tags, saved searches and the command line.

Pure: no clock, no storage, no Textual. `language` is the grammar, as typed in the find box and in a shell; `fields` is
the table of fields; `subject` is an item as a query sees it. Import names from their own modules: start-up only needs
`nodes`.
"""
