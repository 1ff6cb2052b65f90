"""The published one-second surfaces against the plain ones, value by value."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from naive.surfaces import second_of
from naive.surfaces_calibration import CalibrationConfig
from spymaster.lake import Lake
from strategies.surface_books import day_of, random_books
from strategies.surface_market import BookShape

from pipeline import lakes, surface_lakes
from pipeline.surface_lakes import BookDay, Inputs

N_SECONDS = 270
WALL_MAX_TICKS = BookShape().wall_max_ticks
LOOKBACK, MIN_SESSIONS, WARM_UP_S = 6, 5, 40
CALIBRATION = CalibrationConfig(
    calibration_lookback=LOOKBACK,
    calibration_min_sessions=MIN_SESSIONS,
    intraday_min_seconds=WARM_UP_S,
)
VARIABLES = {
    "wall_max_ticks": WALL_MAX_TICKS,
    "calibration_lookback": LOOKBACK,
    "calibration_min_sessions": MIN_SESSIONS,
    "calibration_warm_up_s": WARM_UP_S,
}
# two minutes before the study window opens in New York
START = time(13, 28)
# before the study window and over before it opens: no session of the calibration
TOO_EARLY = time(13, 10)
DATES = [date(2024, 5, 6) + timedelta(days=n) for n in (0, 1, 2, 3, 4, 7, 8, 9, 10)]
EARLY_DATE = DATES[3]
ROLL = 7


def es_days() -> list[BookDay]:
    """Nine dates, one without a study second, and on the last the contract after a roll."""
    days = []
    for n, dt in enumerate(DATES):
        start = datetime.combine(dt, TOO_EARLY if dt == EARLY_DATE else START)
        symbols = ["ESM4"] if n < ROLL else ["ESM4", "ESU4"]
        days += [
            BookDay("ES", random_books(100 * n + k, N_SECONDS, symbol=symbol, start=start))
            for k, symbol in enumerate(symbols)
        ]
    return days


def other_days() -> list[BookDay]:
    """Another tick and a surface window; and a root for which nothing is selected."""
    start = datetime.combine(DATES[0], START)
    window = start + timedelta(seconds=30), start + timedelta(seconds=230)
    shape = BookShape(tick_int=10_000_000, first_ticks=7_800)
    oil = random_books(
        7, N_SECONDS, symbol="CLM4", start=start, surface_window=window, shape=shape
    )
    return [
        BookDay("CL", oil, window),
        BookDay("NQ", random_books(8, 60, symbol="NQM4", start=start)),
    ]


def inputs_of(days: list[BookDay], selection: dict) -> Inputs:
    surface_days = {}
    for day in days:
        window = day.surface_window and tuple(map(second_of, day.surface_window))
        key = day.books.symbol, day.books.dt
        surface_days[key] = day_of(day.books, surface_window_s=window)
    return Inputs(surface_days, {day.books.symbol: day.root for day in days}, selection)


@pytest.fixture(scope="module")
def random_lake(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lake, Inputs]:
    days = [*es_days(), *other_days()]
    selection = {
        ("ES", dt): "ESM4" if n < ROLL else "ESU4" for n, dt in enumerate(DATES)
    } | {("CL", DATES[0]): "CLM4", ("NQ", DATES[0]): None}
    lake = Lake(tmp_path_factory.mktemp("books") / "lake")
    surface_lakes.write_engine_tables(lake, days, selection)
    surface_lakes.build_surfaces(lake, **VARIABLES)
    return lake, inputs_of(days, selection)


def test_random_books(random_lake: tuple[Lake, Inputs]) -> None:
    lake, inputs = random_lake
    plain = surface_lakes.plain_surfaces(inputs, CALIBRATION)
    n = surface_lakes.assert_published(lake, plain)
    print("compared", n)
    modes = lakes.ask(
        lake,
        "select root, dt, calibration_mode, max(lookback_sessions) "
        "from gold.physics_norm_calibration group by all order by all",
    )
    print(modes)
