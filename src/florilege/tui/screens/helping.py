"""What helps with typing: earlier searches, and the words that occur in the list. It changes nothing that is shown."""

from florilege.query.completing import Vocabulary, completions
from florilege.tui.screens.base import ReadingBase
from florilege.tui.widgets.prompt import Entries, Helper
from florilege.tui.world import World
from florilege.views.catalogue import Listed
from florilege.views.vocabulary import vocabulary

FIND = "find"


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
        self._list: list[Listed] = []
        self._known: Vocabulary | None = None

    def _look_at_list(self) -> None:
        """Take the list as it is before typing narrows it."""
        self._list, self._known = self.desk.rows, None

    def _vocabulary(self) -> Vocabulary:
        """The words of that list; gathered when they are first needed, for that takes a moment in a long one."""
        if self._known is None:
            self._known = vocabulary(self._list)
        return self._known
