"""What goes beyond reading one item after the other, together: the screen is made of it."""

from florilege.tui.screens.hands import Hands
from florilege.tui.screens.numbering import Numbering
from florilege.tui.screens.peeking import Peeking
from florilege.tui.screens.selecting import Selecting
from florilege.tui.screens.sifting import Sifting


class Further(Numbering, Selecting, Sifting, Peeking, Hands):
    """Numbered links, selecting, the groups pane, long items, peeking, the same page by many hands."""
