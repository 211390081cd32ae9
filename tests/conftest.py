"""What holds for every test."""

import os

from hypothesis import HealthCheck, settings

os.environ["TEXTUAL_COLOR_SYSTEM"] = "truecolor"  # for the app without a terminal, whatever terminal the tests run in

# No power is cut while these tests run, but by disks of their own, and to wait for the real one took a tenth of their
# time. Processes that they start do wait.
os.fsync = os.fdatasync = lambda fd: None

# How long it takes to make an example says something about the machine, and nothing about us.
settings.register_profile("florilege", deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", settings.get_profile("florilege"), max_examples=150)  # make torture
settings.load_profile("florilege")
