"""The command line, and composition root: only this package wires the others together.

Each command imports what it needs inside its function, so that `--version`, `groups` and `list` load neither Textual
nor httpx nor feedparser. There is no logic here that could live in another package: commands parse arguments, call
other packages, and print the values they return.
"""

from florilege.gc_paused import gc_paused

with gc_paused():  # imported modules are never freed; collecting meanwhile took a tenth of the start-up time
    from florilege.cli.start import main

__all__ = ["main"]
