"""Days of approaches with a lake of them, and the expected answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from naive import retrieval as naive
from spymaster_ingest.lake import Lake

from support import retrieval_lakes as lakes
from support.made_once import made_once
from support.market_lakes import write_market_lake
from support.retrieval_market import (
    APPROACHING,
    BLOCKS,
    HORIZONS,
    REACHED,
    VOLATILE,
    Approach,
    approaches_of_day,
    reached_of_day,
    seen_by_market,
)

DAYS = [dt.date(2025, 10, day) for day in (1, 2, 3, 6, 7, 8, 9, 10)]
SYMBOL, OTHER_SYMBOL = "ESZ5", VOLATILE
# a contract that is not selected has queries, but is in no pool
OTHER_DAYS = DAYS[4:6]
CHANGED_DAY = DAYS[5]
# of each phase at or past the level and each direction, twice a day
N_REACHED = 2 * len(REACHED) * 2
NEXT_DAY = DAYS[-1] + dt.timedelta(days=1)
NUMBERS = (
    *(
        f"{part}_{name}"
        for part in ("p", "base", "base_all")
        for name in ("break", "reject", "chop", "reached")
    ),
    *(f"p_{name}_raw" for name in ("break", "reject", "chop")),
    *(
        "n_eff",
        "mean_similarity",
        "similarity_floor",
        "entropy",
        "time_to_hit_q50_s",
        "risk_q80_ticks",
    ),
    *("mfe_q50_ticks", "mfe_q80_ticks", "mae_q50_ticks", "mae_q80_ticks"),
    *("resolve_rate", "whipsaw_rate", "result_ticks", "result_lo_ticks", "result_n_eff"),
)
SUPPORT = ("n_neighbors", "n_distinct_days", "n_distinct_episodes", "neighbors_ok", "is_similar")
# z-scores have single precision
TOLERANCE = 2e-4


@dataclass(frozen=True, eq=False)
class Market:
    """Approaches, and the lake that holds them.

    Attributes:
        approaches: as the lake's answers compare them.
        lake: the lake.
        n_blocks: blocks of a vector.
    """

    approaches: list[Approach]
    lake: Lake
    n_blocks: int = BLOCKS

    @property
    def listed(self) -> list[str]:
        """Names of the last decision of each phase inside its barriers at every horizon."""
        of_phases = {
            approach.phase: approach.vector_id
            for approach in self.approaches
            if all(approach.is_judged(horizon) for horizon in HORIZONS)
        }
        return sorted(of_phases.values())


def selection() -> dict[dt.date, str]:
    """Return the contract that is selected on each day."""
    return dict.fromkeys(DAYS, SYMBOL)


@dataclass(frozen=True, eq=False)
class MarketOfBestLevels(Market):
    """Days without order flow.

    Attributes:
        ordinary: the same approaches as order flow would show them.
    """

    ordinary: tuple[Approach, ...] = ()


@pytest.fixture(scope="session")
def retrieval_market(tmp_path_factory: pytest.TempPathFactory) -> Market:
    """A market with its lake, made once; tests copy the lake before they change it."""
    return made_once(tmp_path_factory, "retrieval", made_market)


@pytest.fixture(scope="session")
def market_of_best_levels(tmp_path_factory: pytest.TempPathFactory) -> MarketOfBestLevels:
    """Days without order flow with their lake, made once; tests copy it before they change it."""
    return made_once(tmp_path_factory, "best_levels", made_market_of_best_levels)


def made_market(folder: Path) -> Market:
    """Write approaches of some days and build retrieval over them."""
    rng = np.random.default_rng(11)
    approaches = [approach for day in DAYS for approach in approaches_of_day(rng, SYMBOL, day, 16)]
    for day in OTHER_DAYS:
        approaches += approaches_of_day(rng, OTHER_SYMBOL, day, 5)
    for day in DAYS:
        approaches += reached_of_day(rng, SYMBOL, day, N_REACHED)
    lake = lakes.write_lake(folder / "lake", approaches, selection())
    market = Market(approaches, lake)
    lakes.run(lake, retrieval_queries=market.listed)
    return market


def made_market_of_best_levels(folder: Path) -> MarketOfBestLevels:
    """Write days without order flow and build retrieval over their market features."""
    rng = np.random.default_rng(12)
    approaches = [approach for day in DAYS for approach in approaches_of_day(rng, SYMBOL, day, 16)]
    for day in OTHER_DAYS:
        approaches += approaches_of_day(rng, OTHER_SYMBOL, day, 5)
    seen = [seen_by_market(approach, rng) for approach in approaches]
    lake = write_market_lake(folder / "lake", approaches, seen, selection())
    lakes.run(lake)
    return MarketOfBestLevels(seen, lake, n_blocks=1, ordinary=tuple(approaches))


def earlier(
    market: Market, day: dt.date, direction: str, phases: Collection[str] = (APPROACHING,)
) -> list[Approach]:
    """Return the approaches of some phases that a day may use, in time order."""
    rows = [
        approach
        for approach in market.approaches
        if approach.day < day
        and approach.approach_dir == direction
        and approach.symbol == SYMBOL
        and approach.phase in phases
    ]
    return sorted(rows, key=lambda approach: (approach.window_end_ts, approach.level_id))


@cache
def plain_answers(market: Market) -> dict[tuple[str, str], tuple[list, dict]]:
    """Return neighbors and answer of every vector and horizon, as defined."""
    found = {}
    days = sorted({(one.day, one.approach_dir, one.phase) for one in market.approaches}, key=str)
    for day, direction, phase in days:
        library = earlier(market, day, direction, (phase,))
        statistics = naive.statistics_of(
            [[*approach.vector, *approach.known] for approach in library]
        )

        def placed(approach: Approach, statistics: list = statistics) -> list[float] | None:
            return naive.placed(approach.vector, approach.known, statistics, market.n_blocks)

        unlabelled = {horizon: {"outcome_reached": None, "reached": None} for horizon in HORIZONS}
        rows = [
            {
                "place": placed(approach),
                "day": approach.day,
                "episode": approach.episode,
                "band": naive.band_of(approach.k_ticks, phase),
                "labels": approach.labels or unlabelled,
                "vector_id": approach.vector_id,
            }
            for approach in library
        ]
        for horizon in HORIZONS:
            floor = _floor(rows, horizon)
            for approach in market.approaches:
                if (approach.day, approach.approach_dir, approach.phase) != (day, direction, phase):
                    continue
                # decisions outside the barriers are not judged
                found[approach.vector_id, horizon] = (
                    _answer(placed(approach) if rows else None, approach, rows, horizon, floor)
                    if approach.is_judged(horizon)
                    else ([], _nothing(horizon))
                )
    return found


_LIMITS = {"k_raw": 120, "k": 40, "per_episode": 3, "power": 8}
_ALPHA, _MINIMA, _LEAST_IN_BAND = 5, (15, 3, 8), 6
_FLOOR_ROWS, _FLOOR_SHARE = 30, 0.05
_RESULTS = ("result_ticks", "result_lo_ticks", "result_n_eff")
_SIGNAL_HORIZON, _SIGNAL_TICKS, _RESAMPLES, _SEED = "s240", 4, 1000, 7


def _floor(rows: list[dict], horizon: str) -> float | None:
    """Return the floor of similarity of a library, each row searched for among other days."""
    labelled = [row for row in rows if row["labels"]["s240"]["outcome_reached"] in naive.CLASSES]
    if len(labelled) > _FLOOR_ROWS:
        step = (len(labelled) - 1) / (_FLOOR_ROWS - 1)
        labelled = [labelled[round(number * step)] for number in range(_FLOOR_ROWS)]
    means = [
        naive.mean_similarity(
            naive.neighbors(row["place"], rows, horizon, **_LIMITS, not_on=row["day"])
        )
        for row in labelled
    ]
    return naive.floor_of([mean for mean in means if mean is not None], _FLOOR_SHARE)


def _nothing(horizon: str) -> dict:
    unknown = dict.fromkeys((*naive.CLASSES, "REACHED"))
    return naive.answer([], unknown, horizon, alpha=_ALPHA, minima=_MINIMA, floor=None)


def _answer(
    place: list[float] | None,
    approach: Approach,
    rows: list[dict],
    horizon: str,
    floor: float | None,
) -> tuple[list, dict]:
    k_ticks = approach.k_ticks
    band = naive.band_of(k_ticks, approach.phase)
    neighbors = naive.neighbors(place, rows, horizon, **_LIMITS) if rows else []
    firsts = approach.phase != "approaching"
    base = naive.base_rates(rows, horizon, band, _LEAST_IN_BAND, firsts=firsts)
    if band is None:
        base = dict.fromkeys(base)
    answer = naive.answer(neighbors, base, horizon, alpha=_ALPHA, minima=_MINIMA, floor=floor)
    for name, rate in naive.base_rates(rows, horizon, firsts=firsts).items():
        answer[f"base_all_{name.lower()}"] = rate
    if answer["is_similar"]:
        from_there = naive.neighbors(
            place, rows, horizon, **_LIMITS, whether_reached=True, band=band
        )
        answer["p_reached"] = naive.share_that_came(from_there, base, horizon, _ALPHA)
        if horizon == _SIGNAL_HORIZON and abs(k_ticks) <= _SIGNAL_TICKS:
            draws = np.random.default_rng(_SEED).random((_LIMITS["k"], _RESAMPLES)).tolist()
            edge = naive.edge_of(from_there, answer["top_class"], horizon, draws, _MINIMA)
            for name, value in zip(_RESULTS, edge or (), strict=edge is not None):
                answer[name] = value
    return neighbors, answer
