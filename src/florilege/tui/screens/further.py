"""What goes beyond reading one item after the other, together: the screen is made of it."""

from florilege.tui.screens.hands import Hands
from florilege.tui.screens.long_items import LongItems
from florilege.tui.screens.ordering import Ordering
from florilege.tui.screens.peeking import Peeking
from florilege.tui.screens.selecting import Selecting


class Further(Selecting, LongItems, Peeking, Hands, Ordering):
    """Selecting, long items, peeking, the same page by many hands, the groups pane."""
