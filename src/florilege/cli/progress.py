"""How far long work has come: a bar on a terminal, nothing elsewhere. Only drawing; what is done is done elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from florilege.cli.output import speaks_to_terminal
from florilege.text import clean_line, counted

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from florilege.refresh import Step


@dataclass(frozen=True)
class Tally:
    """Counts what is done, and names what has begun."""

    bar: "Progress | None" = None
    """The bar, when there is somebody to see it."""
    task: "TaskID | None" = None

    def began(self, step: "Step") -> None:
        """Something has begun."""
        if self.bar is not None and self.task is not None:
            page = f", older page {step.page} ({counted(step.items, 'item')} so far)" if step.page else ""
            page = page or (f" ({counted(step.items, 'item')})" if step.items else "")
            self.bar.update(self.task, description=clean_line(f"{step.stage} {step.title}{page}"))

    def one_done(self) -> None:
        """One more is done."""
        if self.bar is not None and self.task is not None:
            self.bar.advance(self.task)


@contextmanager
def tallied(total: int) -> Iterator[Tally]:
    """A tally of so many, shown while it lasts. Results may be printed meanwhile; they appear above the bar."""
    if not speaks_to_terminal() or not total:
        yield Tally()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
    from rich.table import Column

    console = Console(stderr=True, markup=False, emoji=False, highlight=False)
    name = TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis"))
    columns = (BarColumn(24), MofNCompleteColumn(), TimeElapsedColumn(), name)
    with Progress(*columns, console=console, transient=True) as bar:
        yield Tally(bar, bar.add_task("", total=total))


@contextmanager
def progress_of(words: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar that is told how much more is done, named by these words; it is gone when the work is done or given up."""
    with tallied(total) as tally:
        bar, task = tally.bar, tally.task
        if bar is None or task is None:
            yield lambda _: None
            return
        bar.update(task, description=clean_line(words))
        yield lambda more: bar.advance(task, more)
