"""An index of a library in which no vector differs from what is usual."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from spymaster_engine.statistics.retrieval import index_manifest
from spymaster_engine.statistics.retrieval.index_files import IndexSettings, read_index
from spymaster_engine.statistics.retrieval.normalise import robust_statistics
from support.retrieval_chance import HORIZON, N_CONTEXT, Episode, library_of


def test_a_single_vector_makes_an_empty_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is its own median, and so zero after scaling: there is nothing to find it by."""
    alone = Episode(day=3, distance_ticks=4, class_code=np.zeros(1), result_ticks=np.zeros(1))
    library = library_of([alone], np.random.default_rng(1))
    monkeypatch.setattr(index_manifest, "read_library", lambda *_: library)
    plan = {
        "vectors_path": "vectors",
        "rows_path": "rows",
        "n_context": N_CONTEXT,
        "root": "ES",
        "level_id": "all",
        "pool_level_ids": [],
        "approach_dir": "approach_up",
        "asof_dt": dt.date(1970, 1, 9),
    }
    settings = IndexSettings(label_horizon=HORIZON)
    row = index_manifest.index_row(plan, robust_statistics(library.vectors), tmp_path, settings)
    assert (row["n_vectors"], row["n_zero_vectors"], row["n_days"]) == (0, 1, 0)
    assert (row["first_dt"], row["last_dt"], row["max_label_share"]) == (None, None, None)
    assert read_index(tmp_path / row["index_path"]).ntotal == 0
    assert index_manifest.index_table([row]).num_rows == 1
