"""`python -m tests.torture`: what can happen to a library, thousands of times, and whether anything is lost."""

import argparse
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))


def main() -> int:
    """Say what was done; the exit code is 1 when something was lost."""
    from support.torturing import BYTES, torture

    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--kills", type=int, default=3000, help="processes killed with SIGKILL (default: 3000)")
    parser.add_argument("--cuts", type=int, default=3000, help="power cuts, each at another byte (default: 3000)")
    parser.add_argument("--faults", type=int, default=1000, help="steps at which the disk fails (default: 1000)")
    parser.add_argument("--bytes", type=int, default=3000, help="bytes overwritten (default: 3000)")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30), help="for what is done at random")
    wanted = parser.parse_args()
    started = time.monotonic()
    times = {"kills": wanted.kills, "power cuts": wanted.cuts, "disk faults": wanted.faults, BYTES: wanted.bytes}
    report = torture(times, seed=wanted.seed)
    sys.stdout.write(f"{report}\nseed: {wanted.seed}\nseconds: {time.monotonic() - started:.0f}\n")
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
