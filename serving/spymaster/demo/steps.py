"""What the demonstration is doing, on a terminal and in a file."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from spymaster_ingest.console import err, out

# seconds of each model in the demonstration's build, on two cores
_SECONDS = Path(__file__).with_name("model_seconds.csv")
# where nobody sees the screen change, every so much is a line
_LINE_SHARE = 0.25


def step(title: str, action: Callable[[], object]) -> None:
    """Show a title while an action runs, and a line when it is done."""
    with err.status(title):
        action()
    out.print(f"done: {title}", markup=False)


@contextmanager
def step_with_progress(title: str) -> Iterator[Callable[[str, float | None], None]]:
    """Like `step`; yields a function that shows how far the step is: its words and its share."""
    shown = 0.0
    with err.status(title) as status:

        def report(words: str, share: float | None) -> None:
            nonlocal shown
            status.update(f"{title}: {words}")
            if not err.is_terminal and share is not None and share >= shown + _LINE_SHARE:
                shown = share
                err.print(f"{title}: {words}", markup=False)

        yield report
    out.print(f"done: {title}", markup=False)


def expected_seconds() -> dict[str, float]:
    """Return the seconds of each model of the demonstration's build, by unique id of dbt."""
    with _SECONDS.open(encoding="utf-8", newline="") as stream:
        return {
            f"model.spymaster.{row['model']}": float(row["seconds"])
            for row in csv.DictReader(stream)
        }
