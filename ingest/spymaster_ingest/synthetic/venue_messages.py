"""The venue's trading status and statistics of a synthetic contract-day."""

from __future__ import annotations

import datetime as dt

import databento_dbn as dbn
import numpy as np
from spymaster_ingest.dbn.layouts import (
    STATISTICS,
    STATUS,
    UNDEFINED_PRICE,
    UNDEFINED_QUANTITY,
    UNDEFINED_TIMESTAMP,
    RecordLayout,
)
from spymaster_ingest.synthetic.contract_days import contract_day
from spymaster_ingest.synthetic.event_records import CHANNEL_ID, DBN_VERSION, PUBLISHER_ID
from spymaster_ingest.synthetic.market_arrays import CLOSED, HALTED, OPEN, PRE_OPEN
from spymaster_ingest.synthetic.random_streams import next_below, stream_states
from spymaster_ingest.synthetic.schedule import midnight_ns
from spymaster_ingest.synthetic.synthetic_market import SyntheticMarket
from spymaster_ingest.units import NS_PER_S, S_PER_DAY

STATUS_DTYPE = STATUS.dtype(DBN_VERSION)
STATISTICS_DTYPE = STATISTICS.dtype(DBN_VERSION)

_LATENCY_NS = 120_000
_ACTIONS = {
    OPEN: dbn.StatusAction.TRADING,
    PRE_OPEN: dbn.StatusAction.PRE_OPEN,
    CLOSED: dbn.StatusAction.CLOSE,
    HALTED: dbn.StatusAction.HALT,
}
_FEWEST_OPEN, _MOST_OPEN = 1_500_000, 2_500_000
# A session's volume is first published without its last trade, and corrected after this time.
_CORRECTED_AFTER_S = 300
_EXTRA_FLAG = 255


def status_records(market: SyntheticMarket, day: dt.date, kind: str) -> np.ndarray:
    """Return the status messages of a contract-day: its state at midnight and every change.

    Returns:
        STATUS_DTYPE records by time. The midnight record carries the time of the evening before
        at which the session opened or closed.
    """
    frame = contract_day(market, day, kind)
    venue = frame.pace.venue
    changes = np.flatnonzero(np.diff(venue)) + 1
    records = blank_records(STATUS, 1 + changes.size, frame.contract.instrument_id)
    seconds = np.concatenate([[frame.pace.reopen_s - S_PER_DAY], changes])
    records["ts_event"] = frame.pace.midnight_ns + seconds * NS_PER_S
    records["ts_recv"] = records["ts_event"] + np.uint64(_LATENCY_NS)
    records["ts_recv"][0] = frame.pace.midnight_ns
    states = venue[np.concatenate([[0], changes])]
    records["action"] = [int(_ACTIONS[int(state)].value) for state in states]
    is_halt = states == HALTED
    records["reason"] = int(dbn.StatusReason.SCHEDULED.value)
    records["reason"][is_halt] = int(dbn.StatusReason.MARKET_EVENT.value)
    records["is_trading"] = np.where(states == OPEN, b"Y", b"N")
    records["is_quoting"] = np.where((states == OPEN) | (states == PRE_OPEN), b"Y", b"N")
    records["is_short_sell_restricted"] = b"~"
    return records


class SessionStatistics:
    """The venue's statistics of a contract-day, from all its trades, piece by piece.

    As far as the file covers them: the opening price of the session that begins in the evening; the
    settlement price, which is the last price traded before the settlement; the volume from midnight
    UTC to the close, first published too low, then deleted and corrected; the open interest, first
    without a quantity, then drawn.
    """

    def __init__(self, market: SyntheticMarket, day: dt.date, kind: str) -> None:
        self._frame = contract_day(market, day, kind)
        self._day = day
        states = stream_states(
            market.seed, day, self._frame.contract.symbol, components=("open_interest",)
        )
        depth = market.depth_of(kind, day)
        drawn = _FEWEST_OPEN + next_below(states, 0, _MOST_OPEN - _FEWEST_OPEN)
        self._open_interest = int(drawn * depth)
        self._volume = self._last_size = 0
        self._settlement: int | None = None
        self._opening: tuple[int, int] | None = None

    def add(self, records: np.ndarray) -> None:
        """Note the trades among the day's next MBO records."""
        trades = records[records["action"] == b"T"]
        second = (trades["ts_event"].astype(np.int64) - self._frame.pace.midnight_ns) // (NS_PER_S)
        pace = self._frame.pace
        in_session = trades[second < pace.close_s]
        if in_session.size:
            self._volume += int(in_session["size"].sum(dtype=np.int64))
            self._last_size = int(in_session["size"][-1])
        settled = trades["price"][second < pace.settlement_s]
        if settled.size:
            self._settlement = int(settled[-1])
        evening = trades[second >= pace.reopen_s]
        if evening.size and self._opening is None:
            self._opening = int(evening["ts_event"][0]), int(evening["price"][0])

    def records(self) -> np.ndarray:
        """Return the statistics (STATISTICS_DTYPE) by time, once all trades are known."""
        pace, kinds, changes = self._frame.pace, dbn.StatType, dbn.StatUpdateAction
        published_ns = pace.midnight_ns + pace.statistics_s * NS_PER_S
        corrected_ns = published_ns + _CORRECTED_AFTER_S * NS_PER_S
        too_low = self._volume - self._last_size
        volume, interest = kinds.CLEARED_VOLUME, kinds.OPEN_INTEREST
        new, delete = changes.NEW, changes.DELETE
        unknown = UNDEFINED_QUANTITY
        rows = [
            (published_ns, volume, UNDEFINED_PRICE, too_low, new),
            (published_ns, interest, UNDEFINED_PRICE, unknown, new),
            (corrected_ns, volume, UNDEFINED_PRICE, too_low, delete),
            (corrected_ns, volume, UNDEFINED_PRICE, self._volume, new),
            (corrected_ns, interest, UNDEFINED_PRICE, self._open_interest, new),
        ]
        if self._settlement is not None:
            rows.insert(0, (published_ns, kinds.SETTLEMENT_PRICE, self._settlement, unknown, new))
        if self._opening is not None:
            event_ns, price = self._opening
            rows.append((event_ns, kinds.OPENING_PRICE, price, unknown, new))
        made = blank_records(STATISTICS, len(rows), self._frame.contract.instrument_id)
        for record, (event_ns, kind, price, quantity, change) in zip(made, rows, strict=True):
            record["ts_event"] = event_ns
            record["stat_type"], record["update_action"] = int(kind.value), int(change.value)
            record["price"], record["quantity"] = price, quantity
            is_opening = kind == kinds.OPENING_PRICE
            record["ts_ref"] = UNDEFINED_TIMESTAMP if is_opening else midnight_ns(self._day)
        stamp_statistics(made)
        return made


def stamp_statistics(records: np.ndarray) -> None:
    """Fill in the fields that all statistics share, from their ``ts_event``."""
    records["ts_recv"] = records["ts_event"] + np.uint64(_LATENCY_NS)
    records["ts_in_delta"] = _LATENCY_NS // 10
    records["channel_id"] = CHANNEL_ID
    records["stat_flags"] = _EXTRA_FLAG


def blank_records(layout: RecordLayout, count: int, instrument_id: int) -> np.ndarray:
    """Return records with length, type and ids of their schema, other fields zero."""
    records = np.zeros(count, layout.dtype(DBN_VERSION))
    records["length"], records["rtype"] = layout.length_words(DBN_VERSION), layout.rtype
    records["publisher_id"], records["instrument_id"] = PUBLISHER_ID, instrument_id
    return records
