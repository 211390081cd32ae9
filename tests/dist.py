"""`make dist`: build wheel and sdist twice, check that both builds are identical, and try them.

The wheel is installed into an empty environment of every Python found (3.11 to 3.14), where a file is added and listed.
The sdist is unpacked, and tests are run from it.
"""

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

_ROOT = Path(__file__).parent.parent
_VERSIONS = ("3.11", "3.12", "3.13", "3.14")


def main() -> None:
    """Build, compare and try; the results are left in `dist/`."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first, second = _built(folder / "first"), _built(folder / "second")
        for one, other in zip(first, second, strict=True):
            if one.read_bytes() != other.read_bytes():
                raise SystemExit(f"{one.name} is not the same when it is built again.")
        wheel, sdist = sorted(first, key=lambda path: path.suffix != ".whl")
        for python in _pythons():
            _try_wheel(wheel, python, folder)
        _try_sdist(sdist, folder)
        (_ROOT / "dist").mkdir(exist_ok=True)
        for path in first:
            shutil.copy(path, _ROOT / "dist")
            _say(f"dist/{path.name}: {path.stat().st_size:,} bytes, built twice alike")


def _built(folder: Path) -> list[Path]:
    date = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=_ROOT, capture_output=True, text=True, check=False)
    environ = {**os.environ, "SOURCE_DATE_EPOCH": date.stdout.strip() or "315532800"}
    _run([sys.executable, "-m", "build", "--outdir", str(folder), str(_ROOT)], environ)
    return sorted(folder.iterdir())


def _pythons() -> Iterator[Path]:
    """The interpreters found on the PATH; of each version the first one that runs."""
    for version in _VERSIONS:
        found = shutil.which(f"python{version}")
        if found and subprocess.run([found, "--version"], capture_output=True, check=False).returncode == 0:
            yield Path(found)
        else:
            _say(f"Python {version}: not found here")


def _try_wheel(wheel: Path, python: Path, folder: Path) -> None:
    """Install the wheel alone, add a file and list it."""
    made = folder / python.name
    _run([str(python), "-m", "venv", str(made)])
    _run([str(made / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(wheel)])
    home = folder / f"home-{python.name}"
    home.mkdir()
    environ = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"}
    command = str(made / "bin/florilege")
    _run([command, "add", str(_ROOT / "tests/samples/diigo_group.rss")], environ)
    listed = _run([command, "list"], environ)
    if "Lire en marge" not in listed:
        raise SystemExit(f"{python.name}: the wheel lists {listed!r}")
    _say(f"{python.name}: the wheel installs, adds and lists")


def _try_sdist(sdist: Path, folder: Path) -> None:
    """Run the tests of modules without outside effects from the unpacked sdist."""
    with tarfile.open(sdist) as archive:
        archive.extractall(folder / "sdist", filter="data")
    (unpacked,) = (folder / "sdist").iterdir()
    environ = {**os.environ, "PYTHONPATH": str(unpacked / "src")}
    _run([sys.executable, "-m", "pytest", "-q", "tests/query", "tests/merge"], environ, unpacked)
    _say("the sdist's tests run")


def _run(command: list[str], environ: dict[str, str] | None = None, folder: Path | None = None) -> str:
    done = subprocess.run(command, env=environ, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}\n{done.stderr}")
    return done.stdout


def _say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")


if __name__ == "__main__":
    main()
