"""Turns the terminal's input into events. No input ends the app: what can't be understood is ignored.

Textual's own driver ends the app on a byte that is not UTF-8 (textual#6456), on a mouse report in the old encoding
right of column 95 (textual#6668) and on keys with sub-parameters, and types unknown sequences as if they were keys.
Here the bytes are first cut into sequences; Textual's parser is given one complete sequence at a time, and is replaced
when it fails. The parser is private to Textual; tests in `tests/terminal/test_bytes.py` notice when it changes.
"""

import os
import re
import select
import signal
import time
from collections.abc import Iterator

from textual import constants, events
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

_MODES = "\x1b[?1000h\x1b[?1003h\x1b[?1015h\x1b[?1006h\x1b[?2004h"
"""Mouse reports as Textual requests them, and bracketed paste: modes that a newly attached terminal does not have."""
_PIXELS = "\x1b[?1016h"
_LOOK_UP = 0.1
"""Seconds between two checks of whether the reading thread should end."""
_QUITTING = 4.0
"""Seconds that the app has to quit once the terminal is gone."""
_LONGEST = 64
"""Bytes of the longest sequence that means anything."""
_MOST, _MOST_PASTED = 16 * 1024, 1024 * 1024
"""Most bytes buffered while waiting for the end of their sequence, or of their paste."""
_PASTE_PAUSE = 2.0
"""Seconds of silence after which a paste without an end marker is taken to be complete."""
_PASTE, _PASTE_END = b"\x1b[200~", b"\x1b[201~"
_FOCUS = b"\x1b[I"
_OLD_MOUSE = b"\x1b[M"
_SEQUENCE = re.compile(
    rb"\x1b\[M[\s\S]{3}"  # a mouse report in the old encoding: any three bytes
    rb"|\x1b\[\[[A-E]"  # function keys of the Linux console
    rb"|\x1b\[[0-?]*[ -/]*[@-LN-Z\\-~]|\x1b\[[0-?]+[ -/]*M"  # CSI
    rb"|\x1bO[ -~]"  # SS3
    rb"|\x1b[\]P^_][^\x07\x1b]*(?:\x07|\x1b\\)"  # strings: replies to queries
    rb"|\x1b(?=\x1b)"
)
_STRING = re.compile(rb"\x1b[\]P^_].")
_OPEN = re.compile(rb"\x1b(?:\[(?:M[\s\S]{0,2}|[0-?]*[ -/]*|\[)|O|[\]P^_][^\x07\x1b]*\x1b?)?\Z")
"""The beginning of a sequence that may not be complete yet."""
_CHARACTER = re.compile(rb"[\x00-\x7f]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_CUT = re.compile(rb"(?:[\xc2-\xf4]|[\xe0-\xf4][\x80-\xbf]|[\xf0-\xf4][\x80-\xbf]{2})\Z")
"""A character of which some bytes are still to come."""


class TerminalInput:
    """Turns the bytes of a terminal into events. Incomplete sequences are buffered; `flush` says that no more come."""

    def __init__(self) -> None:
        self._parser = XTermParser()
        self._bytes = b""
        self._is_pasting = False
        self.must_ask = False
        """Whether the terminal has forgotten its modes (how to send mouse reports and pastes), or may have."""

    @property
    def modes(self) -> str:
        """The escape sequences that set the modes again that were set at the start."""
        return _MODES + (_PIXELS if self._parser.mouse_pixels else "")

    @property
    def patience(self) -> float:
        """Seconds to wait for more bytes before treating those that have come as complete."""
        return _PASTE_PAUSE if self._is_pasting else constants.ESCAPE_DELAY

    def feed(self, data: bytes) -> Iterator[Message]:
        """Yield the events of some more bytes."""
        self._bytes += data
        yield from self._events(is_final=False)

    def flush(self) -> Iterator[Message]:
        """Yield the events of buffered bytes: an escape key, a key with alt. An incomplete sequence yields none."""
        yield from self._events(is_final=True)

    def _events(self, *, is_final: bool) -> Iterator[Message]:
        waiting, at = self._bytes, 0
        while at < len(waiting):
            if self._is_pasting:
                end = waiting.find(_PASTE_END, at)
                if end < 0 and not is_final and len(waiting) - at < _MOST_PASTED:
                    break
                self._is_pasting = end < 0 and not is_final
                end = len(waiting) if end < 0 else end
                yield events.Paste(waiting[at:end].decode("utf-8", "replace").replace("\x00", ""))
                at = end + len(_PASTE_END)
                continue
            end = self._end(waiting, at, is_final=is_final or len(waiting) - at > _MOST)
            if end < 0:
                break
            yield from self._understood(waiting[at:end])
            at = end
        self._bytes = waiting[at:]

    @staticmethod
    def _end(data: bytes, at: int, *, is_final: bool) -> int:
        """Where the key or sequence that begins at `at` ends; -1 when more of it may come."""
        if data[at] == 0x1B:
            if found := _SEQUENCE.match(data, at):
                return found.end()
            if _OPEN.match(data, at):
                return len(data) if is_final else -1
            at += 1  # a key with alt
        if found := _CHARACTER.match(data, at):
            return found.end()
        return -1 if _CUT.match(data, at) and not is_final else at + 1

    def _understood(self, sequence: bytes) -> Iterator[Message]:
        """The events of one key or sequence; none if it means nothing."""
        if sequence == _PASTE:
            self._is_pasting = True
        elif sequence == b"\x1b":
            yield events.Key("escape", "\x1b")
        elif sequence.startswith(_OLD_MOUSE):
            self.must_ask = True
        elif len(sequence) <= _LONGEST and not _STRING.match(sequence):
            self.must_ask |= sequence == _FOCUS
            text = sequence.decode("utf-8", "replace")
            if "\ufffd" not in text:
                yield from self._parsed(text) or self._with_alt(text)

    def _with_alt(self, text: str) -> list[Message]:
        if len(text) != 2 or text[0] != "\x1b":
            return []
        return [_alt(event) if isinstance(event, events.Key) else event for event in self._parsed(text[1])]

    def _parsed(self, text: str) -> list[Message]:
        """What Textual makes of a complete sequence. A parser that failed, or waits for more, is replaced."""
        try:
            found = list(self._parser.feed(text))
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            found = []
        found = [event for event in found if not isinstance(event, events.Resize) or event.size]  # 0 cells are no size
        if not found:
            fresh = XTermParser()
            for kept in ("last_x", "last_y", "mouse_pixels", "terminal_size", "terminal_pixel_size"):
                setattr(fresh, kept, getattr(self._parser, kept))
            self._parser = fresh
        return found


def _alt(event: events.Key) -> events.Key:
    """A key pressed with alt, under Textual's name for it."""
    key = f"shift+{event.key.lower()}" if len(event.key) == 1 and event.key.isupper() else event.key
    return events.Key(f"alt+{key}", event.character)


class Terminal(LinuxDriver):
    """Textual's driver for terminals, reading through `TerminalInput`."""

    _is_suspended = False

    def run_input_thread(self) -> None:
        """Read and dispatch events until told to stop, or until the terminal is gone."""
        source = TerminalInput()
        last_input = time.monotonic()
        while not self.exit_event.is_set():
            if not select.select([self.fileno], [], [], min(_LOOK_UP, source.patience))[0]:
                if time.monotonic() - last_input >= source.patience:
                    self._dispatch(source, source.flush())
                continue
            try:
                data = os.read(self.fileno, 4096)
            except OSError:
                data = b""
            if not data:  # as when the terminal's window is closed
                os.kill(os.getpid(), signal.SIGHUP)
                if not self.exit_event.wait(_QUITTING):  # what is drawn may wait for the terminal for ever
                    os._exit(1)  # marks are saved before they show, so none is lost
                return
            last_input = time.monotonic()
            self._dispatch(source, source.feed(data))

    def _dispatch(self, source: TerminalInput, found: Iterator[Message]) -> None:
        for event in found:
            self.process_message(event)
        if source.must_ask:
            source.must_ask = False
            self.write(source.modes)

    def suspend_application_mode(self) -> None:
        """Hand the terminal back to its previous owner, such as the shell."""
        self._is_suspended = True
        super().suspend_application_mode()

    def resume_application_mode(self) -> None:
        """Take over the terminal again, first handing it back if the app was stopped from outside (`kill -STOP`)."""
        if not self._is_suspended:
            super().suspend_application_mode()
        self._is_suspended = False
        super().resume_application_mode()
        self.send_message(self.SignalResume())
