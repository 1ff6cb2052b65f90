"""The synthetic market: days of MBO records, and the files the vendor would have written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from spymaster.errors import SpymasterError
from spymaster.lake import Lake
from spymaster.synthetic.dbn_files import DbnWriter, WrittenFile, metadata_bytes, publish
from spymaster.synthetic.definitions import definition_messages, definition_records
from spymaster.synthetic.feed import (
    CLOSING_RECORDS,
    INSTRUMENT_ID,
    KERNEL_MBO_DTYPE,
    LOWEST_TICK,
    MBO_DTYPE,
    SEQUENCE,
    TICK_INT,
    TS_EVENT,
    TS_RECV,
    WRITER_SIZE,
    WRITTEN,
    trades_of,
)
from spymaster.synthetic.flow_tables import FlowSettings, flow_tables
from spymaster.synthetic.matching import new_book
from spymaster.synthetic.opening import (
    SNAPSHOT_KINDS,
    draw_resting_orders,
    fair_path,
    fill_book,
    first_tick,
    snapshot_records,
)
from spymaster.synthetic.order_flow import (
    COMPONENTS,
    EXCITATION,
    LAST_SIGN,
    MARKET_SIZE,
    run_market,
)
from spymaster.synthetic.products import CONTRACT_KINDS, ProductSpec, contracts_of
from spymaster.synthetic.random_streams import stream_states
from spymaster.synthetic.schedule import NS_PER_SECOND, SessionPlan, pace_of

SCHEMAS = ("mbo", "definition", "trades")
CHUNK_RECORDS = 1 << 19

_ORDER_SLOTS = 1 << 17
# Prices the ladder reaches either side of the opening price.
_LADDER_REACH_TICKS = 20_000

_ORDER_IDS_PER_DAY = 50_000_000
_ORDER_IDS_PER_CONTRACT = 100_000_000_000_000

# How busy and how deep each kind of contract is, relative to the front contract.
_ACTIVITY = {"front": (1.0, 1.0), "next": (0.02, 0.3), "spread": (0.01, 0.2)}
_SPREAD_MOVE = 0.1


@dataclass(frozen=True)
class SyntheticMarket:
    """Everything that determines the days of a synthetic market.

    Attributes:
        product: what is traded.
        seed: the global seed; days and contracts draw from streams of their own.
        plan: sessions and pace.
        flow: order flow.
        snapshot: how a day's file opens, one of SNAPSHOT_KINDS; ``none`` leaves out the book
            that rests at midnight, so that orders nobody announced are cancelled later. Not
            given: ``clear``, or ``none`` for a product without snapshot.
        closing_records: end every event with a record of its own (action N, LAST) instead of
            LAST on its last record.
    """

    product: ProductSpec
    seed: int = 1
    plan: SessionPlan = field(default_factory=SessionPlan)
    flow: FlowSettings = field(default_factory=FlowSettings)
    snapshot: str | None = None
    closing_records: bool = False

    def __post_init__(self) -> None:
        if self.snapshot is not None and self.snapshot not in SNAPSHOT_KINDS:
            raise SpymasterError(f"snapshot {self.snapshot!r}", f"not one of {SNAPSHOT_KINDS}")

    @property
    def snapshot_kind(self) -> str:
        """How a day's file opens."""
        return self.snapshot or ("clear" if self.product.has_snapshot else "none")


def generate_day(market: SyntheticMarket, day: dt.date, contract: str = "front") -> np.ndarray:
    """Return the MBO records of one contract-day, in the order of the file.

    Args:
        market: what to generate.
        day: UTC date of the vendor's daily file.
        contract: ``front``, ``next`` or ``spread``.

    Returns:
        Shape (records,), the vendor's MBO dtype (MBO_DTYPE).
    """
    return np.concatenate([chunk.copy() for chunk in day_chunks(market, day, contract)])


def expected_records(market: SyntheticMarket, day: dt.date) -> int:
    """Return roughly how many live records a day of the front contract will have."""
    return int(pace_of(day, market.plan).record_rate.sum())


def day_chunks(
    market: SyntheticMarket,
    day: dt.date,
    contract: str = "front",
    chunk_records: int = CHUNK_RECORDS,
) -> Iterator[np.ndarray]:
    """Yield the records of :func:`generate_day` piece by piece, in bounded memory.

    A piece is valid until the next one is asked for; where pieces end does not change what
    they hold.

    Args:
        market: what to generate.
        day: UTC date of the vendor's daily file.
        contract: ``front``, ``next`` or ``spread``.
        chunk_records: most records of a piece after the snapshot; at least 1,000.
    """
    product, spec = market.product, contracts_of(market.product, day)[contract]
    rate_factor, depth_factor = _ACTIVITY[contract]
    pace = pace_of(day, market.plan)
    key = (market.seed, day, spec.symbol)
    lowest_tick, start_level = _ladder(market, day, contract)
    levels = start_level + _LADDER_REACH_TICKS

    hourly_move: float = product.hourly_move_ticks
    path_key: tuple[object, ...] = (market.seed, day, product.root)
    if contract == "spread":
        hourly_move, path_key = hourly_move * _SPREAD_MOVE, key
    # Outrights of a product share one path: they move together.
    fair = fair_path(
        stream_states(*path_key, components=("fair",)), pace.move, hourly_move, start_level + 0.5
    )
    flow = replace(market.flow, depth_orders=market.flow.depth_orders * depth_factor)
    tables = flow_tables(flow, pace.record_rate * rate_factor, fair)

    book = new_book(_ORDER_SLOTS, levels)
    next_order_id = np.array([_first_order_id(product, day, contract)], np.uint64)
    opening = stream_states(*key, components=("resting",))
    side, level, size, age_ns = draw_resting_orders(
        opening,
        tables.exponential,
        tables.order_size,
        tables.target_orders,
        flow.stub_orders,
        start_level,
        levels,
    )
    oldest_first = np.argsort(-age_ns, kind="stable")
    side, level, size, age_ns = (a[oldest_first] for a in (side, level, size, age_ns))
    order_id = np.empty(side.size, np.uint64)
    fill_book(book, opening, next_order_id, side, level, size, order_id)
    snapshot = snapshot_records(
        market.snapshot_kind,
        pace.midnight_ns,
        spec.instrument_id,
        side,
        (lowest_tick + level) * spec.tick_int,
        size,
        age_ns,
        order_id,
    )
    if snapshot.size:
        yield snapshot.view(MBO_DTYPE)

    writer = np.zeros(WRITER_SIZE, np.int64)
    writer[TS_EVENT] = writer[TS_RECV] = pace.midnight_ns
    writer[SEQUENCE] = snapshot.size
    writer[CLOSING_RECORDS] = market.closing_records
    writer[INSTRUMENT_ID], writer[TICK_INT] = spec.instrument_id, spec.tick_int
    writer[LOWEST_TICK] = lowest_tick
    state = np.zeros(MARKET_SIZE)
    state[EXCITATION], state[LAST_SIGN] = 0.5, 1.0
    states = stream_states(*key, components=COMPONENTS)
    end_ns = pace.midnight_ns + pace.record_rate.size * NS_PER_SECOND
    out = np.empty(chunk_records, KERNEL_MBO_DTYPE)
    over = False
    while not over:
        over = run_market(
            book, tables, states, state, next_order_id, writer, pace.midnight_ns, end_ns, out
        )
        if writer[WRITTEN]:
            yield out[: writer[WRITTEN]].view(MBO_DTYPE)


def _first_order_id(product: ProductSpec, day: dt.date, contract: str) -> int:
    """Return where order ids start, so far apart that days and contracts do not share any."""
    return (
        product.first_order_id
        + day.toordinal() * _ORDER_IDS_PER_DAY
        + CONTRACT_KINDS.index(contract) * _ORDER_IDS_PER_CONTRACT
    )


def _ladder(market: SyntheticMarket, day: dt.date, contract: str) -> tuple[int, int]:
    """Return the tick of the ladder's lowest level and the level of the first best bid."""
    product = market.product
    if contract == "spread":
        tick = product.carry_ticks * product.spread_tick_divisor
        return tick - _LADDER_REACH_TICKS, _LADDER_REACH_TICKS
    tick = first_tick(
        market.seed,
        product.root,
        day,
        product.start_price_int // product.tick_int,
        product.daily_move_ticks,
    )
    if contract == "next":
        tick += product.carry_ticks
    # An outright's price stays above zero: level 0 is never used.
    lowest = max(tick - _LADDER_REACH_TICKS, 0)
    return lowest, tick - lowest


def write_day(
    market: SyntheticMarket, day: dt.date, out_dir: Path, **options: Any
) -> list[WrittenFile]:
    """Write one day's files; options and errors are those of :func:`write_days`."""
    return write_days(market, [day], out_dir, **options)


def write_days(
    market: SyntheticMarket,
    days: Sequence[dt.date],
    out_dir: Path,
    *,
    schemas: Sequence[str] = SCHEMAS,
    contracts: Sequence[str] = ("front",),
    on_day: Callable[[dt.date], object] = lambda day: None,
    on_records: Callable[[int], object] = lambda count: None,
) -> list[WrittenFile]:
    """Write the files of days in the layout of the raw store: all of them or none.

    One contract is written as it is made, in bounded memory; several are merged by ``ts_recv``
    and a day of them must fit into memory. A file that is there with the same bytes stays.

    Args:
        market: what to generate.
        days: UTC dates of the files.
        out_dir: the raw store, the folder above ``source=databento``.
        schemas: which of SCHEMAS to write.
        contracts: which of CONTRACT_KINDS the record files hold; definitions always tell all.
        on_day: called with every day before its records are made.
        on_records: called with the number of MBO records of every piece.

    Returns:
        The files, day by day in the order of ``schemas``.

    Raises:
        SpymasterError: for an unknown schema or contract, a file that is there with other
            content, or a folder that cannot be written.
    """
    for name, known in ((schemas, SCHEMAS), (contracts, CONTRACT_KINDS)):
        if unknown := [entry for entry in name if entry not in known]:
            raise SpymasterError(", ".join(unknown), f"not one of {', '.join(known)}")
    finished: list[DbnWriter] = []
    try:
        for day in days:
            on_day(day)
            finished += _write_partial(market, day, out_dir, schemas, contracts, on_records)
        return publish(finished)
    except OSError as error:
        raise SpymasterError(
            error.filename or out_dir, f"cannot be written: {error.strerror or error}"
        ) from error
    finally:
        for writer in finished:
            writer.discard()


def _write_partial(
    market: SyntheticMarket,
    day: dt.date,
    out_dir: Path,
    schemas: Sequence[str],
    contracts: Sequence[str],
    on_records: Callable[[int], object],
) -> list[DbnWriter]:
    """Write a day's files under their temporary names."""
    listed = contracts_of(market.product, day)
    chosen = [listed[kind] for kind in contracts]
    with ExitStack() as stack:
        writers = {
            schema: stack.enter_context(
                DbnWriter(
                    raw_path(out_dir, market.product.root, schema, day),
                    schema,
                    metadata_bytes(
                        market.product.dataset,
                        schema,
                        day,
                        list(listed.values()) if schema == "definition" else chosen,
                    ),
                )
            )
            for schema in schemas
        }
        if "definition" in writers:
            messages = definition_messages(market.product, list(listed.values()), day)
            writers["definition"].write(definition_records(messages))
        if "mbo" in writers or "trades" in writers:
            for chunk in _record_chunks(market, day, contracts):
                if "mbo" in writers:
                    writers["mbo"].write(chunk)
                if "trades" in writers:
                    writers["trades"].write(trades_of(chunk))
                on_records(chunk.size)
    return list(writers.values())


def raw_path(out_dir: Path, root: str, schema: str, day: dt.date) -> Path:
    """Return where a day's file of a schema lies below the raw store.

    The name is the vendor's with a prefix, so that no synthetic file passes for a real one.
    """
    layout = Lake(Path())
    folder = layout.raw_table("future", root, schema).relative_to(layout.raw.parent)
    return out_dir / folder / f"synthetic-glbx-mdp3-{day:%Y%m%d}.{schema}.dbn.zst"


def _record_chunks(
    market: SyntheticMarket, day: dt.date, contracts: Sequence[str]
) -> Iterator[np.ndarray]:
    if len(contracts) == 1:
        yield from day_chunks(market, day, contracts[0])
        return
    records = np.concatenate([generate_day(market, day, kind) for kind in contracts])
    yield records[np.argsort(records["ts_recv"], kind="stable")]
