"""The screen: the only room that knows Textual.

Screens compose widgets and route messages; they parse, fetch, store and format nothing.
"""
