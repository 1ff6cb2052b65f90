"""What the book does in the seconds before key movements, against matched moments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from spymaster_engine.statistics.evaluation.movement_profile import (
    Profile,
    ProfileSums,
    placebo_largest,
    seldom_passed,
)

from spymaster.evaluation.read import evaluation_query
from spymaster.evaluation.result_tables import MOVEMENT_PROFILE, SCHEMAS
from spymaster.published import relations_of

DIRECTIONS = ("up", "down")
# readings of movement_seconds_1s beside those of the radar
QUOTE_READINGS = ("spread_ticks", "microprice_offset_ticks")
# a reading itself and its differences, by prefix of the column
DERIVATIVES = ("", "d1_", "d2_", "d3_")
_RELATIONS = {
    "gold.key_movements",
    "gold.key_movement_matches",
    "steps.movement_seconds_1s",
    "silver.radar_vacuum_1s",
}
# moments whose readings are in memory together
_MOMENTS_AT_ONCE = 200
_COUNTS = ("n_movements", "n_matches", "n_days")
_NUMBERS = (
    "mean",
    "mean_lo",
    "mean_hi",
    "matched_mean",
    "matched_lo",
    "matched_hi",
    "matched_std",
    "z",
    "z_lo",
    "z_hi",
    "welch_t",
)


@dataclass(frozen=True)
class Moments:
    """Movements of a direction and their matched moments; n rows, by contract-day.

    Attributes:
        sums: what is summed over them.
        contract_day: (n,) symbol and date of each.
        moment_s: (n,) end of its second.
        set_no: (n,) set of each.
        member_no: (n,) 0 for the movement of a set.
    """

    sums: ProfileSums
    contract_day: list[tuple[str, dt.date]]
    moment_s: NDArray[np.int64]
    set_no: NDArray[np.int64]
    member_no: NDArray[np.int64]


def movement_tables(
    connection: duckdb.DuckDBPyConnection, roots: Sequence[str], settings: Mapping[str, Any]
) -> dict[str, pa.Table]:
    """Return the rows of key_movement_profile.

    Args:
        connection: the published file; the table is empty if it has no key movements.
        roots: products.
        settings: the settings of ``built_settings``.
    """
    tables = [SCHEMAS[MOVEMENT_PROFILE].empty_table()]
    if relations_of(connection) >= _RELATIONS:
        for root in roots:
            tables += _tables_of_root(connection, root, settings)
    return {MOVEMENT_PROFILE: pa.concat_tables(tables)}


def readings_of(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the readings in the order of the radar's columns, those of the quotes last."""
    rows = connection.execute("describe silver.radar_vacuum_1s").fetchall()
    columns = [name for name, *_ in rows]
    return [*(name for name in columns if f"d1_{name}" in columns), *QUOTE_READINGS]


def _tables_of_root(
    connection: duckdb.DuckDBPyConnection, root: str, settings: Mapping[str, Any]
) -> Iterator[pa.Table]:
    readings = readings_of(connection)
    columns = [f"{prefix}{reading}" for prefix in DERIVATIVES for reading in readings]
    offsets = np.arange(-settings["key_move_before_s"], 0)
    least = settings["key_move_min_movements"]
    profiles = {}
    for direction in DIRECTIONS:
        moments = _read_moments(
            connection,
            root,
            direction,
            len(columns) * len(offsets),
            settings["key_move_placebo_draws"],
            settings["evaluation_seed"],
        )
        if len(moments.moment_s):
            _add_readings(connection, moments, columns, offsets)
            profiles[direction] = moments.sums.profile()
    sizes, largest = placebo_largest(list(profiles.values()), least)
    for (direction, profile), size in zip(profiles.items(), sizes, strict=True):
        yield _table_of(root, direction, readings, offsets, profile, size, largest, least)


def _read_moments(
    connection: duckdb.DuckDBPyConnection,
    root: str,
    direction: str,
    n_elements: int,
    draws: int,
    seed: int,
) -> Moments:
    table = connection.execute(
        evaluation_query("movement_moments"), {"root": root, "direction": direction}
    ).to_arrow_table()
    names, set_no = np.unique(table["set_name"].to_numpy().astype(str), return_inverse=True)
    day = np.unique(table["set_dt"].to_numpy(), return_inverse=True)[1]
    set_day = np.zeros(len(names), np.int64)
    set_day[set_no] = day
    return Moments(
        sums=ProfileSums(set_day, np.bincount(set_no), n_elements, draws, seed),
        contract_day=list(zip(table["symbol"].to_pylist(), table["dt"].to_pylist(), strict=True)),
        moment_s=table["moment_s"].to_numpy(),
        set_no=set_no.astype(np.int64),
        member_no=table["member_no"].to_numpy().astype(np.int64),
    )


def _add_readings(
    connection: duckdb.DuckDBPyConnection,
    moments: Moments,
    columns: Sequence[str],
    offsets: NDArray[np.int64],
) -> None:
    """Read the seconds before the moments, a contract-day at a time, and add them to the sums."""
    changes = [
        place
        for place in range(1, len(moments.contract_day))
        if moments.contract_day[place] != moments.contract_day[place - 1]
    ]
    for rows in np.split(np.arange(len(moments.contract_day)), changes):
        symbol, day = moments.contract_day[rows[0]]
        seconds = moments.moment_s[rows][:, None] + offsets
        wanted, place = np.unique(seconds, return_inverse=True)
        found = connection.execute(
            evaluation_query("movement_readings"),
            {"symbol": symbol, "dt": day, "seconds": wanted.tolist()},
        ).fetchnumpy()
        readings = np.stack(
            [np.ma.filled(np.ma.asarray(found[name], np.float64), np.nan) for name in columns],
            axis=1,
        )
        place = place.reshape(seconds.shape)
        for first in range(0, len(rows), _MOMENTS_AT_ONCE):
            part = slice(first, first + _MOMENTS_AT_ONCE)
            values = readings[place[part]].reshape(len(rows[part]), -1)
            moments.sums.add(values, moments.set_no[rows[part]], moments.member_no[rows[part]])


def _table_of(
    root: str,
    direction: str,
    readings: Sequence[str],
    offsets: NDArray[np.int64],
    profile: Profile,
    placebo_sizes: NDArray[np.float64],
    largest: float,
    least_movements: int,
) -> pa.Table:
    """Return a direction's rows; elements are by second, difference and reading."""
    shape = (len(offsets), len(DERIVATIVES), len(readings))
    second, derivative, reading = (places.ravel() for places in np.indices(shape))
    of_reading = placebo_sizes.reshape(-1, *shape).max(axis=1, initial=-np.inf)
    placebo = seldom_passed(of_reading)
    placebo = np.where(np.isfinite(placebo), placebo, np.nan)[derivative, reading]
    columns: dict[str, Any] = {
        "root": np.full(len(second), root),
        "direction": np.full(len(second), direction),
        "reading": np.array(readings)[reading],
        "derivative": derivative,
        "second": offsets[second],
        **{name: getattr(profile, name) for name in (*_COUNTS, *_NUMBERS)},
        "placebo_q95": placebo,
        "placebo_largest_q95": np.full(len(second), largest),
        "verdict": profile.verdicts(least_movements, largest),
    }
    schema = SCHEMAS[MOVEMENT_PROFILE]
    # what cannot be computed is NULL
    arrays = [
        pa.array(columns[name], from_pandas=True).cast(schema.field(name).type)
        for name in schema.names
    ]
    return pa.Table.from_arrays(arrays, schema=schema)
