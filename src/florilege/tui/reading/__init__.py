"""The parts of the reading screen: its panes, and what it holds to mark, find, fetch, copy and arrange."""
