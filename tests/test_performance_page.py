"""The performance page has the rows of the goals; the figures themselves are not tested."""

from pathlib import Path

from bench.goals import GOALS, LIMITS

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"


def test_performance_page_has_a_row_for_each_goal() -> None:
    cells = [
        [cell.strip() for cell in line.split("|")[1:4]] for line in PAGE.read_text("utf-8").splitlines() if "|" in line
    ]
    rows = {name: what for name, what, _ in cells[2:]}
    assert rows == {name: goal.what for name, goal in GOALS.items()}


def test_reasons_belong_to_goals() -> None:
    assert LIMITS.keys() <= GOALS.keys()
