"""`python -m tests.torture`: everything that can happen to florilege, thousands of times."""

import argparse
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from support import mutation, odd_servers, patterns, terminal_bytes, torturing
from support.trials import HEAD, tried

TRIALS = {
    "kills": (torturing.killed, 3_000, 0.3, "processes killed with SIGKILL"),
    "power cuts": (torturing.cut, 3_000, 0.1, "power cuts, each at another byte"),
    "disk faults": (torturing.failed, 1_000, 0.1, "steps at which the disk fails"),
    "damaged bytes": (torturing.damaged, 3_000, 0.15, "bytes of a library overwritten"),
    "documents": (mutation.documents, 10_000, 0.2, "documents by mutation of every sample"),
    "worst strings": (patterns.worst, 100_000, 0.05, "strings for the regular expressions, all of them at most"),
    "terminal bytes": (terminal_bytes.sent, 2_000, 0.04, "strings of bytes at random, besides those recorded"),
    "odd servers": (odd_servers.fetched, 400, 0.06, "answers that drip, never end, explode, are reset or absurd"),
}
"""The trials by name: function, number of tries, share of the time, and description."""


def main() -> int:
    """Print what was done; the exit code is 1 when something went wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    for what, (_, times, _, meaning) in TRIALS.items():
        parser.add_argument(
            f"--{what.replace(' ', '-')}", type=int, default=times, help=f"{meaning} (default: {times})"
        )
    parser.add_argument("--minutes", type=float, default=8, help="the whole, at most; rows end early (default: 8)")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30), help="for what is done at random")
    given = vars(parser.parse_args())
    began = time.monotonic()
    sys.stdout.write(f"{HEAD}\n")
    rows = []
    for what, (trial, _, part, _) in TRIALS.items():
        seconds = 60 * given["minutes"] * part
        rows.append(tried(what, trial, given[what.replace(" ", "_")], seed=given["seed"], seconds=seconds))
        sys.stdout.write("\n".join((str(rows[-1]), *rows[-1].failures, "")))
    sys.stdout.write(
        f"records checked: {sum(row.checked for row in rows):,}\nseed: {given['seed']}\n"
        f"seconds: {time.monotonic() - began:.0f}\n"
    )
    return 1 if any(row.failures for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
