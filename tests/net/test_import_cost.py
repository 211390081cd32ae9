"""httpx loads with the first request only."""

import subprocess
import sys


def test_importing_the_package_does_not_load_httpx() -> None:
    program = "import florilege.net, sys; print('httpx' in sys.modules)"

    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert said.strip() == "False"
