"""Errors that a user can cause. Each carries the exit status of the executables.

The text is one line that names the file, the column or the option, and how to mend it. Library
code raises these; ``clrna.cli.runtime`` prints them and exits.
"""

from clrna.constants import EXIT_DEVICE, EXIT_INPUT, EXIT_REMOTE, EXIT_UNEXPECTED, EXIT_USAGE


class ClrnaError(Exception):
    """Base of every error that ends an executable with one readable line."""

    exit_code: int = EXIT_UNEXPECTED


class UsageError(ClrnaError, ValueError):
    """The command line (or the YAML file of ``--config``), or a parameter in Python, asks for what makes no sense."""

    exit_code = EXIT_USAGE


class InputError(ClrnaError, ValueError):
    """A file, a column or the values in it are not what the step needs."""

    exit_code = EXIT_INPUT


class OutputError(ClrnaError):
    """An output cannot be written: its disk is full, or its quota is used up."""


class DeviceError(ClrnaError):
    """A device was asked for that is not there."""

    exit_code = EXIT_DEVICE


class RemoteError(ClrnaError):
    """A remote source failed, refused or sent something else than was promised."""

    exit_code = EXIT_REMOTE
