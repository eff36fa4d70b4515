"""Where the tests' ports are, for settings that must not import models."""

PORTS_NAME = "tests.foundation.inbox_ports.PORTS"
