"""A clock that a test sets and moves."""

from datetime import UTC, datetime, timedelta


class Clock:
    """Call it for the time, which is fixed until moved."""

    def __init__(self, moment: datetime = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def move(self, **by: float) -> None:
        """Advance by the arguments of `timedelta`: `clock.move(hours=1)`."""
        self.moment += timedelta(**by)
