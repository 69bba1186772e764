"""The executables, called in this process: what is measured is what users run."""

import contextlib
import io
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from clrna.cli import encode, normalize, train


class Refused(Exception):
    """An executable ended with an error; the text is its message."""


def call(main: Callable[[Sequence[str]], int], *words: object) -> None:
    """Run an executable.

    Raises
    ------
    Refused
        It did not end with status 0.
    """
    log = io.StringIO()
    with contextlib.redirect_stderr(log):
        try:
            status = main([str(word) for word in words])
        except SystemExit as end:
            status = end.code
    if status != 0:
        last = log.getvalue().strip().splitlines()[-1:] or [f"status {status}"]
        raise Refused(re.sub(r"(?<!\S)/\S*/", "", last[0]))  # a file's name will do


def run_normalize(inputs: Sequence[Path], output: Path, *, threads: int) -> Path:
    """Merge files with ``clrna-normalize``."""
    call(normalize.main, *inputs, "-o", output, "--threads", threads, "--quiet")
    return output


def run_train(merged: Path, output: Path, *options: object, threads: int) -> Path:
    """Train with ``clrna-train``."""
    call(train.main, merged, "-o", output, *options, "--threads", threads, "--quiet")
    return output


def run_encode(samples: Path, model: Path, output: Path, *options: object, threads: int) -> Path:
    """Encode with ``clrna-encode``."""
    call(encode.main, samples, "-m", model, "-o", output, *options, "--threads", threads, "--quiet")
    return output
