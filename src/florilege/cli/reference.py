"""`config` and `bindings`: where things are, what can be set, what the keys do. From the one registry of each."""

import click

from florilege.cli.outside import EXIT_DONE, Outside, library_option
from florilege.cli.voice import remark, tell
from florilege.commands import COMMANDS, as_markdown, keymap, shown
from florilege.config import describe


@click.command()
@library_option
@click.pass_obj
def config(outside: Outside) -> int:
    """Show where things are, and what can be set."""
    places = outside.places
    there = "" if places.config.exists() else "  (not there yet)"
    tell(f"settings  {places.config}{there}")
    tell(f"library   {places.library}")
    tell(f"session   {places.session}")
    tell(f"cache     {places.cache}")
    section = ""
    for line in describe():
        name, _, field = line.field.partition(".")
        if name != section:
            tell("")
            tell(f"[{name}]")
            section = name
        tell(f"{field} = {line.default}" if line.default else f"# {field} = {line.type}")
        tell(f"    # {line.sentence}")
        if line.default:
            tell(f"    # It takes {line.type}.")
    for warning in outside.config().warnings:
        remark(warning)
    return EXIT_DONE


@click.command()
@click.option("--markdown", is_flag=True, help="The keys as they come, as a table in Markdown.")
@library_option
@click.pass_obj
def bindings(outside: Outside, markdown: bool) -> int:
    """Show what the keys do, and the names to bind them by."""
    if markdown:
        for line in as_markdown(keymap()).splitlines():
            tell(line)
        return EXIT_DONE
    keys = keymap(outside.config().keys)
    labels = {each.id: " ".join(shown(key) for key in keys.of(each.id)) for each in COMMANDS}
    widest = max(len(label) for label in labels.values())
    longest = max(len(each.id) for each in COMMANDS)
    for each in COMMANDS:
        tell(f"{each.id:<{longest}}  {labels[each.id]:<{widest}}  {each.sentence}")
    for problem in keys.problems:
        remark(problem)
    return EXIT_DONE
