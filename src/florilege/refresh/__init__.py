"""Refreshing: fetches, parses, merges and stores many groups concurrently, and yields results as they come.

It combines the packages below it and enforces their order: items are stored before the validators of their document,
with one write at a time. Problems with a single source are reported in results, never raised. No HTTP, no formats, no
screen.
"""

from florilege.refresh.add import AddRequest
from florilege.refresh.refresher import Refresher
from florilege.refresh.results import OnStep, Result, Stage, Step
from florilege.refresh.sources import is_due, is_file, next_due

__all__ = ["AddRequest", "OnStep", "Refresher", "Result", "Stage", "Step", "is_due", "is_file", "next_due"]
