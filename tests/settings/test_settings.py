"""config.toml: the settings, and what an error in it costs."""

import tomllib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from florilege.settings import Config, Keeping, Look, Reading, Refresh, describe, load

Write = Callable[[str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_settings(text: str | bytes) -> Path:
        path = tmp_path / "config.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write_settings


def test_defaults_without_a_file(tmp_path: Path) -> None:
    assert load(tmp_path / "none.toml") == Config()


def test_every_setting_is_read(write: Write) -> None:
    config = load(
        write(
            """
            [reading]
            mark_after = 2
            mark_on_open = false
            mark_on_copy = false
            [refresh]
            every = "30m"
            on_start = false
            timeout = 5
            per_host = 1
            at_once = 4
            [look]
            theme = "nord"
            density = "compact"
            dates = "iso"
            [keys]
            copy-quote = "c"
            next-unread = ["n", " tab "]
            quit = []
            """
        )
    )

    assert replace(config, given={}) == Config(
        reading=Reading(mark_after=2.0, mark_on_open=False, mark_on_copy=False),
        refresh=Refresh(every=timedelta(minutes=30), on_start=False, timeout=5.0, per_host=1, at_once=4),
        look=Look(theme="nord", density="compact", dates="iso"),
        keys={"copy-quote": ("c",), "next-unread": ("n", "tab"), "quit": ()},
    )


def test_false_means_never(write: Write) -> None:
    config = load(write("[reading]\nmark_after = false\n[refresh]\nevery = false"))

    assert config.given == {"reading.mark_after": False, "refresh.every": False}
    assert replace(config, given={}) == Config(reading=Reading(mark_after=None), refresh=Refresh(every=None))


def test_zero_means_at_once(write: Write) -> None:
    assert load(write("[reading]\nmark_after = 0")).reading.mark_after == 0.0


def test_unknown_setting_is_reported_with_its_line_and_the_nearest_name(write: Write) -> None:
    path = write("# mine\n[reading]\nmark_afer = 2\nmark_on_open = false\n")

    config = load(path)

    assert config.warnings == (
        f"{path}, line 3: [reading] mark_afer is not known (did you mean mark_after?); it is left out.",
    )
    assert config.reading == Reading(mark_on_open=False)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[reding]\nmark_after = 1", "line 1: reding is not known (did you mean reading?)"),
        ("zzz = 1", "there are reading, refresh, look, copy, library, hooks, sync, source, keys"),
        ("reading = 1", "write [reading] on a line of its own"),
        ("keys = 'q'", "write [keys] on a line of its own"),
        ("[reading]\nmark_after = '1s'", "line 2: [reading] mark_after has to be a number of seconds, or false"),
        ("[reading]\nmark_after = true", "1.0 is used"),
        ("[reading]\nmark_after = -1", "a number of seconds"),
        ("[reading]\nmark_after = nan", "a number of seconds"),
        ("[reading]\nmark_on_open = 1", "has to be true or false"),
        ("[refresh]\nevery = 60", '"1h" is used'),
        ("[refresh]\nevery = '999999w'", "at most ten years"),
        ("[refresh]\nolder_pages = 0", "a whole number from 1 to 10000; 200 is used"),
        ("[refresh]\nper_host = 0", "a whole number from 1 to 10"),
        ("[refresh]\nper_host = true", "a whole number from 1 to 10"),
        ("[keys]\nevery = 'e'\n[refresh]\nevery = 60", "line 4: [refresh] every has to be"),
        ("[look]\ntheme = ''", "a name in quotes"),
        ("[look]\ndensity = 'tight'", '"comfortable" or "compact"'),
        ("[look]\ndates = []", '"short", "iso" or "relative"'),
        ("[keys]\nquit = 1", "[keys] quit has to be a key or a list of keys"),
        ("[keys]\nquit = ['q', '']", "[keys] quit"),
        ("[look]\n\"a\\u001b[31mb\" = 1", "[look] a[31mb is not known"),
    ],
)  # fmt: skip
def test_invalid_value_is_reported_and_its_default_used(write: Write, text: str, said: str) -> None:
    config = load(write(text))

    assert len(config.warnings) == 1
    assert said in config.warnings[0]
    assert all(name.startswith("keys.") for name in config.given)
    assert replace(config, keys={}, given={}) == Config(warnings=config.warnings)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[reading\n", "it is not TOML"),
        (b"a = 1\na = 2\n", "line 2"),
        (b"\xff\xfe\x00", "it is not UTF-8 text"),
        (b"a = " + b"[" * 100_000, "nested"),
    ],
)
def test_broken_file_gives_one_sentence_and_the_defaults(write: Write, content: bytes, said: str) -> None:
    config = load(write(content))

    assert len(config.warnings) == 1
    assert said in config.warnings[0]
    assert config == Config(warnings=config.warnings)


def test_folder_in_place_of_the_file_is_one_sentence(tmp_path: Path) -> None:
    assert "can't be opened" in load(tmp_path).warnings[0]


def test_byte_order_mark_is_no_error(write: Write) -> None:
    assert load(write(b"\xef\xbb\xbf[look]\ndates = 'iso'")).look.dates == "iso"


def test_reference_describes_every_setting_in_a_sentence() -> None:
    described = {line.field: line for line in describe()}

    assert {name.partition(".")[0] for name in described} == {
        "reading",
        "refresh",
        "look",
        "copy",
        "library",
        "hooks",
        "sync",
        "keys",
        "source",
    }
    assert described["reading.mark_after"].default == "1.0"
    assert all(line.sentence.endswith(".") and line.kind.words for line in described.values())


def test_defaults_of_the_reference_are_the_real_ones(write: Write) -> None:
    lines = [line for line in describe() if line.default]
    text = "\n".join(f"{line.field} = {line.default}" for line in lines)

    assert tomllib.loads(text)
    assert replace(load(write(text)), given={}) == Config()


def test_nothing_is_purged_by_default(write: Write) -> None:
    assert load(write("")).library == Keeping(keep_days=None, keep_items=None)
    assert load(write("[library]\nkeep_days = 90\nkeep_items = 500")).library == Keeping(keep_days=90, keep_items=500)
    assert load(write("[library]\nkeep_days = false")).library.keep_days is None
    wrong = load(write("[library]\nkeep_items = 0"))
    assert wrong.library == Keeping()
    assert "has to be a whole number from 1 to 1000000, or false" in wrong.warnings[0]
