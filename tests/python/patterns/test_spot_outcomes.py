"""Outcomes from spot by hand: price goes on, turns back, does neither, or the path is cut off."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from support import lakes, surface_lakes
from support.trade_lakes import TradeDay, new_york, timestamp, write_days

DAY = date(2025, 10, 8)
BARRIER, START, CENTRE = 8, 26_000, 26_000
T = "10:00:00"
# ticks from spot at T by seconds after it; before T price rises by a tick every 15 s
PATHS = {
    "ON": [(10, 3), (50, -7), (90, 8), (120, -8)],
    "BACK": [(10, 3), (50, -8), (90, 8)],
    "NEITHER": [(10, 7), (50, -7), (200, 7), (490, 0)],
    "LATE": [(10, 7), (240, 8)],
    "CUT": [(10, 7)],
}
CUT_AFTER_S, END_S = 60, 600
COLUMNS = "outcome, time_to_hit_s, whipsaw_flag, mfe_ticks, mae_ticks, adverse_before_hit_ticks"
EXPECTED = {
    # the last trade at +8 is followed by one at -8
    "ON": ("BREAK", 90.5, True, 8, -8, 7),
    "BACK": ("REJECT", 50.5, True, 8, -8, 3),
    "NEITHER": ("CHOP", None, False, 7, -7, None),
    # a trade at the end of the horizon is beyond it
    "LATE": ("CHOP", None, False, 7, 0, None),
    "CUT": ("CENSORED", None, False, 7, 0, None),
}
MIRRORED, SHIFTED = "M", "S"
SHIFT = 1_000


def day_of(name: str) -> TradeDay:
    """A day that rises by four ticks over the minute before T and then follows its path."""
    begin, now = new_york(DAY, "09:50:00"), new_york(DAY, T)
    before = [(begin, START - 4), *((now - 60 + 15 * step, START - 4 + step) for step in range(5))]
    before[-1] = (now - 1, START)
    after = [(now + second, START + ticks) for second, ticks in PATHS[name]]
    second, tick = np.array([*before, *after]).T
    closed = now + CUT_AFTER_S if name == "CUT" else None
    return TradeDay(name, DAY, second, tick, now + END_S, closed_from_s=closed)


def days() -> list[TradeDay]:
    plain = [day_of(name) for name in PATHS]
    mirrored = [
        replace(day, symbol=f"{MIRRORED}{day.symbol}", tick=2 * CENTRE - day.tick) for day in plain
    ]
    shifted = [
        replace(day, symbol=f"{SHIFTED}{day.symbol}", tick=day.tick + SHIFT) for day in plain
    ]
    return [*plain, *mirrored, *shifted]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    lake = write_days(tmp_path_factory.mktemp("spot_outcomes"), days())
    models = ("bars", *lakes.LEVEL_MODELS, "spot_moments", "spot_outcomes")
    return surface_lakes.run_models(lake, models, barrier_mode="fixed")


def outcome(database: Path, symbol: str, columns: str = COLUMNS) -> tuple:
    [row] = surface_lakes.ask(
        database,
        f"select {columns} from gold.spot_outcomes where symbol = '{symbol}' and "
        f"window_end_ts = timestamp '{timestamp(new_york(DAY, T))}' "
        "and horizon_id = 's240' and barrier_kind = 'fixed'",
    )
    return row


@pytest.mark.parametrize("name", PATHS)
def test_first_barrier_from_spot(database: Path, name: str) -> None:
    assert outcome(database, name) == EXPECTED[name]
    assert outcome(database, name, "approach_dir, spot_tick, barrier_ticks") == (
        "spot_up",
        START,
        BARRIER,
    )


@pytest.mark.parametrize("name", PATHS)
def test_mirrored_prices_turn_the_direction_alone(database: Path, name: str) -> None:
    mirrored = outcome(database, f"{MIRRORED}{name}", f"approach_dir, {COLUMNS}")
    assert mirrored == ("spot_down", *EXPECTED[name])


@pytest.mark.parametrize("name", PATHS)
def test_other_prices_change_nothing(database: Path, name: str) -> None:
    assert outcome(database, f"{SHIFTED}{name}") == EXPECTED[name]


def test_a_label_is_known_at_the_end_of_its_path(database: Path) -> None:
    now = new_york(DAY, T)
    for name, seconds in (("ON", 240), ("NEITHER", 240), ("CUT", CUT_AFTER_S)):
        known = outcome(database, name, "epoch(label_end_ts), epoch(available_from_ts)")
        assert known == (now + seconds, now + seconds)
    horizons = surface_lakes.ask(
        database, "select distinct horizon_id from gold.spot_outcomes order by all"
    )
    assert [name for (name,) in horizons] == ["h1", "s120", "s240", "s480"]


def test_no_move_has_no_outcome(database: Path) -> None:
    """A moment without enough of a move over the last minute is not labelled."""
    [(still, labelled)] = surface_lakes.ask(
        database,
        "select count(*) filter (approach_dir = 'spot_none'), count(outcomes.symbol) "
        "filter (approach_dir = 'spot_none') from silver.spot_moments as moments left join "
        "(select distinct symbol, window_end_ts from gold.spot_outcomes) as outcomes "
        "using (symbol, window_end_ts)",
    )
    assert still > 100
    assert labelled == 0
