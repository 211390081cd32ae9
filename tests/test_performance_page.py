"""The page of figures has the rows of the goals; what the figures are is no matter of a test."""

from pathlib import Path

from bench.goals import GOALS, LIMITS

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"


def test_the_page_of_figures_has_a_row_for_each_goal() -> None:
    cells = [
        [cell.strip() for cell in line.split("|")[1:4]] for line in PAGE.read_text("utf-8").splitlines() if "|" in line
    ]
    rows = {name: what for name, what, _ in cells[2:]}
    assert rows == {name: goal.what for name, goal in GOALS.items()}


def test_reasons_are_those_of_goals() -> None:
    assert LIMITS.keys() <= GOALS.keys()
