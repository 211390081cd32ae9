"""Refreshing: many groups at once, each fetched, parsed, decided on and stored; results as they come.

It composes the rooms below it and holds their order: items before the validators that vouch for them, one write at a
time, and never an exception where one source's trouble is meant. No HTTP, no formats, no screen.
"""

from florilege.refresh.refresher import Refresher
from florilege.refresh.results import OnStep, Result, Stage, Step
from florilege.refresh.sources import is_due, is_file, next_due

__all__ = ["OnStep", "Refresher", "Result", "Stage", "Step", "is_due", "is_file", "next_due"]
