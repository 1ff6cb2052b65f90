"""`fuel_engine_1s`: gamma that dealers took on from option trades near a level.

Rules chosen where the specification leaves room:
- Option trades count by their own time in seconds; only options that `option_iv_1s` values, of 0 to
  `gex_max_dte` days to expiry.
- The gamma of a trade is that of the last second that was complete at it. Trades without aggressor
  need none. If the gamma of one trade is not known, neither is the sum.
- There is no sum without options or landed option trades, or while the window begins before 00:00
  UTC of the date. Without a trade it is 0. `fuel_available` says whether there is one.
- Walls are strikes strictly above and below spot with the largest signed exposure of dealers, at
  least `gamma_wall_min`; of equals the nearest to spot. They do not depend on the level.
- The readings do not depend on direction or validity.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from naive.engine_rows import Constants, by_end, end_of, engine_keys
from naive.surfaces import Row, second_of

COLUMNS = (
    "fuel_available",
    "net_dealer_gamma",
    "effect",
    "call_wall_price_int",
    "put_wall_price_int",
    "gamma_flip_price",
)
NS_PER_S = 1_000_000_000


def fuel_engine_1s(
    snapshot: Iterable[Row],
    levels: Iterable[Row],
    offsets: Iterable[Row],
    option_trades: Iterable[Row] | None,
    option_contracts: Iterable[Row],
    option_iv: Iterable[Row],
    gex_surface: Iterable[Row],
    gex_summary: Iterable[Row],
    constants: Constants,
    courses: Iterable[Row] = (),
) -> list[Row]:
    """Rows of `silver.fuel_engine_1s` of one contract-day, by second and priority.

    Args:
        snapshot: Rows of `book_snapshot_1s`.
        levels: Rows of `levels_1s`.
        offsets: Rows of `level_offset_1s`.
        option_trades: Option trades of the day (option_symbol, ts_event, size, aggressor); None if
            none are landed, or the day has no options.
        option_contracts: Rows of `option_contracts`.
        option_iv: Rows of `option_iv_1s`.
        gex_surface: Rows of `gex_surface_1s`.
        gex_summary: Rows of `gex_summary_1s`.
        constants: See `engine_rows`; `gex_max_dte` too.
        courses: Rows of `approach_course_1s`.
    """
    gammas = {
        (end_of(row), row["expiration"], row["strike_price_int"]): row["gamma"] for row in option_iv
    }
    trades = None
    if option_trades is not None:
        trades = valued_trades(option_trades, option_contracts, gammas, constants)
    strikes: dict[int, list[Row]] = {}
    for row in gex_surface:
        strikes.setdefault(end_of(row), []).append(row)
    summaries = by_end(gex_summary)
    rows = []
    for key in engine_keys(snapshot, levels, offsets, constants, courses):
        end_s = end_of(key)
        net = None
        if trades is not None and has_whole_window(key, end_s, constants):
            net = net_dealer_gamma(trades, end_s, key["level_price_int"], constants)
        rows.append(
            key
            | {
                "fuel_available": net is not None,
                "net_dealer_gamma": net,
                "effect": effect_of(net, constants),
                "call_wall_price_int": wall_of(strikes.get(end_s, []), 1, constants),
                "put_wall_price_int": wall_of(strikes.get(end_s, []), -1, constants),
                "gamma_flip_price": summaries.get(end_s, {}).get("gamma_flip_price"),
            }
        )
    return rows


def has_whole_window(key: Row, end_s: int, constants: Constants) -> bool:
    """Whether the window of a row begins on its date."""
    midnight = second_of(datetime.combine(key["dt"], datetime.min.time()))
    return end_s - constants["w_fuel_s"] >= midnight


def valued_trades(
    option_trades: Iterable[Row],
    option_contracts: Iterable[Row],
    gammas: Mapping[tuple[int, Any, int], float | None],
    constants: Constants,
) -> list[Row]:
    """Trades with their second, strike and dealer gamma; that is None where it is not known."""
    terms = {row["option_symbol"]: row for row in option_contracts}
    found = []
    for trade in option_trades:
        contract = terms.get(trade["option_symbol"])
        if contract is None or not 0 <= contract["days_to_expiry"] <= constants["gex_max_dte"]:
            continue
        second_s = trade["ts_event"] // NS_PER_S
        strike_int = contract["strike_price_int"]
        gamma = gammas.get((second_s, contract["expiration"], strike_int))
        dealer_gamma: float | None = 0.0
        if trade["aggressor"]:
            dealer_gamma = None
            if gamma is not None:
                bought = trade["aggressor"] * trade["size"] * contract["multiplier"]
                dealer_gamma = -bought * gamma
        found.append(
            {"second_s": second_s, "strike_price_int": strike_int, "dealer_gamma": dealer_gamma}
        )
    return found


def net_dealer_gamma(
    trades: Iterable[Row], end_s: int, level_price_int: int, constants: Constants
) -> float | None:
    """Sum over the trades near a level; None if one of them is not known."""
    reach_int = constants["fuel_strike_steps"] * constants["strike_step_int"]
    near = [
        row["dealer_gamma"]
        for row in trades
        if end_s - constants["w_fuel_s"] <= row["second_s"] < end_s
        and abs(row["strike_price_int"] - level_price_int) <= reach_int
    ]
    return None if None in near else sum(near, 0.0)


def effect_of(net: float | None, constants: Constants) -> str | None:
    """What dealers do to a move: with negative gamma they follow it."""
    threshold = constants["fuel_effect_gamma"]
    if net is None:
        return None
    if net < -threshold:
        return "AMPLIFY"
    return "DAMPEN" if net > threshold else "NEUTRAL"


def wall_of(strikes: Iterable[Row], sign: int, constants: Constants) -> int | None:
    """Strike above (+1) or below (-1) spot with the largest exposure, 1e-9 points."""
    walls = [
        (row["gex"], -abs(row["rel_ticks"]), row["strike_price_int"])
        for row in strikes
        if row["gex"] is not None
        and row["gex"] >= constants["gamma_wall_min"]
        and sign * row["rel_ticks"] > 0
    ]
    return max(walls)[2] if walls else None
