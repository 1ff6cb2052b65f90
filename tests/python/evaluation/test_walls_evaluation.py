"""What became of walls, by band: counted by hand."""

from __future__ import annotations

import datetime as dt

import duckdb
import pyarrow as pa
import pytest
from spymaster.evaluation.walls import wall_rows, wall_table
from spymaster_warehouse.project_vars import project_vars

Bands = tuple[float | None, int | None, int | None]


def walls_of(*rows: tuple[int, str, float, int, int, str]) -> pa.Table:
    """Return walls of (day, wall, ratio_from, age_from_s, distance_from_ticks, outcome)."""
    names = ("session_date", "wall", "ratio_from", "age_from_s", "distance_from_ticks", "outcome")
    first = dt.date(2025, 10, 1)
    return pa.Table.from_pylist(
        [
            dict(zip(names, (first + dt.timedelta(days=day), *row), strict=True))
            for day, *row in rows
        ]
    )


def by_bands(walls: pa.Table, least: int) -> dict[Bands, dict]:
    """Return the rows by their bands."""
    settings = project_vars() | {"condition_min_episodes": least}
    return {
        (row["ratio_from"], row["age_from_s"], row["distance_from_ticks"]): row
        for row in wall_rows("ES", walls, settings)
    }


def test_a_wall_counts_once_in_each_row() -> None:
    rows = by_bands(
        walls_of(
            (0, "a", 3.0, 0, 11, "pulled"),
            (0, "a", 5.0, 10, 11, "eaten"),
            (0, "b", 3.0, 0, 11, "held"),
            (1, "c", 3.0, 0, 11, "censored"),
            (1, "d", 3.0, 0, 3, "pulled_late"),
        ),
        least=2,
    )
    row = rows[3.0, 0, 11]
    assert (row["n_walls"], row["n_days"], row["n_censored"]) == (2, 1, 1)
    assert (row["pulled_share"], row["held_share"], row["eaten_share"]) == (0.5, 0.5, 0.0)
    # all: wall a by its first moment
    whole = rows[None, None, None]
    assert (whole["n_walls"], whole["eaten_share"]) == (3, 0.0)
    assert whole["pulled_late_share"] == pytest.approx(1 / 3)
    assert rows[5.0, None, None]["eaten_share"] == 1.0
    # one day does not show how days differ
    assert {row["support"] for row in rows.values()} == {"too few walls"}
    assert {row["pulled_share_lo"] for row in rows.values()} == {None}


def test_enough_walls_have_intervals_over_days() -> None:
    fates = ("pulled", "held", "held", "eaten")
    walls = walls_of(
        *(
            (day, f"{day}-{number}", 3.0, 0, 3, fate if day % 2 else "held")
            for day in range(12)
            for number, fate in enumerate(fates)
        )
    )
    row = by_bands(walls, least=30)[3.0, 0, 3]
    assert (row["support"], row["n_walls"], row["n_days"]) == ("enough", 48, 12)
    assert row["pulled_share"] == pytest.approx(1 / 8)
    assert row["pulled_share_lo"] < 1 / 8 < row["pulled_share_hi"]
    assert by_bands(walls, least=49)[3.0, 0, 3]["support"] == "too few walls"


def test_only_selected_contracts_count_and_a_lake_may_have_no_walls() -> None:
    connection = duckdb.connect()
    connection.execute(
        """
        create schema gold; create schema silver;
        create table silver.mbo_contract_day_selection as
            select 'ES' as root, date '2025-10-01' as session_date, 'ESZ5' as selected_symbol;
        create table gold.wall_outcomes as
        select *, date '2025-10-01' as dt, 'A' as side, 3.0::double as ratio_from, 0 as age_from_s,
            3 as distance_from_ticks, timestamp '2025-10-01 14:00:00' as started_ts,
            timestamp '2025-10-01 14:00:00' as window_end_ts
        from (values ('ESZ5', 1, 'held'), ('ESZ5', 2, 'eaten'), ('ESH6', 3, 'pulled'))
            as rows (symbol, price_int, outcome);
        """
    )
    rows = wall_table(connection, ["ES", "NQ"], project_vars()).to_pylist()
    assert {(row["root"], row["n_walls"], row["held_share"]) for row in rows} == {("ES", 2, 0.5)}
    connection.execute("drop table gold.wall_outcomes")
    assert not wall_table(connection, ["ES"], project_vars()).num_rows
    connection.close()
