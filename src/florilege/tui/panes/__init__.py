"""The content of each pane, as rows for the one list widget. They build lines; they read, fetch and decide nothing."""
