"""The command line: the composition root. It alone puts the rooms together; everything a reader types arrives here.

What a command needs is imported inside the command, so that `--version`, `groups` and `list` load neither Textual nor
httpx nor feedparser. Nothing is decided here that another room could decide: words go in, values come out, as lines.
"""

from florilege.gc_paused import gc_paused

with gc_paused():  # nothing that is loaded goes: looking through it again and again took a tenth of the start
    from florilege.cli.entry import main

__all__ = ["main"]
