"""`python -m tests.torture`: kill florilege thousands of times, and see that nothing it had acknowledged is lost."""

import argparse
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))


def main() -> int:
    """Say what was done; the exit code is 1 when something was lost."""
    from support.torturing import torture

    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--kills", type=int, default=3000, help="processes killed with SIGKILL (default: 3000)")
    parser.add_argument("--cuts", type=int, default=3000, help="power cuts, each at another byte (default: 3000)")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30), help="for what is done at random")
    wanted = parser.parse_args()
    started = time.monotonic()
    report = torture(wanted.kills, wanted.cuts, seed=wanted.seed)
    sys.stdout.write(f"{report}\nseed: {wanted.seed}\nseconds: {time.monotonic() - started:.0f}\n")
    return 1 if report.losses else 0


if __name__ == "__main__":
    sys.exit(main())
