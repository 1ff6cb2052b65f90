"""A lake of options by best quotes with trades among them, drawn and real, up to their physics."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from spymaster_ingest.lake import Lake

from support import lakes
from support.dbn_files import (
    DAY_NS,
    DAY_START_NS,
    SECOND_NS,
    UNDEFINED_PRICE,
    definition,
    definitions,
    mbo,
    mbp,
    plain,
)
from support.made_once import made_once

LAST, SNAPSHOT = 128, 32
OPTION_TICK = 50_000_000
TEN_O_CLOCK = DAY_START_NS + 10 * 3600 * SECOND_NS
# id -> name, right, strike
DRAWN = {
    201: ("ESH4 C5000", "C", 5000),
    202: ("ESH4 P5000", "P", 5000),
    203: ("ESH4 C5005", "C", 5005),
    204: ("ESH4 P5005", "P", 5005),
}
REAL_DAY_START_NS = int(np.datetime64("2024-05-09", "ns").astype(np.int64))
# from the matching engine to the capture
CAPTURE_DELAY_NS = 300_000


def a_future(number: int, bid: float, *, start: int, seconds: int) -> np.ndarray:
    """Return a book of two orders a tick apart, a trade in it, and orders that make it last."""
    records = mbo(4, instrument_id=number, start=start, step=seconds * SECOND_NS // 3)
    records["ts_event"] = records["ts_recv"]
    records["price"] = int(bid * 10**9) + 250_000_000 * np.array([0, 0, 1, 1])
    records["side"] = [b"N", b"B", b"A", b"A"]
    records["action"] = [b"R", b"A", b"A", b"T"]
    records["flags"] = [SNAPSHOT | LAST, LAST, LAST, LAST]
    records["ts_recv"][1:3] = records["ts_event"][1:3] = start + np.array([1, 2])
    records["size"] = 5
    records["price"][0], records["size"][0], records["order_id"][0] = UNDEFINED_PRICE, 0, 0
    late = records[-1:].copy()
    records["ts_recv"][3] = records["ts_event"][3] = start + 3
    return np.concatenate([records, late])


def updates_of(number: int, random: np.random.Generator) -> np.ndarray:
    """Return updates of the best quotes of an option over two minutes, trades among them."""
    count = 400
    records = mbp(count, levels=1, instrument_id=number)
    # many in one millisecond, some at the very end of a second
    moments = np.sort(random.integers(0, 120_000, count))
    moments[random.random(count) < 0.1] //= 1000
    moments = np.sort(np.where(moments < 120, moments * 1000, moments))
    records["ts_recv"] = TEN_O_CLOCK + moments * 1_000_000
    records["ts_event"] = records["ts_recv"] - CAPTURE_DELAY_NS
    prices = {"bid": 200, "ask": 202}
    sizes = {"bid": 20, "ask": 20}
    for record in records:
        side, draw = ("bid", "ask")[random.integers(2)], random.random()
        if draw < 0.3 and prices[side] is not None:
            # a trade is sent before the quote it changes
            record["action"] = b"T"
            record["side"] = random.choice([b"A" if side == "bid" else b"B", b"N"], p=[0.9, 0.1])
            record["price"] = (prices[side] + random.integers(-1, 2)) * OPTION_TICK
            record["size"] = random.integers(1, 12)
        elif draw < 0.35:
            prices[side], sizes[side] = None, 0
        elif draw < 0.6 or prices[side] is None:
            away = random.integers(0, 4)
            prices[side] = 200 - away if side == "bid" else 202 + away
            sizes[side] = int(random.integers(1, 30))
        else:
            sizes[side] = max(sizes[side] + int(random.integers(-6, 7)), 1)
        for name in prices:
            price = prices[name]
            record[f"{name}_px_00"] = UNDEFINED_PRICE if price is None else price * OPTION_TICK
            record[f"{name}_sz_00"] = record[f"{name}_ct_00"] = sizes[name]
    return records


def drawn_quotes() -> np.ndarray:
    """Return the updates of all drawn options in the order of their capture."""
    random = np.random.default_rng(11)
    records = np.concatenate([updates_of(number, random) for number in DRAWN])
    return records[np.argsort(records["ts_recv"], kind="stable")]


@pytest.fixture(scope="session")
def quoted(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """The lake, built and published; tests must not change it."""
    return made_once(tmp_path_factory, "quoted", lambda folder: build_quoted(folder, shared_data))


def build_quoted(folder: Path, shared_data: Path) -> Lake:
    """Write, land and build the days."""
    lake = Lake(folder / "lake")
    lakes.land_raw(lake, *_files(folder, shared_data))
    lakes.run_models(
        lake,
        "--select",
        "+option_physics_1s",
        surface_window="all",
        gex_max_dte=60,
        option_max_dte=60,
    )
    lakes.publish_untested(lake)
    return lake


def _files(folder: Path, shared_data: Path) -> list[Path]:
    listed = [definition(200, "ESH4", ts_recv=DAY_START_NS)]
    for number, (name, right, strike) in DRAWN.items():
        terms = {
            "underlying": b"ESH4",
            "strike_price": strike * 10**9,
            "expiration": DAY_START_NS + 20 * 3600 * SECOND_NS,
            "security_type": b"OOF",
            "min_price_increment": OPTION_TICK,
        }
        listed.append(definition(number, name, right, ts_recv=DAY_START_NS, **terms))
    names = {number: name for number, (name, *_) in DRAWN.items()}
    day = {"start": DAY_START_NS, "end": DAY_START_NS + DAY_NS}
    real_day = {"start": REAL_DAY_START_NS, "end": REAL_DAY_START_NS + DAY_NS}
    real_future = a_future(
        5602, 5199.5, start=REAL_DAY_START_NS + 10 * 3600 * SECOND_NS - SECOND_NS, seconds=300
    )
    return [
        definitions(folder / "drawn.definition.dbn", *listed, **day),
        plain(
            folder / "drawn.mbo.dbn",
            a_future(200, 5000, start=TEN_O_CLOCK - SECOND_NS, seconds=120),
            "mbo",
            symbols={200: "ESH4"},
            **day,
        ),
        plain(folder / "drawn.mbp-1.dbn", drawn_quotes(), "mbp-1", symbols=names, **day),
        plain(folder / "real.mbo.dbn", real_future, "mbo", symbols={5602: "ESM4"}, **real_day),
        *(shared_data / "es_options").glob("*_definition.dbn.zst"),
        *(shared_data / "es_options").glob("*options_mbp-1*.dbn.zst"),
    ]
