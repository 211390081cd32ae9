"""What holds for every test."""

from hypothesis import HealthCheck, settings

# How long it takes to make an example says something about the machine, and nothing about us.
settings.register_profile("florilege", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("florilege")
