"""The profile over hand-made relations: right reading, right seconds, and the mirror."""

from __future__ import annotations

import datetime as dt
import re

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from spymaster.evaluation.movement_report import movement_lines
from spymaster.evaluation.movements import QUOTE_READINGS, movement_tables, readings_of
from spymaster.evaluation.result_tables import MOVEMENT_PROFILE
from spymaster.patterns.catalogue import Catalogue, catalogue_of
from support.relations_of_models import create_relation
from support.schemas import with_schema

DAYS, A_DAY, MATCHES = 12, 4, 5
FIRST_DAY = dt.date(2025, 10, 1)
OPEN_S = 13 * 3600 + 30 * 60
SETTINGS = {
    "key_move_before_s": 30,
    "key_move_min_movements": 30,
    "key_move_placebo_draws": 100,
    "evaluation_seed": 7,
}
PLANTED, OTHER = "f2_ask_pull_add_log_rest", "f4_bid_pull_add_log_rest"
RADAR = (PLANTED, OTHER)
# seconds before the start, as the relation counts them
FROM_S, TO_S = -12, -5
SECONDS_A_DAY = 6_000

Connection = duckdb.DuckDBPyConnection


def day_of(number: int) -> dt.date:
    return FIRST_DAY + dt.timedelta(days=number)


def moment_of(day: int, second: int) -> dt.datetime:
    return dt.datetime.combine(day_of(day), dt.time()) + dt.timedelta(seconds=OPEN_S + second)


def differences(values: np.ndarray) -> list[np.ndarray]:
    """Return values and their first three differences, NaN where there are none."""
    found = [values]
    for _ in range(3):
        found.append(np.diff(found[-1], prepend=np.nan))
    return found


def market(*, mirrored: bool = False) -> Connection:
    """Return relations in which PLANTED is higher before movements up, and OTHER is noise.

    In the mirror up and down change places, and so do the readings of asks and bids.
    """
    rng = np.random.default_rng(1)
    connection = duckdb.connect()
    for relation in (
        "gold.key_movements",
        "gold.key_movement_matches",
        "steps.movement_seconds_1s",
        "silver.mbo_contract_day_selection",
    ):
        create_relation(connection, relation)
    numbers = ", ".join(f"{p}{name} double" for p in ("", "d1_", "d2_", "d3_") for name in RADAR)
    connection.execute(
        "create table silver.radar_vacuum_1s "
        f"(symbol varchar, dt date, window_end_ts timestamp, {numbers})"
    )
    moves, matches, radar, quotes = [], [], [], []
    for day in range(DAYS):
        connection.execute(
            "insert into silver.mbo_contract_day_selection by name "
            "select 'ES' as root, ? as session_date, 'ESZ5' as selected_symbol",
            [day_of(day)],
        )
        readings = {name: rng.standard_normal(SECONDS_A_DAY) for name in RADAR}
        # six moments a movement, of both directions, with a minute and more between them
        places = 100 + 90 * rng.permutation(2 * A_DAY * (MATCHES + 1))
        for number, own in enumerate(np.split(places, 2 * A_DAY)):
            direction = ("up", "down")[number % 2]
            start, *others = own.tolist()
            if direction == "up":
                readings[PLANTED][start + FROM_S : start + TO_S + 1] += 3.0
            told = {"up": "down", "down": "up"}[direction] if mirrored else direction
            moves.append((day_of(day), moment_of(day, start), told))
            matches += [
                (day_of(day), moment_of(day, start), place, told, moment_of(day, other))
                for place, other in enumerate(others, 1)
            ]
        if mirrored:
            readings = {PLANTED: readings[OTHER], OTHER: readings[PLANTED]}
        columns = [column for name in RADAR for column in differences(readings[name])]
        names = [f"{p}{name}" for name in RADAR for p in ("", "d1_", "d2_", "d3_")]
        stamps = [moment_of(day, second) for second in range(SECONDS_A_DAY)]
        of_day = {"symbol": ["ESZ5"] * len(stamps), "dt": [day_of(day)] * len(stamps)}
        radar.append(
            pa.table(
                of_day
                | {"window_end_ts": stamps}
                | {n: pa.array(c, from_pandas=True) for n, c in zip(names, columns, strict=True)}
            )
        )
        quotes.append(
            pa.table(of_day | {"window_end_ts": stamps, "spread_ticks": [1] * len(stamps)})
        )
    _insert(connection, "gold.key_movements", moves, ("dt", "start_window_end_ts", "direction"))
    _insert(
        connection,
        "gold.key_movement_matches",
        matches,
        ("dt", "start_window_end_ts", "match_number", "direction", "match_window_end_ts"),
    )
    connection.execute("update gold.key_movement_matches set match_symbol = 'ESZ5', match_dt = dt")
    for relation, tables in (("radar_vacuum_1s", radar), ("movement_seconds_1s", quotes)):
        connection.register("given", pa.concat_tables(tables))
        connection.execute(f"insert into {with_schema(relation)} by name select * from given")
    return connection


def _insert(
    connection: Connection, relation: str, rows: list[tuple], names: tuple[str, ...]
) -> None:
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    connection.register("given", pa.table({name: list(values) for name, values in columns.items()}))
    connection.execute(f"insert into {relation} by name select 'ESZ5' as symbol, * from given")


def profile(connection: Connection) -> pa.Table:
    return movement_tables(connection, ["ES"], SETTINGS)[MOVEMENT_PROFILE]


def catalogue(table: pa.Table) -> Catalogue:
    ordered = table.sort_by(
        [(name, "ascending") for name in ("root", "direction", "reading", "derivative", "second")]
    )
    return catalogue_of({name: ordered[name].to_numpy() for name in ordered.column_names})


@pytest.fixture(scope="module")
def planted() -> pa.Table:
    return profile(market())


def test_what_was_planted_is_shown_where_it_was(planted: pa.Table) -> None:
    rows = planted.to_pylist()
    assert len(rows) == 2 * (len(RADAR) + len(QUOTE_READINGS)) * 4 * 30
    shown = {
        (row["direction"], row["reading"], row["second"])
        for row in rows
        if row["verdict"] == "shown" and row["derivative"] == 0
    }
    assert shown == {("up", PLANTED, second) for second in range(FROM_S, TO_S + 1)}
    own = [row for row in rows if tuple(row[k] for k in KEY) == ("up", PLANTED, 0, FROM_S)]
    assert [row["z"] > 2 and row["mean"] > 2.5 for row in own] == [True]
    # the moments that were matched do not have it
    assert abs(own[0]["matched_mean"]) < 0.3
    # where it begins and ends its first difference jumps
    jumps = {
        (row["direction"], row["reading"], row["second"], row["z"] > 0)
        for row in rows
        if row["verdict"] == "shown" and row["derivative"] == 1
    }
    assert jumps == {("up", PLANTED, FROM_S, True), ("up", PLANTED, TO_S + 1, False)}


KEY = ("direction", "reading", "derivative", "second")


def test_a_reading_that_is_always_the_same_or_missing_is_not_shown(planted: pa.Table) -> None:
    rows = [row for row in planted.to_pylist() if row["reading"] in QUOTE_READINGS]
    spread = [row for row in rows if row["reading"] == "spread_ticks" and row["derivative"] == 0]
    assert {(row["z"], row["verdict"]) for row in spread} == {(None, "not shown")}
    missing = [row for row in rows if row["reading"] == "microprice_offset_ticks"]
    assert {(row["n_movements"], row["verdict"]) for row in missing} == {(0, "too few movements")}


def test_in_the_mirror_directions_and_sides_change_places(planted: pa.Table) -> None:
    sides = {PLANTED: OTHER, OTHER: PLANTED}
    directions = {"up": "down", "down": "up"}
    numbers = ("n_movements", "n_days", "mean", "matched_mean", "matched_std", "z", "welch_t")

    def found(table: pa.Table, *, mirrored: bool) -> dict[tuple, list]:
        return {
            (
                directions[row["direction"]] if mirrored else row["direction"],
                sides.get(row["reading"], row["reading"]) if mirrored else row["reading"],
                row["derivative"],
                row["second"],
            ): [row[name] for name in numbers]
            for row in table.to_pylist()
        }

    image = found(profile(market(mirrored=True)), mirrored=True)
    own = found(planted, mirrored=False)
    assert image.keys() == own.keys()
    for key, values in own.items():
        assert image[key] == pytest.approx(values, nan_ok=True), key


def test_the_catalogue_names_the_strongest_first(planted: pa.Table) -> None:
    found = catalogue(planted)
    first, *others = found.rows(100)
    assert (first["direction"], first["reading"]) == ("up", PLANTED)
    assert first["words"] == "asks are pulled more than they are added"
    assert (first["shown_from_s"], first["verdict"]) == (FROM_S, "shown")
    assert FROM_S <= first["strongest_s"] <= TO_S
    assert {row["verdict"] for row in others} == {"not shown", "too few movements"}
    assert {row["shown_from_s"] for row in others} == {None}
    down, up = found.summaries()
    assert down.startswith("ES, moves down: 48 on 12 days; not shown: none of 4.")
    assert up.startswith("ES, moves up: 48 on 12 days; 1 of 4 readings shown.")


def test_the_report_says_what_is_shown(planted: pa.Table, tmp_path) -> None:
    text = "\n".join(movement_lines(planted, tmp_path))
    assert "ES, before moves up, from 12 s, most" in text
    assert "asks are pulled more than they are added" in text
    assert re.search(r"; \+\d\d\.\d standard errors\)", text)
    assert (tmp_path / "movements.png").read_bytes().startswith(b"\x89PNG")
    assert movement_lines(planted.slice(0, 0), tmp_path) == []


def test_without_the_relations_there_is_no_profile() -> None:
    with duckdb.connect() as connection:
        assert profile(connection).num_rows == 0


def test_readings_are_those_with_differences() -> None:
    assert readings_of(market()) == [*RADAR, *QUOTE_READINGS]
