"""The command registry, and the keys of commands under the reader's settings."""

import re

import pytest
from screenshots import documentation

from florilege.commands import COMMANDS, RESERVED, Scope, by_section, command, footer, keymap, shown


def test_ids_titles_and_descriptions_are_unique() -> None:
    for words in ([each.id for each in COMMANDS], [each.title for each in COMMANDS], [c.sentence for c in COMMANDS]):
        assert len(set(words)) == len(words)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", each.id) for each in COMMANDS)
    assert not any(each.sentence.endswith(".") for each in COMMANDS)


def test_no_key_has_two_meanings_and_none_is_reserved() -> None:
    keys = [key for each in COMMANDS for key in each.keys]
    assert len(set(keys)) == len(keys)
    assert not set(keys) & {*RESERVED, "ctrl+j", "ctrl+o", "ctrl+s"}  # used by terminals and tmux


def test_default_keys_apply_without_settings() -> None:
    keys = keymap()
    assert keys.problems == ()
    assert {each.id: keys.of(each.id) for each in COMMANDS} == {each.id: each.keys for each in COMMANDS}


def test_setting_replaces_the_keys_of_a_command_and_an_empty_one_removes_them() -> None:
    keys = keymap({"star": ["f7", "f8", "f7"], "undo": []})
    assert (keys.of("star"), keys.of("undo"), keys.problems) == (("f7", "f8"), (), ())
    assert (keys.label("star"), keys.label("undo")) == ("f7 f8", "")


def test_key_taken_from_another_command_is_removed_there_and_reported() -> None:
    keys = keymap({"star": ["j", "n"]})
    assert (keys.of("star"), keys.of("down"), keys.of("next-unread")) == (("j", "n"), ("down",), ())
    assert keys.problems == (
        'Keys: j is "star" now, as set in [keys]; "down" keeps ↓.',
        'Keys: n is "star" now, as set in [keys]; "next-unread" has no key left.',
    )


def test_key_taken_from_a_command_with_its_own_setting_is_not_reported() -> None:
    keys = keymap({"star": ["j"], "down": ["down"]})
    assert (keys.of("star"), keys.of("down"), keys.problems) == (("j",), ("down",), ())


def test_footer_leaves_out_inapplicable_commands() -> None:
    assert footer(Scope.ITEMS, keymap(), lambda each: each.id == "help") == [("?", "help")]


@pytest.mark.parametrize(
    ("written", "spelt"), [("/", "slash"), ("?", "question_mark"), (",", "comma"), ("_", "underscore"), (" ", "space")]
)
def test_key_may_be_written_as_the_character_it_types(written: str, spelt: str) -> None:
    keys = keymap({"star": [written]})
    assert keys.of("star") == (spelt,)
    assert all(spelt not in keys.of(each.id) for each in COMMANDS if each.id != "star")


@pytest.mark.parametrize(
    ("wishes", "sentence"),
    [
        ({"stra": ["f"]}, 'Keys: there is no command "stra". Did you mean "star"?'),
        ({"xyzzy": ["f"]}, 'Keys: there is no command "xyzzy".'),
        ({"star": ["hello"]}, 'Keys: "hello", given to "star", is not a key.'),
        ({"star": ["ctrl+q"]}, 'Keys: ctrl+q can\'t be given to "star": it always quits.'),
        ({"star": ["f1"], "undo": ["f1"]}, 'Keys: f1 was given to both "star" and "undo"; "star" keeps it.'),
        (
            {"star": ["/"], "undo": ["slash"], "find": []},
            'Keys: / was given to both "star" and "undo"; "star" keeps it.',
        ),
    ],
)
def test_invalid_key_setting_is_reported_in_a_sentence(wishes: dict[str, list[str]], sentence: str) -> None:
    assert keymap(wishes).problems == (sentence,)


def test_misspelt_key_removes_none() -> None:
    assert keymap({"star": ["ctlr+s"]}).of("star") == command("star").keys


def test_footer_of_every_pane_ends_with_help_and_has_no_key_twice() -> None:
    for pane in (Scope.GROUPS, Scope.ITEMS, Scope.ANNOTATIONS):
        keys = [key for key, _ in footer(pane, keymap())]
        assert len(set(keys)) == len(keys)
        assert keys[-1] == shown(command("help").keys[0])


def test_every_command_is_in_the_table_of_keys() -> None:
    table = documentation.keys()
    assert all(each.sentence in table for each in COMMANDS)
    assert sum(len(commands) for _, commands in by_section()) == len(COMMANDS)


@pytest.mark.parametrize("key", ["*", "-", "+", "_", "@", "/", "!", "\\", "~", "é", "x"])
def test_key_is_shown_as_the_character_it_types(key: str) -> None:
    (spelt,) = keymap({"star": [key]}).of("star")
    assert shown(spelt) == key


def test_unknown_command_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        command("nothing")
