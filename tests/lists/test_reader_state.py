"""ReaderState under any sequence of actions: counts match the rows, the cursor is on one of them."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from florilege.lists.loaded_group import Order
from florilege.lists.places import Place, PlaceKind
from florilege.lists.reader_state import Aspect, ReaderState, View
from florilege.marking import Mark
from florilege.query.language import parse
from florilege.query.nodes import Everything
from support.reading import NOW, entry, give, small_library

GROUPS = {
    "Alpha": [entry("one", day=4, tags=("ink",)), entry("two", day=3), entry("three", day=2)],
    "Beta": [entry("one more", day=3), entry("two more", day=1, tags=("ink", "paper"))],
}
QUERIES = ("", "one", "more", "is:unread", "tag:ink", "nothing like it")


class Reading(RuleBasedStateMachine):
    """What a reader may do, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.library = small_library(Path(self.folder.name), GROUPS)
        self.state = ReaderState(self.library, clock=lambda: NOW)
        self.shown: list[Aspect] = []
        self.state.on_change = self.shown.append
        self.saved: list[View] = []
        self.came = 0
        groups = [Place(PlaceKind.GROUP, group.id) for group in self.library.groups()]
        tag = Place(PlaceKind.TAG, groups[0].group, "ink")
        self.places = [Place(PlaceKind.UNREAD), Place(PlaceKind.STARRED), Place(PlaceKind.EVERYTHING), *groups, tag]
        self.open(0)

    def teardown(self) -> None:
        """Remove the library."""
        self.library.close()
        self.folder.cleanup()

    @rule(which=st.integers(0, 5))
    def open(self, which: int) -> None:
        """Open a place."""
        place = self.places[which]
        self.state.close()
        cursor = self.state.last_cursor(place)
        self.state.open(place, Everything(), self.state.listing(place), cursor=cursor)

    @rule(text=st.sampled_from(QUERIES))
    def filter(self, text: str) -> None:
        """Filter the list."""
        place, query = self.state.place, parse(text)
        cursor = self.state.current.key if self.state.current else None
        self.state.open(place, query, self.state.listing(place, query), cursor=cursor)

    @rule(text=st.sampled_from(QUERIES), everywhere=st.booleans())
    def find(self, text: str, everywhere: bool) -> None:
        """Start finding and show the results."""
        self.saved.append(self.state.saved_view())
        place = Place(PlaceKind.EVERYTHING) if everywhere else self.state.place
        finding = self.state.new_search(place, parse(text)).to_the_end()
        self.state.open(place, parse(text), self.state.listing_of(finding))

    @rule()
    def never_mind(self) -> None:
        """Cancel finding."""
        if self.saved:
            self.state.restore(self.saved.pop())

    @rule()
    def refresh(self) -> None:
        """New items arrive and the list is read again."""
        self.came += 1
        group = self.library.groups()[self.came % 2]
        give(self.library, group.id, [entry(f"new {self.came}", day=5 + self.came % 20)])
        self.state.catalogue.forget(group.id)
        place, query = self.state.place, self.state.query
        found = self.state.listing(place, query, refreshed=True)
        before = self.state.current
        self.state.open(place, query, found, part=Aspect.ROWS)
        assert before is None or (self.state.current is not None and self.state.current.key == before.key)

    @rule(steps=st.integers(-3, 3))
    def move(self, steps: int) -> None:
        """Move the cursor."""
        self.state.go_to(self.state.position + steps)

    @rule(forward=st.booleans())
    def next_unread(self, forward: bool) -> None:
        """Go to the next unread item and check that it is one."""
        jump = self.state.next_unread(forward=forward)
        if jump is None:
            return
        if jump.place != self.state.place:
            self.state.open(jump.place, Everything(), self.state.listing(jump.place))
        self.state.go_to(self.state.view.place_of(jump.item))
        assert self.state.current is not None
        assert not self.state.state_of(self.state.current).is_read

    @rule(mark=st.sampled_from(list(Mark)), which=st.sampled_from(["current", "chosen", "list"]))
    def mark(self, mark: Mark, which: str) -> None:
        """Mark the item, the selection or the list."""
        current = [self.state.current] if self.state.current else []
        rows = {"current": current, "chosen": self.state.selected_rows, "list": self.state.rows}[which]
        before = [row.key for row in self.state.rows]
        self.state.changes.mark(rows, mark, bulk=which == "list")
        self.state.follow()
        place, query = self.state.place, self.state.query
        assert set(before) <= {row.key for row in self.state.listing(place, query, refreshed=True).rows}

    @rule(text=st.sampled_from(QUERIES), mark=st.sampled_from(list(Mark)))
    def glance(self, text: str, mark: Mark) -> None:
        """Find something, mark it, and go back."""
        self.find(text, True)
        self.mark(mark, "list")
        self.never_mind()

    @rule()
    def undo(self) -> None:
        """Undo a step."""
        self.state.changes.undo()
        self.state.follow()

    @rule(upto=st.booleans())
    def select(self, upto: bool) -> None:
        """Select."""
        if upto:
            self.state.select_range()
        else:
            self.state.select()

    @rule()
    def clear(self) -> None:
        """Select nothing."""
        self.state.clear_selection()

    @rule(order=st.sampled_from(list(Order)))
    def sort(self, order: Order) -> None:
        """Sort the list another way."""
        self.state.order = order
        self.filter(str(self.state.query))

    @invariant()
    def what_is_shown_is_what_is_there(self) -> None:
        """Invariant: header and cursor agree with the rows."""
        state = self.state
        assert state.unread == sum(not state.state_of(row).is_read for row in state.rows)
        assert state.total == len(state.rows)
        assert -1 <= state.position < len(state.rows)
        assert (state.position == -1) == (not state.rows)
        assert set(state.view.selected) <= {row.key for row in state.listing(Place(PlaceKind.EVERYTHING)).rows}
        assert len(state.selected_rows) == len(state.view.selected)


Reading.TestCase.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
TestReading = Reading.TestCase
