"""One day of the option market, piece by piece."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from spymaster_ingest.dbn.layouts import BBO_1S, UNDEFINED_PRICE, UNDEFINED_TIMESTAMP
from spymaster_ingest.synthetic.contract_days import first_order_id
from spymaster_ingest.synthetic.event_records import (
    DBN_VERSION,
    FLAGS_LIVE_LAST,
    KERNEL_MBO_DTYPE,
    MBO_DTYPE,
    PUBLISHER_ID,
    SIDE_NONE,
)
from spymaster_ingest.synthetic.market_arrays import FULL, OVER
from spymaster_ingest.synthetic.midnight_orders import snapshot_records
from spymaster_ingest.synthetic.options import option_arrays
from spymaster_ingest.synthetic.options.chain import CALL, Chain, opening_price_int, option_chain
from spymaster_ingest.synthetic.options.market_loop import (
    QUOTES_PER_INSTRUMENT,
    RECORDS_PER_INSTRUMENT,
    run_options,
)
from spymaster_ingest.synthetic.options.midnight import rest_at_midnight
from spymaster_ingest.synthetic.options.surface import Surface, volatility_surface
from spymaster_ingest.synthetic.price_book import BBO_DTYPE
from spymaster_ingest.synthetic.products_and_contracts import CONTRACT_KINDS
from spymaster_ingest.synthetic.random_streams import (
    exponential_table,
    quantile_table,
    stream_states,
)
from spymaster_ingest.synthetic.synthetic_market import SyntheticMarket
from spymaster_ingest.units import NS_PER_S

CHUNK_RECORDS = 1 << 17
_CHUNK_QUOTES = 1 << 15
# Decisions of customers per record of the future.
_DECISIONS_PER_RECORD = 0.08
# The usual quote of a dear option is this part of the distance of two strikes wide.
_WIDTHS_PER_STRIKE = 10
_LARGEST_ORDER, _LARGEST_TRADE = 60, 100
_FURTHEST_STRIKES = 20


@dataclass(frozen=True)
class OptionDay:
    """Fixed settings of the options of a day.

    Attributes:
        market: the generated market.
        day: UTC date of the file.
        chain: the listed options.
        surface: volatilities.
    """

    market: SyntheticMarket
    day: dt.date
    chain: Chain
    surface: Surface


class OptionPiece(NamedTuple):
    """A piece of a day, valid until the caller asks for the next.

    ``records`` MBO_DTYPE and ``quotes`` BBO_DTYPE in the vendor's layouts, in file order;
    ``seconds`` SECOND_ROW: the truth so far, of the whole day in the last piece.
    """

    records: np.ndarray
    quotes: np.ndarray
    seconds: np.ndarray


def option_day(market: SyntheticMarket, day: dt.date) -> OptionDay:
    """Return the fixed settings of the options of a day."""
    chain = option_chain(market, day)
    return OptionDay(market, day, chain, volatility_surface(market, day, chain))


def option_pieces(
    frame: OptionDay, mid_ns: np.ndarray, mids: np.ndarray, chunk_records: int = CHUNK_RECORDS
) -> Iterator[OptionPiece]:
    """Yield a day of the option market in bounded memory.

    The cut into pieces does not change the records. The market maker quotes in the dense period
    of the day while the venue is open; before and after, only customers' orders rest.

    Args:
        frame: the day.
        mid_ns: when the future's mid price changed, ns since the epoch, int64, ascending.
        mids: to how many half ticks, int64, as long as ``mid_ns``.
        chunk_records: most records of a piece after the snapshot.
    """
    st = _empty_market(frame, mid_ns, mids, chunk_records)
    ids = np.array([contract.instrument_id for contract in frame.chain.contracts])
    yield OptionPiece(_open(st, frame, ids), _quotes(st, ids), st.seconds[:0])
    s = st.scalars[0]
    status = OVER if s["second"] == s["end_second"] else FULL
    while status != OVER:
        s["written"] = s["n_quotes"] = 0
        status = run_options(st)
        yield OptionPiece(
            st.out[: s["written"]].view(MBO_DTYPE), _quotes(st, ids), st.seconds[: s["n_seconds"]]
        )


def _open(st: option_arrays.OptionMarket, frame: OptionDay, ids: np.ndarray) -> np.ndarray:
    """Rest the midnight orders; return their records."""
    market, s = frame.market, st.scalars[0]
    states = stream_states(
        market.seed, frame.day, frame.chain.future.symbol, "options", components=("resting",)
    )
    rest_at_midnight(st, states)
    parts = [np.zeros(0, KERNEL_MBO_DTYPE)]
    for i, instrument_id in enumerate(ids):
        sides = np.repeat([0, 1], st.counts[i])
        orders = np.concatenate([st.orders[i, side, : st.counts[i, side]] for side in (0, 1)])
        oldest_first = np.argsort(orders["ts_enter"], kind="stable")
        orders, sides = orders[oldest_first], sides[oldest_first]
        parts.append(
            snapshot_records(
                market.snapshot_kind,
                int(s["midnight_ns"]),
                int(instrument_id),
                sides,
                orders["price"] * s["tick_int"],
                orders["size"],
                s["midnight_ns"] - orders["ts_enter"],
                orders["order_id"],
            )
        )
    s["sequence"] = sum(part.size for part in parts)
    return np.concatenate(parts).view(MBO_DTYPE)


def _empty_market(
    frame: OptionDay, mid_ns: np.ndarray, mids: np.ndarray, chunk_records: int
) -> option_arrays.OptionMarket:
    """Return the state of the option market at midnight, before anything rests."""
    market, pace = frame.market, frame.market.pace_of(frame.day)
    n = len(frame.chain.contracts)
    open_seconds = pace.dense_end_s - pace.dense_start_s
    return option_arrays.OptionMarket(
        orders=np.zeros((n, 2, option_arrays.ROOM), option_arrays.ORDER),
        counts=np.zeros((n, 2), np.int64),
        instruments=_instruments(frame.chain),
        scalars=_scalars(frame, mid_ns, mids),
        states=stream_states(
            market.seed,
            frame.day,
            frame.chain.future.symbol,
            "options",
            components=option_arrays.COMPONENTS,
        ),
        out=np.zeros(max(chunk_records, RECORDS_PER_INSTRUMENT * n + 1), KERNEL_MBO_DTYPE),
        quotes=np.zeros(max(_CHUNK_QUOTES, QUOTES_PER_INSTRUMENT * n + 1), option_arrays.QUOTE),
        seconds=np.zeros(open_seconds, option_arrays.SECOND_ROW),
        mid_ns=mid_ns,
        mids=mids,
        sigma=frame.surface.sigma,
        decisions=pace.record_rate * _DECISIONS_PER_RECORD,
        phase=pace.phase,
        expiration_ns=np.array([int(e.timestamp()) * NS_PER_S for e in frame.chain.expirations]),
        exponential=exponential_table(),
        order_size=quantile_table(
            range(1, _LARGEST_ORDER + 1), [n**-1.5 for n in range(1, _LARGEST_ORDER + 1)]
        ),
        trade_size=quantile_table(
            range(1, _LARGEST_TRADE + 1), [n**-1.7 for n in range(1, _LARGEST_TRADE + 1)]
        ),
        distance=quantile_table(
            range(_FURTHEST_STRIKES + 1), [1 / (1 + n) for n in range(_FURTHEST_STRIKES + 1)]
        ),
    )


def _instruments(chain: Chain) -> np.ndarray:
    """Return INSTRUMENT rows of a chain, the spread last."""
    rows = np.zeros(len(chain.contracts), option_arrays.INSTRUMENT)
    rows["instrument_id"] = [contract.instrument_id for contract in chain.contracts]
    expiry = {moment: number for number, moment in enumerate(chain.expirations)}
    strike = {price_int: number for number, price_int in enumerate(chain.strikes_int)}
    options = rows[:-1]
    options["kind"] = [
        option_arrays.CALL if o.right == CALL else option_arrays.PUT for o in chain.options
    ]
    options["expiry"] = [expiry[option.expiration] for option in chain.options]
    options["strike"] = [strike[option.strike_int] for option in chain.options]
    rows["kind"][-1] = option_arrays.SPREAD
    first, second = (chain.options.index(leg) for leg in chain.spread.legs)
    rows["first_leg"][-1], rows["second_leg"][-1] = first, second
    rows["expiry"][-1] = rows["expiry"][first]
    rows["is_listed"] = rows["is_changed"] = 1
    rows["trade_price"], rows["trade_side"] = UNDEFINED_PRICE, SIDE_NONE
    rows["trade_ns"] = UNDEFINED_TIMESTAMP
    return rows


def _scalars(frame: OptionDay, mid_ns: np.ndarray, mids: np.ndarray) -> np.ndarray:
    market, product = frame.market, frame.chain.product
    pace, future = market.pace_of(frame.day), frame.chain.future
    scalars = np.zeros(1, option_arrays.SCALARS)
    s = scalars[0]
    s["midnight_ns"] = s["now_ns"] = s["ts_recv"] = pace.midnight_ns
    start_ns = pace.midnight_ns + pace.dense_start_s * NS_PER_S
    # The loop begins with the end of the second before the first.
    s["start_second"], s["second"] = pace.dense_start_s, pace.dense_start_s - 1
    s["second_end_ns"] = start_ns
    s["end_second"] = pace.dense_end_s
    s["crowd_ns"] = s["wake_ns"] = option_arrays.NEVER
    s["mid_int"] = future.tick_int // 2
    s["mid_at"] = np.searchsorted(mid_ns, start_ns, side="right")
    opening = opening_price_int(market, frame.day) // int(s["mid_int"])
    s["mid"] = mids[s["mid_at"] - 1] if s["mid_at"] else opening
    s["seen_step"] = -1
    s["lowest_strike"] = frame.chain.strikes_int[0]
    s["strike_step"] = product.strike_step_int
    s["coarse_ticks"], s["coarse_above"] = product.coarse_ticks, product.coarse_above_ticks
    coarse_int = product.tick_int * product.coarse_ticks
    s["usual_width"] = max(product.strike_step_int // _WIDTHS_PER_STRIKE // coarse_int, 2)
    s["closing_records"] = market.closing_records
    s["tick_int"] = product.tick_int
    s["interval_end_ns"] = pace.midnight_ns + NS_PER_S
    # Beyond the ids of the futures.
    s["next_order_id"] = first_order_id(market.product, frame.day, len(CONTRACT_KINDS))
    s["rate"] = product.rate
    return scalars


def _quotes(st: option_arrays.OptionMarket, ids: np.ndarray) -> np.ndarray:
    """Return the quotes written so far as the vendor's records (BBO_DTYPE)."""
    quotes = st.quotes[: st.scalars["n_quotes"][0]]
    records = np.zeros(quotes.size, BBO_DTYPE)
    records["length"], records["rtype"] = BBO_1S.length_words(DBN_VERSION), BBO_1S.rtype
    records["publisher_id"], records["instrument_id"] = PUBLISHER_ID, ids[quotes["instrument"]]
    records["ts_event"], records["ts_recv"] = quotes["trade_ns"], quotes["interval_end_ns"]
    records["price"], records["size"] = quotes["trade_price"], quotes["trade_size"]
    records["side"] = quotes["trade_side"].astype(np.uint8).view("S1")
    records["flags"], records["sequence"] = FLAGS_LIVE_LAST, quotes["sequence"]
    for side in ("bid", "ask"):
        for short, name in (("px", "price"), ("sz", "size"), ("ct", "count")):
            records[f"{side}_{short}_00"] = quotes[f"{side}_{name}"]
    return records
