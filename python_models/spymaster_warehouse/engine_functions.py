"""Plugin of dbt-duckdb: the kernels of the level engines as functions of SQL.

The largest sweep of a window is one of many runs of prints, which the window cuts.
``largest_sweeps(prints, seconds, settings)`` takes the prints of one partition as a list and
returns a run per second.

A score is smoothed, and its signal must hold: each second continues the one before it.
``signal_states(scores, settings)`` takes the rows of one partition as a list and returns a score
and a signal per row.

A cubic is fitted to the path of the mid before an event. ``path_derivatives(mids, paths,
settings)`` takes the mids and the paths of one partition as lists and returns derivatives per path.
Named in ``profiles.yml``.
"""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
from dbt.adapters.duckdb.plugins import BasePlugin
from spymaster_engine.engine_columns import (
    DERIVATIVES,
    MIDS,
    PATHS,
    PRINTS,
    SCORES,
    SIGNALS,
    SWEEPS,
)

from spymaster_warehouse.arrow_columns import numbers, register, values_of_lists

_SWEEP_SETTINGS = ("window_s", "gap_ns")
_SIGNAL_SETTINGS = (
    "tau_s",
    "hold_s",
    "break_min",
    "reject_max",
    "contested_low",
    "contested_high",
)


def largest_sweeps_of_lists(
    prints: pa.ChunkedArray, seconds: pa.ChunkedArray, settings: pa.ChunkedArray
) -> pa.Array:
    """Return a list of runs for every list of seconds.

    Args:
        prints: lists of structs of int64, by the names of ``PRINTS`` after ``trade_no``, their
            order.
        seconds: lists of int64, rising.
        settings: structs of int64, the keyword arguments of ``largest_sweeps``.
    """
    # imported when sweeps are built: it brings a compiler along
    from spymaster_engine.kernels.engines import largest_sweeps, no_prints

    columns = {name: [np.empty(0, np.int64)] for name in SWEEPS}
    lengths = [0]
    for of_prints, of_seconds, chosen in zip(
        values_of_lists(prints), values_of_lists(seconds), settings, strict=True
    ):
        in_order = np.argsort(numbers(of_prints, "trade_no"))
        taken = {name: numbers(of_prints, name)[in_order] for name in PRINTS}
        _, found = largest_sweeps(no_prints(), taken, of_seconds.to_numpy(), **chosen.as_py())
        for name, values in found.items():
            columns[name].append(values)
        lengths.append(len(of_seconds))
    arrays = [pa.array(np.concatenate(columns[name])) for name in SWEEPS]
    return _lists(lengths, pa.StructArray.from_arrays(arrays, list(SWEEPS)))


def signal_states_of_lists(scores: pa.ChunkedArray, settings: pa.ChunkedArray) -> pa.Array:
    """Return a list of smoothed scores and signals, NULL where unknown, for every list of scores.

    Args:
        scores: lists of structs by the names of ``SCORES``, by rising second.
        settings: structs of float64, the keyword arguments of ``signal_states``.
    """
    # imported when scores are built: it brings a compiler along
    from spymaster_engine.kernels.engines import signal_states, unknown_levels

    smoothed, signals, lengths = [np.empty(0)], [np.empty(0, np.int64)], [0]
    for of_scores, chosen in zip(values_of_lists(scores), settings, strict=True):
        rows = {
            name: of_scores.field(name).to_numpy(zero_copy_only=False).astype(kind)
            for name, kind in zip(SCORES, [*["int64"] * (len(SCORES) - 1), "float64"], strict=True)
        }
        limits = chosen.as_py()
        contested = limits.pop("contested_low"), limits.pop("contested_high")
        n_levels = rows["level_no"].max(initial=-1) + 1
        _, score, signal = signal_states(
            unknown_levels(n_levels), rows, contested=contested, **limits
        )
        smoothed.append(score)
        signals.append(signal)
        lengths.append(len(score))
    score, signal = np.concatenate(smoothed), np.concatenate(signals)
    is_unknown = signal < 0
    columns = [
        pa.array(score, mask=is_unknown),
        pa.array(SIGNALS).take(pa.array(signal, mask=is_unknown)),
    ]
    return _lists(lengths, pa.StructArray.from_arrays(columns, ["score_smooth", "signal"]))


def path_derivatives_of_lists(
    mids: pa.ChunkedArray, paths: pa.ChunkedArray, settings: pa.ChunkedArray
) -> pa.Array:
    """Return a list of derivatives, NULL where unknown, for every list of paths.

    Args:
        mids: lists of structs of int64, by the names of ``MIDS``, by rising second.
        paths: lists of structs of int64, by the names of ``PATHS``.
        settings: structs, the keyword arguments of ``path_derivatives``.
    """
    # imported when derivatives are built: its neighbors bring a compiler along
    from spymaster_engine.kernels.engines import path_derivatives

    columns, lengths = {name: [np.empty(0)] for name in DERIVATIVES}, [0]
    for of_mids, of_paths, chosen in zip(
        values_of_lists(mids), values_of_lists(paths), settings, strict=True
    ):
        found = path_derivatives(
            {name: numbers(of_mids, name) for name in MIDS},
            {name: numbers(of_paths, name) for name in PATHS},
            **chosen.as_py(),
        )
        for name, values in found.items():
            columns[name].append(values)
        lengths.append(len(of_paths))
    # nan is not known
    arrays = [pa.array(np.concatenate(columns[name]), from_pandas=True) for name in DERIVATIVES]
    return _lists(lengths, pa.StructArray.from_arrays(arrays, list(DERIVATIVES)))


def _lists(lengths: list[int], structs: pa.StructArray) -> pa.ListArray:
    return pa.ListArray.from_arrays(pa.array(np.cumsum(lengths), pa.int32()), structs)


def _struct_of(fields: dict[str, str]) -> str:
    return f"STRUCT({', '.join(f'{name} {kind}' for name, kind in fields.items())})"


class Plugin(BasePlugin):
    """Registers the functions on every connection."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Register the functions."""
        register(
            conn,
            "largest_sweeps",
            largest_sweeps_of_lists,
            [
                _struct_of(dict.fromkeys(("trade_no", *PRINTS), "BIGINT")) + "[]",
                "BIGINT[]",
                _struct_of(dict.fromkeys(_SWEEP_SETTINGS, "BIGINT")),
            ],
            _struct_of(dict.fromkeys(SWEEPS, "BIGINT")) + "[]",
        )
        register(
            conn,
            "signal_states",
            signal_states_of_lists,
            [
                _struct_of({**dict.fromkeys(SCORES, "BIGINT"), SCORES[-1]: "DOUBLE"}) + "[]",
                _struct_of(dict.fromkeys(_SIGNAL_SETTINGS, "DOUBLE")),
            ],
            "STRUCT(score_smooth DOUBLE, signal VARCHAR)[]",
        )
        register(
            conn,
            "path_derivatives",
            path_derivatives_of_lists,
            [
                _struct_of(dict.fromkeys(MIDS, "BIGINT")) + "[]",
                _struct_of(dict.fromkeys(PATHS, "BIGINT")) + "[]",
                "STRUCT(valid_share_min DOUBLE, lag_s BIGINT)",
            ],
            _struct_of(dict.fromkeys(DERIVATIVES, "DOUBLE")) + "[]",
        )
