"""Opening a link by its number: digits choose one of the links in the texts of the open item, the next key opens it."""

from typing import ClassVar

from textual.binding import Binding, BindingType

from florilege.lists.links import all_links
from florilege.tui.screens.taking import Taking
from florilege.urls import site_of


class Numbering(Taking):
    """Numbers typed before the key that opens."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding(digit, f"number('{digit}')", show=False) for digit in "0123456789"]
    _number = ""
    """The digits typed so far."""
    _refused = ""
    """A number typed that no link has."""

    async def catch_up(self, action: str) -> None:
        """Forget the number when a key has come that it does not belong to."""
        if not action.startswith("number") and action != "open_page":
            self._number = self._refused = ""
        await super().catch_up(action)

    def action_number(self, digit: str) -> None:
        """Choose a link by one more digit of its number."""
        links = {link.number: link for link in (all_links(self.item) if self.item else ()) if link.number is not None}
        self._number, self._refused = (self._number + digit).lstrip("0"), ""
        if not links:
            self._number = ""
            self.say("No link in the texts of this item has a number.")
        elif link := links.get(int(self._number or 0)):
            key = self.world.keys.label("open-page")
            self.say(f"Link {self._number}: {link.label or link.url} ({site_of(link.url)}). {key} opens it.")
        elif self._number:
            self.say(f"There is no link {self._number}: the numbers go to {len(links)}.")
            self._number, self._refused = "", self._number

    def action_open_page(self) -> None:
        """Open the link whose number was typed; without one, the page."""
        number, self._number = self._number, ""
        refused, self._refused = self._refused, ""
        if refused:
            self.say(f"There is no link {refused}, so nothing was opened.")
            return
        links = all_links(self.item) if self.item and number else ()
        url = next((link.url for link in links if str(link.number) == number), None)
        if url is None or self.current is None:
            super().action_open_page()
        else:
            self.open_address(self.current, url)
