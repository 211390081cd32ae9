"""httpx comes with the first request only."""

import subprocess
import sys


def test_naming_the_room_does_not_load_httpx() -> None:
    program = "import florilege.net, sys; print('httpx' in sys.modules)"

    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert said.strip() == "False"
