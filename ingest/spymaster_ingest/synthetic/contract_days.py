"""One contract-day of the market, piece by piece: records, and the truth about them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.synthetic import agent_arrays, market_arrays
from spymaster_ingest.synthetic.agent_plan import planned_agents
from spymaster_ingest.synthetic.contract_prices import opening_tick
from spymaster_ingest.synthetic.event_records import KERNEL_MBO_DTYPE, MBO_DTYPE
from spymaster_ingest.synthetic.fair_price import next_fair
from spymaster_ingest.synthetic.fills import MAX_EVENT_RECORDS, MAX_FILLS
from spymaster_ingest.synthetic.flow_and_signature_settings import flow_arrays, signature_arrays
from spymaster_ingest.synthetic.market_loop import run_market
from spymaster_ingest.synthetic.midnight_orders import (
    clear_book,
    draw_resting_orders,
    enter_orders,
    fill_book,
    snapshot_records,
)
from spymaster_ingest.synthetic.products_and_contracts import (
    CONTRACT_KINDS,
    Contract,
    ProductSpec,
    contract_of,
)
from spymaster_ingest.synthetic.random_streams import stream_states
from spymaster_ingest.synthetic.schedule import Pace, until_expiry
from spymaster_ingest.synthetic.synthetic_market import SyntheticMarket
from spymaster_ingest.units import NS_PER_S

CHUNK_RECORDS = 1 << 18

ORDER_SLOTS = 1 << 17
# Prices the ladder reaches either side of the opening price.
_LADDER_REACH_TICKS = 20_000
_SECOND_ROWS = 1 << 14
_APPROACH_ROWS = 64
_AGENT_ACTION_ROWS = 1 << 14
_ROW_COUNTS = ("written", "n_flows", "n_seconds", "n_approaches", "n_agent_actions")

_ORDER_IDS_PER_DAY = 50_000_000
_ORDER_IDS_PER_CONTRACT = 100_000_000_000_000


@dataclass(frozen=True)
class ContractDay:
    """Fixed settings of a contract-day.

    Attributes:
        contract: the instrument.
        pace: the plan of the day, second by second.
        lowest_tick: tick of the ladder's lowest level.
        start_level: best bid at the start.
    """

    contract: Contract
    pace: Pace
    lowest_tick: int
    start_level: int


class DayPiece(NamedTuple):
    """A piece of a contract-day, valid until the caller asks for the next.

    ``records`` in the vendor's layout, in file order; ``flows`` FLOW_ROW, ``seconds`` SECOND_ROW,
    ``approaches`` APPROACH_ROW and ``agent_actions`` AGENT_ACTION: the truth, levels counted from
    ``ContractDay.lowest_tick``, seconds from midnight UTC. ``bars`` (BAR) and ``named``
    (NAMED_LEVEL) are the completed bars and the named levels so far; ``profile`` the
    orders counted by distance from the touch.
    """

    records: np.ndarray
    flows: np.ndarray
    seconds: np.ndarray
    approaches: np.ndarray
    agent_actions: np.ndarray
    bars: np.ndarray
    named: np.ndarray
    profile: np.ndarray


def contract_day(market: SyntheticMarket, day: dt.date, kind: str = "front") -> ContractDay:
    """Return the settings of a contract-day; ``kind`` is one of CONTRACT_KINDS.

    Raises:
        SpymasterError: when no such contract trades on this day.
    """
    lowest_tick, start_level = _ladder(market, day, kind)
    contract, pace = contract_of(market.product, day, kind), market.pace_of(day)
    pace = until_expiry(pace, contract.expiration)
    return ContractDay(contract, pace, lowest_tick, start_level)


def day_pieces(
    market: SyntheticMarket,
    day: dt.date,
    kind: str = "front",
    chunk_records: int = CHUNK_RECORDS,
) -> Iterator[DayPiece]:
    """Yield a contract-day in bounded memory, records and truth together.

    The cut into pieces does not change the records.

    Args:
        market: the market to generate.
        day: UTC date of the vendor's daily file.
        kind: one of CONTRACT_KINDS.
        chunk_records: most records of a piece after the snapshot.

    Raises:
        SpymasterError: when more orders rest than there is room for.
    """
    frame = contract_day(market, day, kind)
    st, snapshot = _begin(market, day, kind, frame, max(chunk_records, 2 * MAX_EVENT_RECORDS))
    s = st.scalars
    if snapshot.size:
        yield _piece(st, snapshot)
    status = market_arrays.FULL
    while status != market_arrays.OVER:
        for name in _ROW_COUNTS:
            s[name] = 0
        status = run_market(st)
        if status == market_arrays.PAUSED:
            yield _piece(st, st.out[: s["written"][0]])
            yield from _clear_book(st, market, day, kind)
            continue
        if status == market_arrays.NO_SLOTS:
            raise SpymasterError(
                f"{frame.contract.symbol} {day}",
                f"more than {ORDER_SLOTS} orders rest in the synthetic book",
                "use a smaller depth",
            )
        yield _piece(st, st.out[: s["written"][0]])


def _piece(st: market_arrays.Market, records: np.ndarray) -> DayPiece:
    s = st.scalars[0]
    return DayPiece(
        records.view(MBO_DTYPE),
        st.flows[: s["n_flows"]],
        st.seconds[: s["n_seconds"]],
        st.approaches[: s["n_approaches"]],
        st.agent_actions[: s["n_agent_actions"]],
        st.bars[: s["n_bars"]],
        st.named,
        st.profile,
    )


def _begin(
    market: SyntheticMarket, day: dt.date, kind: str, frame: ContractDay, chunk_records: int
) -> tuple[market_arrays.Market, np.ndarray]:
    """Return the state of the market at midnight and its records."""
    st = empty_market(market, day, kind, chunk_records)
    opening = stream_states(market.seed, day, frame.contract.symbol, components=("resting",))
    side, level, size, age_ns = draw_resting_orders(
        opening,
        st.exponential,
        st.order_size,
        st.target,
        market.flow.stub_orders,
        frame.start_level,
        st.levels.shape[1],
    )
    oldest_first = np.argsort(-age_ns, kind="stable")
    side, level, size, age_ns = (a[oldest_first] for a in (side, level, size, age_ns))
    order_id = np.empty(side.size, np.uint64)
    fill_book(st, side, level, size, age_ns, order_id)
    snapshot = snapshot_records(
        market.snapshot_kind,
        frame.pace.midnight_ns,
        frame.contract.instrument_id,
        side,
        (frame.lowest_tick + level) * frame.contract.tick_int,
        size,
        age_ns,
        order_id,
    )
    s = st.scalars[0]
    s["sequence"] = snapshot.size
    s["w_records"] = snapshot.size
    s["w_groups"] = {"clear": 2, "none": 0}.get(market.snapshot_kind, 1)
    next_fair(st)
    return st, snapshot


def opening_orders(market: SyntheticMarket, day: dt.date, kind: str) -> tuple[np.ndarray, int]:
    """Return the orders that rest at midnight (ORDER, oldest first) and the ladder's length."""
    frame = contract_day(market, day, kind)
    st, _ = _begin(market, day, kind, frame, 2 * MAX_EVENT_RECORDS)
    return st.orders[st.orders["size"] > 0], st.levels.shape[1]


def empty_market(
    market: SyntheticMarket, day: dt.date, kind: str, chunk_records: int
) -> market_arrays.Market:
    """Return the state of a contract-day at midnight, before anything rests.

    ``chunk_records`` is the length of the record buffer; other arguments as in
    :func:`day_pieces`.
    """
    frame = contract_day(market, day, kind)
    flow = replace(market.flow, depth_orders=market.flow.depth_orders * market.depth_of(kind, day))
    pace, spec = frame.pace, frame.contract
    seconds, levels = pace.record_rate.size, frame.start_level + _LADDER_REACH_TICKS
    orders = np.zeros(ORDER_SLOTS, market_arrays.ORDER)
    orders["behind"] = np.arange(1, ORDER_SLOTS + 1)
    orders["behind"][-1] = market_arrays.NONE
    cells = np.zeros((2, levels), market_arrays.LEVEL)
    cells["first"] = cells["last"] = market_arrays.NONE
    named = np.zeros(len(market_arrays.LEVEL_IDS), market_arrays.NAMED_LEVEL)
    named["tick"] = market_arrays.NONE
    agents = agents_of(market, day, kind)
    control = np.zeros(1, market_arrays.CONTROL)
    control["mood"] = 1
    control["mechanism"] = market_arrays.NONE
    control["next_start_s"] = pace.study_start_s
    return market_arrays.Market(
        orders=orders,
        levels=cells,
        scalars=_scalars(market, day, kind, frame, levels),
        states=stream_states(market.seed, day, spec.symbol, components=market_arrays.COMPONENTS),
        touched=np.zeros(2 * levels, np.int32),
        bars=np.zeros(market_arrays.BARS_PER_DAY, market_arrays.BAR),
        named=named,
        approach=np.zeros(1, market_arrays.APPROACH_ROW),
        control=control,
        mids=np.full(seconds + 1, market_arrays.NONE, np.int64),
        changes=np.zeros(MAX_FILLS, market_arrays.CHANGE),
        out=np.zeros(chunk_records, KERNEL_MBO_DTYPE),
        flows=np.zeros(max(chunk_records, 2 * levels), market_arrays.FLOW_ROW),
        seconds=np.zeros(_SECOND_ROWS, market_arrays.SECOND_ROW),
        profile=np.zeros(market_arrays.PROFILE_TICKS, np.int64),
        approaches=np.zeros(_APPROACH_ROWS, market_arrays.APPROACH_ROW),
        agents=agents,
        agent_orders=_no_orders(agents.size),
        agent_actions=np.zeros(_AGENT_ACTION_ROWS if agents.size else 0, agent_arrays.AGENT_ACTION),
        rate=pace.record_rate * market.activity_of(kind, day),
        move=pace.move,
        follow=_path_to_follow(market, day, kind),
        phase=pace.phase,
        **flow_arrays(flow),
        **signature_arrays(market.signatures),
    )


def agents_of(market: SyntheticMarket, day: dt.date, kind: str) -> np.ndarray:
    """Return the planted agents of a contract-day, AGENT; only the front contract has some."""
    frame = contract_day(market, day, kind)
    count = market.agents if kind == "front" else 0
    return planned_agents(count, market.seed, day, frame.contract.symbol, frame.pace)


def _no_orders(count: int) -> np.ndarray:
    """Return the orders of agents of which none rests: shape (count, MOST_ORDERS)."""
    held = np.zeros((count, agent_arrays.MOST_ORDERS), agent_arrays.AGENT_ORDER)
    held["slot"] = market_arrays.NONE
    return held


def _scalars(
    market: SyntheticMarket, day: dt.date, kind: str, frame: ContractDay, levels: int
) -> np.ndarray:
    pace, spec = frame.pace, frame.contract
    scalars = np.zeros(1, market_arrays.SCALARS)
    s = scalars[0]
    s["midnight_ns"] = s["now_ns"] = s["ts_recv"] = pace.midnight_ns
    s["second_end_ns"] = pace.midnight_ns + NS_PER_S
    s["end_second"] = pace.record_rate.size - 1
    s["best_bid"], s["best_ask"] = -1, levels
    s["reference_bid"] = frame.start_level
    s["maker_bid"] = s["maker_ask"] = s["last_trade"] = s["bar_close"] = market_arrays.NONE
    s["guard_high"] = levels - 1
    s["closing_records"] = market.closing_records
    s["instrument_id"], s["tick_int"] = spec.instrument_id, spec.tick_int
    s["lowest_tick"] = frame.lowest_tick
    s["premarket_second"], s["cash_second"] = pace.premarket_s, pace.cash_s
    s["range_end_second"], s["study_end_second"] = pace.range_end_s, pace.study_end_s
    s["dense_end_second"] = pace.dense_end_s
    s["pause_second"] = market_arrays.NONE
    if market.damage.clear_at is not None:
        s["pause_second"] = market.second_of(day, market.damage.clear_at)
    s["is_null"] = market.null
    s["approaches_wanted"] = market.signatures.approaches if kind == "front" else 0
    s["next_order_id"] = first_order_id(market.product, day, CONTRACT_KINDS.index(kind))
    s["fair_start"] = s["fair_end"] = frame.start_level + 0.5
    s["excitement"], s["last_sign"] = 1.0, 1.0
    s["volatility"] = market.volatility_of(kind)
    return scalars


def _clear_book(
    st: market_arrays.Market, market: SyntheticMarket, day: dt.date, kind: str
) -> Iterator[DayPiece]:
    """Clear the book between two seconds and enter as many orders as rest at midnight."""
    s = st.scalars
    for name in _ROW_COUNTS:
        s[name] = 0
    symbol = contract_of(market.product, day, kind).symbol
    side, level, size, _ = draw_resting_orders(
        stream_states(market.seed, day, symbol, components=("re-entered",)),
        st.exponential,
        st.order_size,
        st.target,
        market.flow.stub_orders,
        int(s["reference_bid"][0]),
        st.levels.shape[1],
    )
    records = st.out
    if side.size + 2 * MAX_EVENT_RECORDS > records.size:
        st = st._replace(out=np.zeros(side.size + 2 * MAX_EVENT_RECORDS, KERNEL_MBO_DTYPE))
    clear_book(st)
    enter_orders(st, side, level, size)
    yield _piece(st, st.out[: s["written"][0]])


def _path_to_follow(market: SyntheticMarket, day: dt.date, kind: str) -> np.ndarray:
    """Return the front contract's fair price as levels of another outright's ladder."""
    if kind not in ("next", "expiring"):
        return np.zeros(0)
    front, own = contract_day(market, day, "front"), contract_day(market, day, kind)
    fair = np.concatenate([piece.seconds["fair"].copy() for piece in day_pieces(market, day)])
    return fair - front.start_level + own.start_level


def first_order_id(product: ProductSpec, day: dt.date, number: int) -> int:
    """Return the first order id; days and contracts share no ids."""
    return (
        product.first_order_id
        + day.toordinal() * _ORDER_IDS_PER_DAY
        + number * _ORDER_IDS_PER_CONTRACT
    )


def _ladder(market: SyntheticMarket, day: dt.date, kind: str) -> tuple[int, int]:
    """Return the tick of the ladder's lowest level and the level of the first best bid."""
    tick = opening_tick(market, day, kind)
    if kind == "spread":
        return tick - _LADDER_REACH_TICKS, _LADDER_REACH_TICKS
    # An outright's price stays above zero: level 0 is never used.
    lowest = max(tick - _LADDER_REACH_TICKS, 0)
    return lowest, tick - lowest
