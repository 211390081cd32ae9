"""`config` and `bindings`: where things are, what can be set, what the keys do. From the one registry of each."""

import click

from florilege.cli.outside import EXIT_DONE, Outside, library_option
from florilege.cli.voice import Style, paints, remark, tell, tell_painted
from florilege.commands import COMMANDS, as_markdown, keymap, shown
from florilege.settings import describe


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
    section, in_colour = "", paints(outside.environ)
    for line in describe():
        name, _, field = line.field.partition(".")
        if name != section:
            tell("")
            tell_painted([(f"[{name}]", Style.UNREAD)], in_colour=in_colour)
            section = name
        tell(f"{field} = {line.default}" if line.default else f"# {field} = {line.type}")
        tell_painted([(f"    # {line.sentence}", Style.FAINT)], in_colour=in_colour)
        if line.default:
            tell_painted([(f"    # It takes {line.type}.", Style.FAINT)], in_colour=in_colour)
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
    in_colour = paints(outside.environ)
    for each in COMMANDS:
        key = (f"  {labels[each.id]:<{widest}}  ", Style.UNREAD)
        tell_painted([(f"{each.id:<{longest}}", Style.PLAIN), key, (each.sentence, Style.FAINT)], in_colour=in_colour)
    for problem in keys.problems:
        remark(problem)
    return EXIT_DONE
