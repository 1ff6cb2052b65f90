"""A build with workers whose jobs are noted: ``python -m bench.job_times FILE [ARGUMENT...]``."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from spymaster_ingest.lake import Lake
from spymaster_warehouse.build import build_and_publish
from spymaster_warehouse.jobs import progress
from spymaster_warehouse.jobs.job import Outcome

from bench.measure import peak_bytes


def main(file: str, *arguments: str) -> None:
    """Build the lake of the environment, and write the outcome of every job to a file."""
    jobs: list[dict[str, Any]] = []
    finish = progress.JobProgress.finish

    def note(self: progress.JobProgress, name: str, relation: str, outcome: Outcome) -> None:
        jobs.append({"name": name, "relation": relation, **outcome._asdict()})
        finish(self, name, relation, outcome)

    progress.JobProgress.finish = note  # type: ignore[method-assign]
    began = time.perf_counter()
    build_and_publish(Lake.from_environment(), arguments, command="spymaster build")
    wall_s = time.perf_counter() - began
    result = {"wall_s": wall_s, "peak_bytes": peak_bytes(), "jobs": jobs}
    Path(file).write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
