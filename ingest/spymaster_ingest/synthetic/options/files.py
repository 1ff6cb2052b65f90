"""The files of a day's options: the vendor's schemas, and the truth."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from spymaster_ingest.synthetic.dbn_files import DbnWriter
from spymaster_ingest.synthetic.event_records import trades_of
from spymaster_ingest.synthetic.options.option_days import OptionDay, option_pieces
from spymaster_ingest.synthetic.options.statistics import OptionStatistics
from spymaster_ingest.synthetic.options.truth import write_option_truth
from spymaster_ingest.synthetic.recording import Recording

# Requested name of a schema, and the vendor's name.
OPTION_SCHEMAS = {
    "option-mbo": "mbo",
    "option-trades": "trades",
    "option-bbo-1s": "bbo-1s",
    "option-statistics": "statistics",
}


def write_options(
    frame: OptionDay,
    changes: tuple[np.ndarray, np.ndarray],
    writers: Mapping[str, DbnWriter],
    truth_dir: Path | None,
) -> None:
    """Write a day's option files piece by piece.

    Args:
        frame: the day.
        changes: the future's mid price, as ``UnderlyingPath.changes`` returns it.
        writers: writer of each wanted name of OPTION_SCHEMAS.
        truth_dir: raw store beside which the truth is written; None leaves it out.
    """
    statistics = OptionStatistics(frame)
    recording = Recording(frame.market, frame.day)
    seconds = np.zeros(0)
    for piece in option_pieces(frame, *changes):
        statistics.add(piece.records)
        recorded = recording.keep({"mbo": piece.records, "bbo-1s": piece.quotes})
        recorded["trades"] = trades_of(recorded["mbo"])
        for name, schema in OPTION_SCHEMAS.items():
            if name in writers and schema in recorded:
                writers[name].write(recorded[schema])
        seconds = piece.seconds
    if "option-statistics" in writers:
        writers["option-statistics"].write(statistics.records())
    if truth_dir is not None:
        write_option_truth(truth_dir, frame, seconds)
