"""Days of approaches with a lake that knows them, and what it must answer."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from naive import retrieval as naive
from retrieval_market import BLOCKS, HORIZONS, Approach, approaches_of_day
from spymaster.lake import Lake

from pipeline import retrieval_lakes as lakes

DAYS = [dt.date(2025, 10, day) for day in (1, 2, 3, 6, 7, 8, 9, 10)]
SYMBOL, OTHER_SYMBOL = "ESZ5", "ESH6"
# a contract that is not selected asks, but does not answer
OTHER_DAYS = DAYS[4:6]
CHANGED_DAY = DAYS[5]
NEXT_DAY = DAYS[-1] + dt.timedelta(days=1)
NUMBERS = (
    *(f"{part}_{name}" for part in ("p", "base") for name in ("break", "reject", "chop")),
    *(f"p_{name}_raw" for name in ("break", "reject", "chop")),
    *("n_eff", "mean_similarity", "entropy", "time_to_hit_q50_s", "risk_q80_ticks"),
    *("mfe_q50_ticks", "mfe_q80_ticks", "mae_q50_ticks", "mae_q80_ticks"),
    *("resolve_rate", "whipsaw_rate"),
)
SUPPORT = ("n_neighbors", "n_distinct_days", "n_distinct_episodes", "neighbors_ok")
# z-scores are of single precision
TOLERANCE = 2e-4


@dataclass(frozen=True)
class Market:
    """What happened, and the lake that knows it."""

    approaches: list[Approach]
    lake: Lake


def selection() -> dict[dt.date, str]:
    """Return the contract that is selected on each day."""
    return dict.fromkeys(DAYS, SYMBOL)


def made_market(folder: Path) -> Market:
    """Write approaches of some days and build retrieval over them."""
    rng = np.random.default_rng(11)
    approaches = [one for day in DAYS for one in approaches_of_day(rng, SYMBOL, day, 16)]
    for day in OTHER_DAYS:
        approaches += approaches_of_day(rng, OTHER_SYMBOL, day, 5)
    lake = lakes.write_lake(folder / "lake", approaches, selection())
    lakes.run(lake, retrieval_queries=[approaches[-1].vector_id])
    return Market(approaches, lake)


def earlier(market: Market, day: dt.date, direction: str) -> list[Approach]:
    """Return what a day may know, in the order of time."""
    rows = [
        one
        for one in market.approaches
        if one.day < day and one.approach_dir == direction and one.symbol == SYMBOL
    ]
    return sorted(rows, key=lambda one: (one.window_end_ts, one.level_id))


def plain_answers(market: Market) -> dict[tuple[str, str], tuple[list, dict]]:
    """Return neighbours and answer of every vector and horizon, as defined."""
    found = {}
    days = sorted({(one.day, one.approach_dir) for one in market.approaches}, key=str)
    for day, direction in days:
        library = earlier(market, day, direction)
        statistics = naive.statistics_of([[*one.vector, *one.known] for one in library])

        def placed(one: Approach, statistics: list = statistics) -> list[float] | None:
            return naive.placed(one.vector, one.known, statistics, BLOCKS)

        unlabelled = {horizon: {"outcome": None} for horizon in HORIZONS}
        rows = [
            {
                "place": placed(one),
                "day": one.day,
                "episode": one.episode,
                "labels": one.labels or unlabelled,
                "vector_id": one.vector_id,
            }
            for one in library
        ]
        for one in market.approaches:
            if (one.day, one.approach_dir) != (day, direction):
                continue
            for horizon in HORIZONS:
                neighbours = []
                if rows:
                    neighbours = naive.neighbours(
                        placed(one), rows, horizon, k_raw=120, k=40, per_episode=3, power=8
                    )
                found[one.vector_id, horizon] = (
                    neighbours,
                    naive.answer(
                        neighbours,
                        naive.base_rates(rows, horizon),
                        horizon,
                        alpha=10,
                        minima=(15, 3, 8),
                    ),
                )
    return found
