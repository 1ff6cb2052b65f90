"""Inputs of the plain level relations from the tables of hand-made cases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from naive.gaps import Gap
from naive.levels_model import LevelRules, Second, Trade
from naive.surfaces import second_of

from support.cases import Case, Row, Tables

SYMBOL = "ESZ5"
# names of the settings of the twin by those of the project
_SETTINGS = {
    "barrier_sigmas": "barrier_k",
    "stack_max_ticks": "stack_ticks",
    "level_approach_max_ticks": "approach_max_k_ticks",
    "approach_over_s": "approach_over_s",
    "approach_min_ticks": "approach_min_ticks",
}


def rules_of(given: Tables, case: Case) -> LevelRules:
    """Return the settings of the case's contract-day."""
    [contract_day] = given["contract_days"]
    settings = {
        _SETTINGS[name]: value for name, value in case.variables.items() if name in _SETTINGS
    }
    if "horizons_s" in case.variables:
        settings["elapsed_horizons_s"] = tuple(case.variables["horizons_s"].values())
        settings["clock_horizons"] = tuple(range(case.variables["horizon_bars"] + 1))
    if "barrier_ticks_range" in case.variables:
        least, most = case.variables["barrier_ticks_range"]
        settings |= {"barrier_min_ticks": least, "barrier_max_ticks": most}
    return LevelRules(SYMBOL, date.fromisoformat(case.day), contract_day["tick_int"], **settings)


def trades_of(rows: Iterable[Row], rules: LevelRules) -> list[Trade]:
    """Return the trades of `contract_trades`, numbered as they stand where they have no number."""
    return [
        Trade(
            rules.symbol,
            rules.dt,
            row["trade_no"] or number,
            row["ts_event"],
            second_of(row["window_start_ts"]),
            row["price_int"],
            row["size"] or 1,
            row["side"] or "N",
        )
        for number, row in enumerate(rows, start=1)
    ]


def seconds_of(rows: Sequence[Row]) -> list[Second]:
    """Return the seconds of `book_snapshot_1s`; those without flags say whether they are valid."""
    flags = (row["invalid_flags"] or int(row["window_valid"] is False) for row in rows)
    return [
        Second.of_row(row | {"invalid_flags": of_row})
        for row, of_row in zip(rows, flags, strict=True)
    ]


def gaps_of(rows: Iterable[Row]) -> list[Gap]:
    """Return the gaps of `recording_gaps`."""
    return [Gap(row["gap_start_ts"], row["gap_end_ts"], row["cause"] or "") for row in rows]
