"""The screens: they compose panes and route messages. Deciding is the desk's, looking is the rows'."""
