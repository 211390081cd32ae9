"""florilege: a terminal reader for shared, annotated links."""

__version__ = "0.1.0"
