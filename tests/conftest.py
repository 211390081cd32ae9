"""Options of the tests."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Know the options of our own."""
    parser.addoption(
        "--update-pictures",
        action="store_true",
        help="keep the pictures of the app as they are now (tests/tui/pictures)",
    )
