"""The end of a live run: its captured parts are sealed, and landed like files of the vendor."""

from __future__ import annotations

import datetime as dt

from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from spymaster_ingest.landing.begun import remove_begun
from spymaster_ingest.landing.land import Outcome, landing_lock

from spymaster.live.run_folder import RunFolder
from spymaster.live.seal import MANIFEST, land_captured, seal


def seal_run(folder: RunFolder, reason: str | None) -> None:
    """Seal the parts of a run that are not sealed yet, also those of a process that was killed.

    Args:
        folder: of the run.
        reason: why the run stopped before its feed did; None where it did not.
    """
    for part in folder.whole_captures:
        if not (part / MANIFEST).exists():
            seal(part, reason)


def land_run(lake: Lake, folder: RunFolder, day: dt.date) -> list[str]:
    """Land the days of a sealed run; return what there is to say, a line each.

    Args:
        lake: the target.
        folder: of the run.
        day: UTC date of the run, whose sources without a record leave nothing behind.

    Raises:
        SpymasterError: A file cannot be landed; what was captured is kept.
    """
    said: list[str] = []
    errors: list[SpymasterError] = []

    def take(outcome: Outcome) -> None:
        if isinstance(outcome, SpymasterError):
            errors.append(outcome)
        else:
            said.append(outcome.line())

    report = land_captured(lake, folder.whole_captures, on_outcome=take)
    if errors:
        raise errors[0]
    with landing_lock(lake):
        remove_begun(lake, day)
    return [*said, *report.notes]
