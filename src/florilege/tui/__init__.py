"""The terminal interface: the only package that imports Textual.

Screens compose widgets and route messages; they parse, fetch, store and format nothing.
"""
