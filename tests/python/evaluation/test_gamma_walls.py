"""Gamma walls against other strikes: by hand, on markets that ignore strikes, and planted ones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from spymaster.evaluation.gamma_walls import (
    gamma_wall_rows,
    gamma_wall_table,
    preferred_sign,
    strike_approaches,
)
from spymaster_warehouse.project_vars import project_vars

SCOPE = {"root": "ES", "horizon_id": "s240"}
DAYS, STEPS, STRIKE_TICKS = 24, 2_500, 20
REACH, BARRIER, FAR, HORIZON = 2, 8, 9, 240
# chance that a step near a wall follows its reaction
REACTION = 0.72


def walk(generator: np.random.Generator, wall: int, reaction: int) -> np.ndarray:
    """A walk that turns back at a wall (reaction -1), goes through it (1), or ignores it (0)."""
    path, now, way, pushed = np.empty(STEPS, np.int64), 0, 0, 0
    armed = 0
    for n, chance in enumerate(generator.random(STEPS)):
        if abs(now - wall) >= FAR:
            armed = 1 if now < wall else -1
        elif abs(now - wall) <= 1 and armed and reaction:
            way, pushed, armed = armed * reaction, 30, 0
        up = REACTION if way > 0 else 1 - REACTION
        now += 1 if chance < (up if pushed else 0.5) else -1
        pushed = max(pushed - 1, 0)
        # strikes lie on both sides of the day's range
        now = int(np.clip(now, -60, 60))
        path[n] = now
    return path


def market(seed: int, reaction: int) -> pa.Table:
    """Approaches to the strikes of every day, one of which is its wall."""
    generator = np.random.default_rng(seed)
    rows = []
    for day in range(DAYS):
        strikes = [place * STRIKE_TICKS for place in range(-2, 3)]
        wall = int(generator.choice(strikes[1:-1]))
        path = walk(generator, wall, reaction)
        for strike in strikes:
            for way, outcome in approaches_of(path - strike):
                rows.append(
                    {
                        "session_date": dt.date(2025, 1, 1) + dt.timedelta(days=day),
                        "approach_dir": "approach_up" if way > 0 else "approach_down",
                        "x0_ticks": -5,
                        "outcome_reached": outcome,
                        "is_gamma_wall": strike == wall,
                    }
                )
    return pa.Table.from_pylist(rows)


def approaches_of(x: np.ndarray) -> Iterator[tuple[int, str]]:
    """Yield way and outcome of each approach to a price: from FAR away to REACH."""
    place = np.flatnonzero((np.abs(x) <= REACH) | (np.abs(x) >= FAR))
    is_near = np.abs(x[place]) <= REACH
    for number in np.flatnonzero(is_near[1:] & ~is_near[:-1]):
        way = 1 if x[place[number]] < 0 else -1
        after = way * x[place[number + 1] :][:HORIZON]
        if len(after) == HORIZON:
            hits = np.flatnonzero(np.abs(after) >= BARRIER)
            yield (
                way,
                "CHOP" if not len(hits) else "BREAK" if after[hits[0]] > 0 else "REJECT",
            )


def rows_of_all(table: pa.Table) -> dict[str, dict]:
    """Return the rows of all approaches, by sign."""
    settings = project_vars()
    found = strike_approaches(table, settings["distance_bands"])
    rows = list(gamma_wall_rows(SCOPE, found, settings))
    assert {row["approach_dir"] for row in rows} == {"both", "approach_up", "approach_down"}
    return {
        row["dealer_gamma_sign"]: row
        for row in rows
        if row["approach_dir"] == "both" and row["distance_band"] is None
    }


def test_where_price_ignores_strikes_no_sign_is_preferred() -> None:
    found = [rows_of_all(market(seed, 0)) for seed in range(20)]
    assert sum(rows["long"]["preferred_sign"] == "not shown" for rows in found) >= 19
    for sign in ("long", "short"):
        differences = [rows[sign]["difference"] for rows in found]
        assert np.mean(differences) == pytest.approx(0.0, abs=0.03)


@pytest.mark.parametrize(
    ("reaction", "sign", "other"), [(-1, "long", "short"), (1, "short", "long")]
)
def test_the_planted_sign_is_preferred(reaction: int, sign: str, other: str) -> None:
    for seed in (1, 2):
        rows = rows_of_all(market(seed, reaction))
        assert {row["preferred_sign"] for row in rows.values()} == {sign}
        assert rows[sign]["verdict"] == "supported"
        assert rows[other]["verdict"] in ("contradicted", "not shown")


def test_with_few_days_there_is_no_verdict() -> None:
    table = market(1, -1)
    early = table.filter(pa.compute.field("session_date") < dt.date(2025, 1, 9))
    rows = rows_of_all(early)
    assert {row["verdict"] for row in rows.values()} == {"too few episodes"}
    assert {row["preferred_sign"] for row in rows.values()} == {"too few episodes"}


def test_a_sign_is_preferred_only_alone() -> None:
    assert preferred_sign({"long": "supported", "short": "contradicted"}) == "long"
    assert preferred_sign({"long": "not shown", "short": "supported"}) == "short"
    assert preferred_sign({"long": "supported", "short": "supported"}) == "not shown"
    assert preferred_sign({"long": "not shown", "short": "contradicted"}) == "not shown"


def test_strikes_of_unknown_exposure_and_levels_not_reached_do_not_count() -> None:
    connection = duckdb.connect()
    connection.execute(
        """
        create schema gold; create schema silver;
        create table silver.mbo_contract_day_selection as
            select 'ES' as root, date '2025-10-01' as session_date, 'ESZ5' as selected_symbol;
        create table gold.strike_outcomes as
        select 'ESZ5' as symbol, date '2025-10-01' as dt, *
        from (values
            (1, 'approach_up', timestamp '2025-10-01 14:00:00', 's240', -3, 'REJECT', true),
            (2, 'approach_up', timestamp '2025-10-01 14:01:00', 's240', -3, 'BREAK', false),
            (3, 'approach_up', timestamp '2025-10-01 14:02:00', 's240', -3, 'BREAK', null),
            (4, 'approach_up', timestamp '2025-10-01 14:03:00', 's240', -3, 'NOT_REACHED', true),
            (5, 'approach_up', timestamp '2025-10-01 14:04:00', 'h1', -3, 'BREAK', true)
        ) as rows (strike_price_int, approach_dir, window_end_ts, horizon_id, x0_ticks,
            outcome_reached, is_gamma_wall);
        """
    )
    rows = gamma_wall_table(connection, ["ES"], ["s240"], project_vars()).to_pylist()
    row = next(row for row in rows if row["approach_dir"] == "both" and not row["distance_band"])
    assert (row["n_episodes"], row["n_other_strikes"]) == (1, 1)
    assert (row["held_share"], row["other_broke_share"]) == (1.0, 1.0)
    connection.execute("drop table gold.strike_outcomes")
    assert not gamma_wall_table(connection, ["ES"], ["s240"], project_vars()).num_rows
    connection.close()
