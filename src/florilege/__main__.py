"""`python -m florilege` is `florilege`."""

import sys

from florilege.cli import main

if __name__ == "__main__":
    sys.exit(main())
