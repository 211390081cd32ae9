"""Widgets shared by the panes. They know rows, lines and styles, but nothing of groups, items or highlights."""
