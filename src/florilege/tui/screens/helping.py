"""What helps with typing: earlier searches, and words of the place one looks in. It changes nothing that is shown."""

from florilege.lists.catalogue import Listed
from florilege.lists.choices import vocabulary
from florilege.lists.places import Place
from florilege.query.completing import Vocabulary, completions
from florilege.store import LibraryError
from florilege.tui.screens.base import ReadingBase
from florilege.tui.screens.framing import FIND
from florilege.tui.widgets.prompt import Entries, Helper
from florilege.tui.world import World


class Helping(ReadingBase):
    """Lends the find box what it recalls and completes."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.finds = Entries(list(world.session.finds))
        """What was looked for, in this session and before."""
        self.find_helper = Helper(
            self.finds, lambda text: completions(text, self._vocabulary()), begin=self._look_at_list
        )
        self.prompt.help_with(FIND, self.find_helper)
        self._before_typing: tuple[Place, list[Listed]] | None = None
        """The place that was open when typing began, with all its items; None when only some of them were shown."""
        self._known: tuple[Place, list[Listed] | None, Vocabulary] | None = None
        """The words of a place; of which list, when it was a list that was shown."""

    def _look_at_list(self) -> None:
        """Take the list as it is before typing narrows it."""
        is_whole = self.desk.query.is_blank and self.desk.previewed is None
        self._before_typing = (self.desk.place, self.desk.rows) if is_whole else None
        if self._known is not None and (not is_whole or self._known[1] is not self.desk.rows):
            self._known = None

    def _vocabulary(self) -> Vocabulary:
        """The words of the place one looks in; gathered when they are first needed, for that takes a moment."""
        place = self.desk.place
        if self._known is None or self._known[0] != place:
            shown = self._before_typing[1] if self._before_typing and self._before_typing[0] == place else None
            try:
                self._known = place, shown, vocabulary(self.desk.listed(place) if shown is None else shown)
            except LibraryError:
                return Vocabulary()  # whoever looks for something is told
        return self._known[2]
