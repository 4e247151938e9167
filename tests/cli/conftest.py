"""The fixtures that all tests of the command line use."""

from tests.cli.commands import command

__all__ = ["command"]
