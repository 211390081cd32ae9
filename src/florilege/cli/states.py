"""What was read and starred, taken to another machine by itself: `export --only-state`, and `import` of such a file."""

from pathlib import Path

from florilege.cli.exporting import put_into
from florilege.cli.outside import EXIT_DONE, Outside
from florilege.cli.voice import remark, tell, tell_raw
from florilege.store import decode_states, encode_states
from florilege.text import counted


def export_states(outside: Outside, output: str, *, force: bool) -> int:
    """Write the reading states of all groups to a file, or to standard output (`-`)."""
    groups = outside.library("florilege export").export_states()
    text = encode_states(groups, outside.clock())
    if output == "-":
        tell_raw(text.encode())
        return EXIT_DONE
    put_into(Path(output), [text], force=force)
    states = sum(len(group.states) for group in groups)
    remark(f"{counted(states, 'reading state')} of {counted(len(groups), 'group')} written to {output}")
    return EXIT_DONE


def import_states(outside: Outside, data: bytes, *, dry_run: bool) -> int | None:
    """Take in such a file, and say what that changed. None when it is something else.

    Raises:
        FlorilegeError: It is damaged, or of a later version.
    """
    file = decode_states(data)
    if file is None:
        return None
    result = outside.library("florilege import").import_states(file.groups, dry_run=dry_run)
    would = "would be " if dry_run else ""
    tell(
        f"{counted(result.changed, 'reading state')} {would}taken over, {result.unchanged} known already, "
        f"{result.unknown} of items that are not here"
    )
    return EXIT_DONE
