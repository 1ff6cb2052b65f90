"""Random rows of market by price: late and early groups, silences, clears, crossed books."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from naive.mbp_snapshot import PriceRow
from naive.model import FLAG_LAST, FLAG_MAYBE_BAD_BOOK, FLAG_SNAPSHOT, NS_PER_S, BookConfig

TICK_INT = 250_000_000
DAY_START_NS = 1_759_276_800 * NS_PER_S
_FIRST_TICK = 26_000


def random_rows(rng: np.random.Generator, n: int) -> list[PriceRow]:
    """Return ``n`` rows of a day that begins at ``DAY_START_NS``."""
    now_ns = DAY_START_NS + int(rng.integers(-2, 3)) * NS_PER_S
    rows, bid, clear_ns = [], _FIRST_TICK, None
    starts_group = True
    for _ in range(n):
        if starts_group:
            jump = rng.choice([0, 1, 3, 40, 300], p=[0.5, 0.25, 0.15, 0.08, 0.02])
            now_ns += int(jump * NS_PER_S // 4 + rng.integers(0, 10**8))
            # exactly on a second now and then
            now_ns -= now_ns % NS_PER_S if rng.random() < 0.1 else 0
        late_ns = int(rng.choice([0, 0, 0, 0, 0, 2, 100])) * NS_PER_S * (rng.random() < 0.2)
        bid += int(rng.integers(-2, 3))
        ask = bid + int(rng.choice([1, 1, 1, 2, 0, -1]))
        quotes = [tick * TICK_INT if rng.random() > 0.05 else None for tick in (bid, ask)]
        action = str(rng.choice(list("ACMTRN"), p=[0.3, 0.2, 0.15, 0.3, 0.02, 0.03]))
        time_ns = now_ns - late_ns
        if clear_ns is not None and rng.random() < 0.5:
            action, time_ns = "N", clear_ns
        clear_ns = time_ns if action == "R" else None
        flags = FLAG_LAST * int(rng.random() < 0.7) + FLAG_SNAPSHOT * int(rng.random() < 0.05)
        flags += FLAG_MAYBE_BAD_BOOK * int(rng.random() < 0.05)
        rows.append(
            PriceRow(
                time_ns,
                now_ns + int(rng.integers(-100, 10**6)),
                None if rng.random() < 0.05 else int(bid + rng.integers(-2, 4)) * TICK_INT,
                int(rng.integers(0, 6)),
                flags,
                action,
                str(rng.choice(list("ABN"))),
                *quotes,
                *(0 if price is None else int(rng.integers(1, 99)) for price in quotes),
            )
        )
        starts_group = bool(flags & FLAG_LAST)
    return rows


def random_price_config(rng: np.random.Generator) -> BookConfig:
    """Return the settings of a day: its trading hours and the length of a silence."""
    opens, breaks, resumes = sorted(int(s) for s in rng.integers(0, 300, 3))
    return BookConfig(
        tick_int=TICK_INT,
        day_start_ns=DAY_START_NS,
        trading_intervals=tuple(
            (DAY_START_NS + start * NS_PER_S, DAY_START_NS + end * NS_PER_S, bool(at_once))
            for start, end, at_once in (
                (opens, breaks, rng.random() < 0.5),
                (resumes, 86_400, rng.random() < 0.5),
            )
            if start < end
        ),
        stale_after_s=None if rng.random() < 0.2 else int(rng.integers(1, 60)),
    )


def landed_table(rows: list[PriceRow]) -> pa.Table:
    """Return rows in the columns of a landed partition, as far as the engine reads them."""
    columns = dict(zip(PriceRow._fields, zip(*rows, strict=True), strict=True)) if rows else {}
    types = {
        **dict.fromkeys(("ts_event", "ts_recv"), pa.timestamp("ns")),
        **dict.fromkeys(("price_int", "bid_px_00_int", "ask_px_00_int"), pa.int64()),
        **dict.fromkeys(("size", "bid_sz_00", "ask_sz_00"), pa.uint32()),
        "flags": pa.uint8(),
        **dict.fromkeys(("action", "side"), pa.string()),
    }
    return pa.table({name: pa.array(columns.get(name, ()), of) for name, of in types.items()})
