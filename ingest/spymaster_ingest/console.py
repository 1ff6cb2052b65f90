"""Terminal output: results go to stdout, progress and errors to stderr.

Whatever is printed passes here, or through click after ``plain``: names of files and contracts come
from others and may hold characters that act on a terminal.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.segment import Segment
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.plain_text import plain

# a file or a pipe has no width: tables must not be cut to 80 columns there
_WIDTH_ELSEWHERE = 160


class PlainConsole(Console):
    """A console that writes no character of a text that acts on the terminal.

    Colours and the cursor of a progress bar are the console's own, and stay.
    """

    def print(self, *objects: Any, **options: Any) -> None:
        """Print as ``rich`` does.

        Raises:
            SpymasterError: The output cannot be written; nothing else is at fault.
        """
        try:
            super().print(*objects, **options)
        except BrokenPipeError:
            # the reader has seen enough; click ends the command
            raise
        except OSError as error:
            # what could not be written would be tried again
            del self._buffer[:]
            name = "standard error" if self.stderr else "standard output"
            raise SpymasterError(name, f"cannot be written: {error.strerror or error}") from error

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Yield segments of plain text."""
        for segment in super().render(renderable, options):
            if segment.control:
                yield segment
            else:
                yield Segment(plain(segment.text), segment.style)


def _console(*, stderr: bool) -> Console:
    console = PlainConsole(stderr=stderr, soft_wrap=True, highlight=False)
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
