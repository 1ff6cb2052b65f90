"""Approaches to strikes are as the twin says, and know nothing of what follows them."""

from __future__ import annotations

from datetime import UTC, timedelta
from random import Random

from naive.levels_model import LevelRules, Row, Second
from naive.strike_outcomes import strike_outcomes
from support.level_days import BUSY_DAY, TICK_INT, Day, at, walk
from support.level_market import Made
from support.model_sql import GIVEN

HORIZONS = ["s120", "s240"]
# the walk stays within some ticks of its start, so strikes are nearer than those of a product
STEP_TICKS = 8


def exposures_of(day: Day, seed: int) -> dict[tuple[int, int], float | None]:
    """Exposures of strikes around spot: they change now and then, and are sometimes not known."""
    random = Random(seed)
    values: dict[int, float | None] = {}
    found = {}
    for row in day.snapshot:
        spot = row["spot_ref_price_int"]
        if spot is None:
            continue
        end_s = int(row["window_end_ts"].replace(tzinfo=UTC).timestamp())
        centre = spot // TICK_INT // STEP_TICKS
        for place in range(centre - 7, centre + 8):
            strike = place * STEP_TICKS * TICK_INT
            if strike not in values or random.random() < 0.002:
                values[strike] = random.choice((0.0, 5.0, 8.0, 13.0, 13.0, 21.0))
                if random.random() < 0.02:
                    values[strike] = None
            found[end_s, strike] = values[strike]
    return found


def made(day: Day, exposures: dict[tuple[int, int], float | None]) -> Made:
    """Build strike_outcomes from a day and exposures."""
    spots = {row["window_end_ts"]: row["spot_ref_price_int"] for row in day.snapshot}
    ends = {int(end.replace(tzinfo=UTC).timestamp()): end for end in spots}
    database = Made(day, {})
    database.fill(
        "gex_surface_1s",
        [
            {
                "symbol": day.symbol,
                "dt": day.dt,
                "window_end_ts": ends[end_s],
                "strike_price_int": strike,
                "strike_points": strike / 1e9,
                "rel_ticks": (strike - spots[ends[end_s]]) // TICK_INT,
                "gex_abs": value,
                "n_options": 2,
            }
            for (end_s, strike), value in exposures.items()
        ],
    )
    database.build("strike_outcomes", evaluation_horizons=HORIZONS)
    return database


def rows_of(database: Made, names: list[str], where: str = "true") -> list[Row]:
    columns = ", ".join(
        f"epoch_ns({name}) as {name}" if name == "reached_ts" else name for name in names
    )
    query = f"select {columns} from {GIVEN}.strike_outcomes where {where}"
    return sorted(database.rows(query), key=str)


def test_strikes_are_as_the_twin_says() -> None:
    day = walk(at(BUSY_DAY, "13:00"), 2400, seed=6)
    exposures = exposures_of(day, seed=2)
    database = made(day, exposures)
    rules = LevelRules(day.symbol, day.dt, TICK_INT)
    seconds = [Second.of_row(row) for row in day.snapshot]
    expected = strike_outcomes(seconds, exposures, day.trades, rules, HORIZONS)
    found = rows_of(database, list(expected[0]))
    database.connection.close()
    assert found == sorted(expected, key=str)
    assert len(found) > 60
    assert {row["is_gamma_wall"] for row in found} == {True, False, None}


def test_what_follows_changes_no_wall_before_it() -> None:
    day = walk(at(BUSY_DAY, "13:00"), 2400, seed=6)
    moment = at(BUSY_DAY, "13:00") + timedelta(seconds=1500)
    known_s = int(moment.replace(tzinfo=UTC).timestamp())
    exposures, later = exposures_of(day, seed=2), exposures_of(day, seed=3)
    mixed = {key: value if key[0] <= known_s else later[key] for key, value in exposures.items()}
    names = ["episode_id", "window_end_ts", "gex_abs", "is_gamma_wall"]
    found = []
    for one in (exposures, mixed):
        database = made(day, one)
        found.append(rows_of(database, names, f"window_end_ts <= timestamp '{moment}'"))
        database.connection.close()
    assert found[0] == found[1]
    assert len(found[0]) > 20
