"""Labelled decision windows of the published file as arrays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from spymaster_engine.statistics.evaluation.samples import CENSORED, NOT_REACHED, Samples
from spymaster_engine.statistics.retrieval.outcomes import CLASSES
from spymaster_engine.statistics.retrieval.phases import APPROACHING
from spymaster_engine.statistics.retrieval.settings import LEVEL, MARKET, SPOT
from spymaster_ingest.errors import SpymasterError

from spymaster.built_settings import RELATION as SETTINGS
from spymaster.published import relations_of

_QUERIES = Path(__file__).parent / "queries"
RELATIONS = (
    SETTINGS,
    "gold.retrieval_families",
    "gold.retrieval_vectors",
    "gold.retrieval_mirror",
    "gold.mbo_trigger_vector_features",
    "gold.mbo_trigger_signals",
    "gold.level_outcomes",
    "silver.level_decisions",
    "silver.level_offset_1s",
    "silver.mbo_contract_day_selection",
)
# a lake may be built without them
_SPOT_RELATIONS = {
    "silver.spot_moments",
    "gold.spot_vectors",
    "gold.spot_outcomes",
    "gold.spot_answers",
    "gold.spot_mirror",
}
_RIVAL_COLUMNS = ("k_ticks", "k_vol", "speed_15s", "sigma_1s_ticks")
_KEY = ("symbol", "dt", "level_id", "window_end_ts", "episode_id")
_MINUTES_PER_HALF_HOUR = 30
# a third difference reads this many windows before the first of a vector
_DIFFERENCES = 3


@dataclass(frozen=True)
class Windows:
    """Windows of one direction and horizon.

    Attributes:
        samples: arrays for the evaluation, n rows.
        key: symbol, dt, level_id, window_end_ts and episode_id of each row.
        levels: level names by code.
        session_dates: dates by day code, ascending.
        decisions: (n,) bool, whether a row is a given decision.
        mirrored_decisions: the same for the rows of ``samples.mirrored``; None without a mirror.
        phase: (n,) phases of windows at and past the level; None where all are of one phase.
        mirrored_phase: the same for the rows of ``samples.mirrored``; None without a mirror.
    """

    samples: Samples
    key: pa.Table
    levels: list[str]
    session_dates: NDArray[np.datetime64]
    decisions: NDArray[np.bool_]
    mirrored_decisions: NDArray[np.bool_] | None = None
    phase: NDArray[np.str_] | None = None
    mirrored_phase: NDArray[np.str_] | None = None

    def take(self, chosen: NDArray[np.bool_]) -> Windows:
        """Return the chosen rows, (n,) bool; day codes and the mirror stay unchanged."""
        return replace(
            self,
            samples=self.samples.take(chosen),
            key=self.key.filter(pa.array(chosen)),
            decisions=self.decisions[chosen],
            phase=None if self.phase is None else self.phase[chosen],
        )

    def of_decided_episodes(self) -> Windows:
        """Return the windows of episodes with a given decision, in the mirror too."""
        chosen = self.take(_decided(self.samples, self.decisions))
        others = chosen.samples.other_phases
        if others is not None:
            same = np.isin(others.episode, chosen.samples.episode)
            samples = replace(chosen.samples, other_phases=others.take(same))
            chosen = replace(chosen, samples=samples)
        mirrored, decisions = self.samples.mirrored, self.mirrored_decisions
        if mirrored is None or decisions is None:
            return chosen
        held = _decided(mirrored, decisions)
        samples = replace(chosen.samples, mirrored=mirrored.take(held))
        return replace(chosen, samples=samples, mirrored_decisions=decisions[held])


def read_windows(
    connection: duckdb.DuckDBPyConnection,
    root: str,
    approach_dir: str,
    horizon_id: str,
    window_s: int,
    history_windows: int,
    bar_s: int,
    decisions: Path | None = None,
    *,
    family: str = LEVEL,
    phases: Sequence[str] = (APPROACHING,),
) -> Windows:
    """Read the eligible windows of a product's selected contracts.

    Args:
        connection: the published file.
        root: product root, e.g. ES.
        approach_dir: approach_up or approach_down; spot_up or spot_down without a level.
        horizon_id: horizon of the labels.
        window_s: length of a window.
        history_windows: earlier windows that a vector reads.
        bar_s: length of the bars that candle_id counts.
        decisions: Parquet file or folder with symbol, level_id and decision_ts; their windows
            are marked.
        family: of the vectors.
        phases: of the decisions; moments without a level have none.

    Raises:
        SpymasterError: The decisions cannot be read.
    """
    values: dict[str, Any] = {
        "root": root,
        "approach_dir": approach_dir,
        "horizon_id": horizon_id,
    }
    if family != SPOT:
        values["phases"] = list(phases)
    table = connection.execute(
        evaluation_query("spot_samples" if family == SPOT else "samples"), values
    ).to_arrow_table()
    dates, day = np.unique(_numpy(table, "session_date", pa.date32()), return_inverse=True)
    levels, level = _codes(table, "level_id")
    window_end_s = _numpy(table, "window_end_s", pa.int64())
    candle_id = _numpy(table, "candle_id", pa.int64())
    # bars are aligned to the clock and to the open
    minutes = candle_id * bar_s / 60.0 + window_end_s % bar_s / 60.0
    rival = np.stack([*(_numbers(table, name) for name in _RIVAL_COLUMNS), minutes], axis=1)
    samples = Samples(
        vector=_matrix(table, "vector"),
        context=_matrix(table, "context"),
        rival=rival,
        outcome=_outcomes(table),
        day=day,
        episode=_codes(table, "episode_id")[1],
        level=level,
        level_kind=_codes(table, "level_kind")[1],
        half_hour=(minutes // _MINUTES_PER_HALF_HOUR).astype(np.int64),
        window_end_s=window_end_s,
        feature_start_s=window_end_s - window_s * history_windows,
        label_end_s=_numpy(table, "label_end_s", pa.int64()),
        reached=_numbers(table, "reached"),
        x0_ticks=_numbers(table, "x0_ticks"),
        barrier_ticks=_numbers(table, "barrier_ticks"),
        horizon_s=_numbers(table, "horizon_s"),
        time_to_hit_s=_numbers(table, "time_to_hit_s"),
        mfe_ticks=_numbers(table, "mfe_ticks"),
        mae_ticks=_numbers(table, "mae_ticks"),
    )
    key = table.select(_KEY)
    phase = None if len(phases) == 1 else table["decision_phase"].to_numpy().astype(str)
    given = given_rows(connection, key, decisions)
    return Windows(samples, key, levels, dates, given, phase=phase)


def bands_of(
    distance: NDArray[np.int64], bands: Mapping[str, Sequence[int | None]]
) -> NDArray[np.str_]:
    """Return the name of the band of each distance; empty outside of all.

    Args:
        distance: (n,) ticks, not negative.
        bands: bands of distance, [from, to] in ticks, None for no end.
    """
    code = np.zeros(len(distance), np.int64)
    for number, (low, high) in enumerate(bands.values(), start=1):
        is_inside = distance >= (low or 0)
        if high is not None:
            is_inside &= distance <= high
        code[is_inside] = number
    return np.array(["", *bands])[code]


def evaluation_query(name: str) -> str:
    """Return the text of a query of this package."""
    return (_QUERIES / f"{name}.sql").read_text(encoding="utf-8")


def product_roots(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the product roots that have a selected contract."""
    rows = connection.execute(
        "select distinct root from silver.mbo_contract_day_selection "
        "where selected_symbol is not null order by root"
    ).fetchall()
    return [root for (root,) in rows]


def horizons_of(connection: duckdb.DuckDBPyConnection, settings: Mapping[str, Any]) -> list[str]:
    """Return the horizons of the labels; those of the settings where nothing has a label."""
    rows = connection.execute("select distinct horizon_id from gold.level_outcomes").fetchall()
    names = ("evaluation_horizons", "retrieval_horizons")
    return sorted({name for (name,) in rows}.union(*(settings[name] for name in names)))


def families_of(connection: duckdb.DuckDBPyConnection, root: str) -> list[str]:
    """Return the families of a product's answers: of levels, and of spot where it is built."""
    of_spot = [SPOT] if relations_of(connection) >= _SPOT_RELATIONS else []
    return [family_of(connection, root), *of_spot]


def family_of(connection: duckdb.DuckDBPyConnection, root: str) -> str:
    """Return the family of the features that answers of a product compare.

    A product without decisions has the family of the book around a level.
    """
    rows = connection.execute(
        "select distinct retrieval_family from gold.retrieval_families where root = ?", [root]
    ).fetchall()
    return rows[0][0] if rows else LEVEL


def history_windows(settings: Mapping[str, Any], family: str) -> int:
    """Return how many windows before its own a vector of a family reads."""
    if family == MARKET:
        return settings["market_lookback_s"] // settings["vector_window_s"]
    return max(settings["vector_block_windows"]) + _DIFFERENCES


def given_rows(
    connection: duckdb.DuckDBPyConnection, key: pa.Table, decisions: Path | None
) -> NDArray[np.bool_]:
    """Return a mask, (n,) bool, of the rows that are given decisions.

    Args:
        connection: any DuckDB connection.
        key: n rows with symbol, level_id and window_end_ts.
        decisions: Parquet file or folder with symbol, level_id and decision_ts; None for none.

    Raises:
        SpymasterError: The decisions cannot be read.
    """
    given = np.zeros(key.num_rows, np.bool_)
    if decisions is None:
        return given
    files = str(decisions / "**" / "*.parquet") if decisions.is_dir() else str(decisions)
    connection.register("numbered", key.append_column("number", pa.array(np.arange(key.num_rows))))
    try:
        rows = connection.execute(
            "select numbered.number from numbered semi join read_parquet($files) as given "
            "on numbered.symbol = given.symbol and numbered.level_id = given.level_id "
            "and numbered.window_end_ts = cast(given.decision_ts as timestamp)",
            {"files": files},
        ).fetchnumpy()["number"]
    except duckdb.Error as error:
        raise SpymasterError(
            decisions,
            f"decisions cannot be read ({str(error).splitlines()[0]})",
            "give a Parquet file with symbol, level_id and decision_ts",
        ) from error
    finally:
        connection.unregister("numbered")
    given[rows] = True
    return given


def _decided(samples: Samples, decisions: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return a mask, (n,) bool, of the rows whose episode has a given decision."""
    return np.isin(samples.episode, samples.episode[decisions])


def _numpy(table: pa.Table, name: str, kind: pa.DataType) -> NDArray:
    return table[name].cast(kind).combine_chunks().to_numpy(zero_copy_only=False)


def _numbers(table: pa.Table, name: str) -> NDArray[np.float64]:
    """Return a column as float64, NaN for NULL."""
    return _numpy(table, name, pa.float64())


def _codes(table: pa.Table, name: str) -> tuple[list[str], NDArray[np.int64]]:
    """Return the sorted names of a column and the code of each row."""
    names, codes = np.unique(table[name].to_numpy().astype(str), return_inverse=True)
    return names.tolist(), codes.astype(np.int64)


def _matrix(table: pa.Table, name: str) -> NDArray[np.float32]:
    """Return a column of equally long lists as a matrix, NaN for NULL."""
    if not table.num_rows:
        return np.empty((0, 0), np.float32)
    values = pc.list_flatten(table[name]).combine_chunks()
    return values.to_numpy(zero_copy_only=False).astype(np.float32).reshape(table.num_rows, -1)


def _outcomes(table: pa.Table) -> NDArray[np.int64]:
    names = table["outcome"].combine_chunks()
    codes = pc.index_in(names, pa.array(CLASSES)).fill_null(CENSORED).to_numpy().astype(np.int64)
    stayed_away = pc.equal(names, "NOT_REACHED").to_numpy(zero_copy_only=False)
    return np.where(stayed_away, NOT_REACHED, codes)


def date_of_day_code(windows: Windows, day: int) -> dt.date:
    """Return the date of a day code; the code past the last stands for the next date."""
    dates = windows.session_dates
    return (dates[day] if day < len(dates) else dates[-1] + 1).item()
