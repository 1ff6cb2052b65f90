"""Checks of statistics and trading status."""

from __future__ import annotations

import databento_dbn
import numpy as np
from spymaster_ingest.dbn.layouts import UNDEFINED_TIMESTAMP
from spymaster_ingest.dbn.records import Records
from spymaster_ingest.landing.record_check import LARGEST_QUANTITY, RecordCheck

TRI_STATES = "NY~"

_STATISTIC_TYPES = frozenset(int(known.value) for known in databento_dbn.StatType.variants())
_UPDATE_ACTIONS = frozenset(int(known.value) for known in databento_dbn.StatUpdateAction.variants())
_STATUS_CODES = {
    "action": frozenset(int(known.value) for known in databento_dbn.StatusAction.variants()),
    "reason": frozenset(int(known.value) for known in databento_dbn.StatusReason.variants()),
    "trading_event": frozenset(int(known.value) for known in databento_dbn.TradingEvent.variants()),
}


class EventCheck(RecordCheck):
    """Check of statistics and status: an event lies within the year before its capture."""

    ordered = True

    def check_values(self, records: Records, recv: np.ndarray) -> None:
        """Check ts_event of every record."""
        event = records["ts_event"]
        self.check_not_later(event, recv)
        self.check_within_a_year("ts_event", event, recv)


class StatisticsCheck(EventCheck):
    """Statistics: the vendor's types and update actions, possible quantities."""

    def check_values(self, records: Records, recv: np.ndarray) -> None:
        """Check times, type, update action and quantity of every statistic."""
        super().check_values(records, recv)
        self.check_known("stat_type", records["stat_type"], _STATISTIC_TYPES)
        self.check_known("update_action", records["update_action"], _UPDATE_ACTIONS)
        reference = records["ts_ref"]
        defined = np.where(reference == UNDEFINED_TIMESTAMP, recv, reference)
        self.check_within_a_year("ts_ref", defined, recv)
        quantity = records["quantity"]
        undefined = quantity == np.iinfo(quantity.dtype).max
        self.fail_at(
            ~undefined & ((quantity < 0) | (quantity > LARGEST_QUANTITY)),
            lambda at: f"quantity {quantity[at]} is no number of contracts",
        )


class StatusCheck(EventCheck):
    """Trading status: the vendor's codes and letters."""

    def check_values(self, records: Records, recv: np.ndarray) -> None:
        """Check times, codes and the three-valued fields of every message."""
        super().check_values(records, recv)
        for field, codes in _STATUS_CODES.items():
            self.check_known(field, records[field], codes)
        for field in ("is_trading", "is_quoting", "is_short_sell_restricted"):
            letters = records[field].view(np.uint8)
            self.check_letters(field, letters, TRI_STATES)
