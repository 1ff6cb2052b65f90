"""Kernels of the level engines.

- ``largest_sweeps``: the largest sweep of a window is one of many runs of prints, which the window
  cuts.
- ``signal_states``: a score is smoothed, and its signal must hold: each second continues the one
  before it.
- ``path_derivatives``: a cubic fitted to the path of the mid before an event.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from spymaster_engine.door.kernel import Kernel
from spymaster_engine.door.tables import arrays, columns, in_order_of
from spymaster_engine.engine_columns import (
    DERIVATIVES,
    MIDS,
    PATHS,
    PRINTS,
    SCORES,
    SIGNALS,
    SWEEPS,
)

_SIGNAL_SETTINGS = (
    "tau_s",
    "hold_s",
    "break_min",
    "reject_max",
    "contested_low",
    "contested_high",
)


def _largest_sweeps(
    prints: pa.RecordBatch, seconds: pa.Array, settings: dict[str, int]
) -> dict[str, np.ndarray]:
    from spymaster_engine.kernels.engines import largest_sweeps, no_prints

    in_order = in_order_of(prints, "trade_no", PRINTS)
    return largest_sweeps(no_prints(), in_order, seconds.to_numpy(), **settings)[1]


def _signal_states(scores: pa.RecordBatch, settings: dict[str, Any]) -> dict[str, pa.Array]:
    from spymaster_engine.kernels.engines import signal_states, unknown_levels

    rows = arrays(scores)
    limits = {name: settings[name] for name in _SIGNAL_SETTINGS[:4]}
    contested = settings["contested_low"], settings["contested_high"]
    levels = unknown_levels(rows["level_no"].max(initial=-1) + 1)
    _, score, signal = signal_states(levels, rows, contested=contested, **limits)
    is_unknown = signal < 0
    return {
        "score_smooth": pa.array(score, mask=is_unknown),
        "signal": pa.array(SIGNALS).take(pa.array(signal, mask=is_unknown)),
    }


def _path_derivatives(
    mids: pa.RecordBatch, paths: pa.RecordBatch, settings: dict[str, Any]
) -> dict[str, pa.Array]:
    from spymaster_engine.kernels.engines import path_derivatives

    found = path_derivatives(arrays(mids), arrays(paths), **settings)
    # nan is not known
    return {name: pa.array(found[name], from_pandas=True) for name in DERIVATIVES}


ENGINE_KERNELS = (
    Kernel(
        "largest_sweeps",
        inputs={
            # trade_no is the order
            "prints": columns(("trade_no", *PRINTS)),
            "seconds": pa.list_(pa.int64()),
            "settings": pa.struct(columns(("window_s", "gap_ns"))),
        },
        outputs={"sweeps": columns(SWEEPS)},
        run=_largest_sweeps,
    ),
    Kernel(
        "signal_states",
        inputs={
            # by rising second
            "scores": pa.schema([*columns(SCORES[:-1]), (SCORES[-1], pa.float64())]),
            "settings": pa.struct(columns(_SIGNAL_SETTINGS, pa.float64())),
        },
        outputs={"signals": pa.schema([("score_smooth", pa.float64()), ("signal", pa.string())])},
        run=_signal_states,
    ),
    Kernel(
        "path_derivatives",
        inputs={
            # by rising second
            "mids": columns(MIDS),
            "paths": columns(PATHS),
            "settings": pa.struct([("valid_share_min", pa.float64()), ("lag_s", pa.int64())]),
        },
        outputs={"derivatives": columns(DERIVATIVES, pa.float64(), nullable=DERIVATIVES)},
        run=_path_derivatives,
    ),
)
