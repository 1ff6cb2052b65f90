"""The files of a day's options: the vendor's schemas, and the truth."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from spymaster_ingest.synthetic.dbn_files import DbnWriter
from spymaster_ingest.synthetic.feed import trades_of
from spymaster_ingest.synthetic.options.simulation import OptionDay, option_pieces
from spymaster_ingest.synthetic.options.statistics import OptionStatistics
from spymaster_ingest.synthetic.options.truth import write_option_truth
from spymaster_ingest.synthetic.recording import Recording

# What is asked for, and the vendor's name of it.
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
        writers: by names of OPTION_SCHEMAS, those that are wanted.
        truth_dir: raw store beside which the truth is written; None leaves it out.
    """
    statistics = OptionStatistics(frame)
    recording = Recording(frame.market, frame.day)
    seconds = np.zeros(0)
    for piece in option_pieces(frame, *changes):
        statistics.add(piece.records)
        told = recording.keep({"mbo": piece.records, "bbo-1s": piece.quotes})
        told["trades"] = trades_of(told["mbo"])
        for name, schema in OPTION_SCHEMAS.items():
            if name in writers and schema in told:
                writers[name].write(told[schema])
        seconds = piece.seconds
    if "option-statistics" in writers:
        writers["option-statistics"].write(statistics.records())
    if truth_dir is not None:
        write_option_truth(truth_dir, frame, seconds)
