"""Times of which a file lacks records, in a file beside it: what captured it knows of them.

A file of the vendor has none: what is missing in it shows in its records alone.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from spymaster_ingest.durable import write_text
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.units import NS_PER_DAY

_SUFFIX = ".gaps.json"


def gaps_file(path: Path) -> Path:
    """Return the path of the gaps of a DBN file."""
    return path.with_name(f"{path.name}{_SUFFIX}")


def write_gaps(path: Path, gaps: Sequence[tuple[int, int]]) -> None:
    """Write the gaps of a DBN file beside it; without any, remove what is there.

    Args:
        path: of the DBN file.
        gaps: time of the last record before and of the first record after each, ns UTC.
    """
    if gaps:
        write_text(gaps_file(path), json.dumps([list(gap) for gap in gaps]) + "\n")
    else:
        gaps_file(path).unlink(missing_ok=True)


def gaps_of_day(path: Path, day: dt.date) -> list[dict[str, str]]:
    """Return the parts of a file's gaps that lie in a UTC day, as a manifest names them.

    Raises:
        SpymasterError: The file beside it holds no gaps.
    """
    beside = gaps_file(path)
    if not beside.exists():
        return []
    day_ns = int(np.datetime64(day, "ns").astype(np.int64))
    found = []
    try:
        for start_ns, end_ns in json.loads(beside.read_text(encoding="utf-8")):
            start_ns, end_ns = max(start_ns, day_ns), min(end_ns, day_ns + NS_PER_DAY)
            if start_ns < end_ns:
                times = (str(np.datetime64(time_ns, "ns")) for time_ns in (start_ns, end_ns))
                found.append(dict(zip(("start_ts", "end_ts"), times, strict=True)))
    except (ValueError, TypeError) as error:
        raise SpymasterError(beside, f"holds no gaps: {error}", "capture the day again") from error
    return found
