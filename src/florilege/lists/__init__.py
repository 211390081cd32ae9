"""What is shown, as plain values: places, lists of items, tags with counts, dates in words. No Textual, no widgets.

`places` says what can be chosen in the groups pane, `catalogue` reads the library and answers what a place holds,
`river` puts the highlights of a list in parts.
"""
