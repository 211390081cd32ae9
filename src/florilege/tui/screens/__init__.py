"""The screens: they compose panes and route messages. The state makes the decisions, rows determine appearance."""
