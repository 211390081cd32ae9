"""Widgets shared by the panes. They know rows, lines and styles; they know nothing of groups, items or highlights."""
