"""The end of a live run: its captured parts are sealed, and landed like files of the vendor."""

from __future__ import annotations

from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from spymaster_ingest.landing.land import Outcome

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


def land_run(lake: Lake, folder: RunFolder) -> list[str]:
    """Land the days of a sealed run; return what there is to say, a line each.

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
    return [*said, *report.notes]
