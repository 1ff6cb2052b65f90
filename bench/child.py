"""One measurement in one process: ``python -m bench.child CASE INPUT TINY`` (inputs as JSON)."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from bench.cases import CASES
from bench.inputs import Input
from bench.measure import Stopwatch, pin, warm


def main(case: str, given: str, tiny: str) -> None:
    """Run a case and print its result as one line of JSON."""
    pin()
    day, small = _input(given), _input(tiny)
    warm(day.mbo)
    if day.part is not None:
        warm(day.part)
    clock = Stopwatch()
    CASES[case](day, small, clock)
    clock.report(day.records)


def _input(text: str) -> Input:
    fields = json.loads(text)
    part = fields["part"]
    return Input(
        key=fields["key"],
        mbo=Path(fields["mbo"]),
        folder=Path(fields["folder"]),
        records=fields["records"],
        part=Path(part) if part else None,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
