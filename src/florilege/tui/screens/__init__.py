"""The screens: they compose panes and route messages. Deciding is the state's, looking is the rows'."""
