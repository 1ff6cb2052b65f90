"""Terminal output: results go to stdout, progress and errors to stderr."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
)

# a file or a pipe has no width: tables must not be cut to 80 columns there
_WIDTH_ELSEWHERE = 160


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr, soft_wrap=True, highlight=False)
    if not console.is_terminal:
        console.width = _WIDTH_ELSEWHERE
    return console


out = _console(stderr=False)
err = _console(stderr=True)


def progress(*, unit: str = "") -> Progress:
    """Return a progress bar on stderr that is silent when stderr is not a terminal."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeRemainingColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )


def is_interactive() -> bool:
    """Return True when someone can answer a question on stdin."""
    return sys.stdin.isatty()
