"""Set-up for every test."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from support.clocks import Clock
from support.loopback import Loopback

for variable in [name for name in os.environ if name.lower().endswith("_proxy") or name == "FLORILEGE_DEBUG"]:
    del os.environ[variable]
os.environ["TEXTUAL_COLOR_SYSTEM"] = "truecolor"  # for the app without a terminal, whichever terminal the tests run in

# Tests do not cut the power, except on simulated disks, and waiting for the real disk took a tenth of their time.
# Processes they start do wait for it.
os.fsync = os.fdatasync = lambda fd: None

# How long an example takes to generate says something about the machine, not about us.
settings.register_profile("florilege", deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", settings.get_profile("florilege"), max_examples=150)  # used by `make torture`
settings.load_profile("florilege")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Keep the ids of tests with long texts short."""
    return argname if isinstance(val, str | bytes) and len(val) > 80 else None


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()
