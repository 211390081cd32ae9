"""The pictures of the README, and what makes them and its generated parts. Not part of the program."""

import os

os.environ["TEXTUAL_COLOR_SYSTEM"] = "truecolor"  # whatever the terminal they are taken from can do
