"""The vendor's recording of the market."""

from __future__ import annotations

import datetime as dt

import numpy as np
from spymaster_ingest.synthetic.schedule import midnight_ns
from spymaster_ingest.synthetic.synthetic_market import SyntheticMarket
from spymaster_ingest.units import NS_PER_S

# the vendor's flag for records after a loss
MAYBE_BAD_BOOK = 4
_FLAGGED_NS = NS_PER_S


class Recording:
    """The vendor's recording of a day, piece by piece: all records outside a gap.

    The first second after the gap carries MAYBE_BAD_BOOK, or the first event after it if that
    second is silent.
    """

    def __init__(self, market: SyntheticMarket, day: dt.date) -> None:
        self._gap: tuple[int, int] | None = None
        self._flagged_until_ns: dict[str, int] = {}
        damage = market.damage
        if damage.gap_start is not None:
            start_s = market.second_of(day, damage.gap_start)
            start_ns = midnight_ns(day) + start_s * NS_PER_S
            self._gap = (start_ns, start_ns + damage.gap_seconds * NS_PER_S)

    def keep(self, by_schema: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return the recorded part of the next records of each schema.

        Args:
            by_schema: records in the vendor's layout, in file order over all pieces.
        """
        if self._gap is None:
            return by_schema
        return {
            schema: self._kept(schema, records, *self._gap) for schema, records in by_schema.items()
        }

    def _kept(self, schema: str, records: np.ndarray, start_ns: int, end_ns: int) -> np.ndarray:
        # the event of a quote is the last trade
        time = "ts_recv" if schema == "bbo-1s" else "ts_event"
        moment = records[time].astype(np.int64)
        is_kept = (moment < start_ns) | (moment >= end_ns)
        kept, moment = records[is_kept].copy(), moment[is_kept]
        is_after = moment >= end_ns
        if is_after.any():
            first_ns = int(moment[is_after][0])
            until_ns = self._flagged_until_ns.setdefault(
                schema, max(end_ns + _FLAGGED_NS, first_ns + 1)
            )
            kept["flags"][is_after & (moment < until_ns)] |= MAYBE_BAD_BOOK
        return kept
