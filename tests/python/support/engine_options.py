"""Drawn options, exposures and answers of retrieval for the days of `engine_days`."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor
from random import Random

from naive.levels_model import LEVEL_IDS
from naive.surfaces import Row, second_of

from support.engine_market import (
    EXPIRATION_NS,
    NS_PER_S,
    START_S,
    TICK_INT,
    gex_row,
    gex_summary_row,
    iv_row,
    keys_of,
    option_row,
    option_trade_row,
)

MS = 1_000_000
FIRST_SPOT = 2000
STEP_TICKS = 20
WINDOW_S = 5


def spot_of(row: Row) -> int | None:
    """Spot of a second in ticks."""
    return None if row["spot_ref_price_int"] is None else row["spot_ref_price_int"] // TICK_INT


def drawn_options(
    random: Random, snapshot: Sequence[Row]
) -> tuple[list[Row], list[Row], list[Row]]:
    """Options around the first spot; gammas, some unknown for a while; trades."""
    strikes = range(FIRST_SPOT - 6 * STEP_TICKS, FIRST_SPOT + 7 * STEP_TICKS, STEP_TICKS)
    contracts = [option_row(strike, right) for strike in strikes for right in "CP"]
    contracts.append(
        option_row(FIRST_SPOT, "C", option_symbol="later", days_to_expiry=2)
        | {"expiration": EXPIRATION_NS + 2 * 86_400 * NS_PER_S}
    )
    iv, unknown_until = [], dict.fromkeys(strikes, START_S)
    for row in snapshot:
        if row["spot_ref_price_int"] is None:
            continue
        end_s = second_of(row["window_end_ts"])
        for strike in strikes:
            if random.random() < 0.0004:
                unknown_until[strike] = end_s + random.randint(1, 80)
            gamma = None if end_s < unknown_until[strike] else random.uniform(0.001, 0.02)
            if random.random() > 0.0003:
                iv.append(iv_row(end_s, strike, gamma))
    first_s, last_s = (second_of(snapshot[n]["window_end_ts"]) for n in (0, -1))
    times = sorted(random.randrange(first_s * 1000, last_s * 1000) for _ in range(len(snapshot)))
    trades = [
        option_trade_row(
            time * MS,
            0,
            "",
            random.choice((1, 5, 900, 25_000)),
            random.choices((-1, 0, 1), (5, 1, 5))[0],
        )
        | {"option_symbol": random.choice(contracts)["option_symbol"]}
        for time in times
    ]
    terms = {row["option_symbol"]: row for row in contracts}
    named = ("right", "strike_price_int", "expiration")
    for number, trade in enumerate(trades, 1):
        trade["rec_ordinal"] = number
        trade |= {name: terms[trade["option_symbol"]][name] for name in named}
    return contracts, iv, trades


def drawn_exposures(random: Random, snapshot: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Exposures of 13 strikes around spot, some unknown, some as large as a wall."""
    surface, summary = [], []
    for row in snapshot:
        spot = spot_of(row)
        if spot is None:
            continue
        end_s = second_of(row["window_end_ts"])
        centre = floor(spot / STEP_TICKS + 0.5) * STEP_TICKS
        total = 0.0
        for offset in range(-6, 7):
            call, put = (random.choice((0.0, 900.0, 30_000.0, 70_000.0)) for _ in range(2))
            is_known = random.random() > 0.02
            total += call - put if is_known else 0.0
            strike = centre + offset * STEP_TICKS
            surface.append(
                gex_row(
                    end_s,
                    spot,
                    strike,
                    gex=call - put if is_known else None,
                    call=call if is_known else None,
                    put=put if is_known else None,
                )
            )
        flip = None if random.random() < 0.2 else spot * TICK_INT / NS_PER_S + random.uniform(-9, 9)
        summary.append(gex_summary_row(end_s, gex=total, flip=flip))
    return surface, summary


def drawn_answers(random: Random, snapshot: Sequence[Row]) -> list[Row]:
    """Answers of retrieval at some decisions of every level."""
    rows = []
    for second in snapshot:
        end_s = second_of(second["window_end_ts"])
        for level in LEVEL_IDS:
            if end_s % WINDOW_S or random.random() < 0.4:
                continue
            names = ("p_break", "p_reject", "p_chop", "base_break", "base_reject", "base_chop")
            is_ok = random.random() < 0.7
            rows.append(
                keys_of(end_s)
                | {"level_id": level, "horizon_id": "s240"}
                | {name: random.random() if is_ok else None for name in names}
                | {"n_eff": random.uniform(0, 90), "neighbors_ok": is_ok}
            )
    return rows
