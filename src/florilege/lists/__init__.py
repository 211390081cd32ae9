"""What the app displays, as plain values: places, lists of items, counts. No Textual, no widgets.

`places` defines what can be selected in the groups pane, `catalogue` reads the library and finds the items of a place,
`river` groups the highlights of a list.
"""
