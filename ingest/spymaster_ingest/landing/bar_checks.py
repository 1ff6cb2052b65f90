"""Checks of the vendor's trade bars."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from spymaster_ingest.dbn.layouts import UNDEFINED_PRICE
from spymaster_ingest.dbn.reader import Header
from spymaster_ingest.dbn.records import Records
from spymaster_ingest.landing.record_check import LARGEST_QUANTITY, RecordCheck
from spymaster_ingest.units import NS_PER_S

PRICES = ("open", "high", "low", "close")


class BarCheck(RecordCheck):
    """Bars: whole intervals with a trade, one per instrument, prices between low and high.

    The vendor writes no bar for an interval without a trade, so a volume of zero is damage
    (https://databento.com/docs/schemas/ohlcv).
    """

    ordered = True
    length_s: int

    def __init__(self, path: Path, header: Header) -> None:
        super().__init__(path, header)
        self._latest = np.empty(0, dtype=np.uint64)

    def check_values(self, records: Records, recv: np.ndarray) -> None:
        """Check the start, the prices and the volume of every bar."""
        self.fail_at(
            recv % np.uint64(self.length_s * NS_PER_S) != 0,
            lambda at: f"ts_event {recv[at]} is no start of a bar of {self.length_s} s",
        )
        self._check_single(records["instrument_id"], recv)
        low, high = records["low"], records["high"]
        for name in PRICES:
            self._check_price(name, records[name], low, high)
        volume = records["volume"]
        self.fail_at(
            (volume == 0) | (volume > LARGEST_QUANTITY),
            lambda at: f"volume {volume[at]} is no number of traded contracts",
        )

    def _check_single(self, instruments: np.ndarray, starts: np.ndarray) -> None:
        """Raise when an instrument (uint32, shape (n,)) has two bars of one start (ns)."""
        seconds = starts // np.uint64(NS_PER_S)
        bars = np.concatenate((self._latest, seconds << np.uint64(32) | instruments))
        order = np.argsort(bars, kind="stable")
        repeated = np.zeros(len(bars), dtype=bool)
        repeated[order[1:]] = bars[order[1:]] == bars[order[:-1]]
        self.fail_at(
            repeated[len(self._latest) :],
            lambda at: f"instrument {instruments[at]} has two bars that start at {starts[at]}",
        )
        # starts do not decrease, so only bars of the latest start can be repeated by the next chunk
        self._latest = bars[bars >> np.uint64(32) == seconds[-1]]

    def _check_price(
        self, name: str, values: np.ndarray, low: np.ndarray, high: np.ndarray
    ) -> None:
        """Raise when a price of a bar is undefined or outside low and high, int64, shape (n,)."""
        self.fail_at(values == UNDEFINED_PRICE, lambda at: f"a bar without {name}")
        self.fail_at(
            (values < low) | (values > high),
            lambda at: f"{name} {values[at]} lies outside low {low[at]} and high {high[at]}",
        )


class SecondBarCheck(BarCheck):
    """Bars of one second."""

    length_s = 1


class MinuteBarCheck(BarCheck):
    """Bars of one minute."""

    length_s = 60
