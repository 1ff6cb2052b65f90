"""The venue's statistics of a day's options: open interest and opening prices."""

from __future__ import annotations

from dataclasses import dataclass

import databento_dbn as dbn
import numpy as np
from spymaster_ingest.dbn.layouts import (
    STATISTICS,
    UNDEFINED_PRICE,
    UNDEFINED_QUANTITY,
    UNDEFINED_TIMESTAMP,
)
from spymaster_ingest.synthetic.options.chain import PUT
from spymaster_ingest.synthetic.options.option_days import OptionDay
from spymaster_ingest.synthetic.random_streams import next_below, next_unit, stream_states
from spymaster_ingest.synthetic.schedule import midnight_ns, previous_trading_day
from spymaster_ingest.synthetic.venue_messages import blank_records, stamp_statistics
from spymaster_ingest.units import NS_PER_S

# Open interest at the money, and the number of strikes over which it halves.
_AT_THE_MONEY, _HALF_STRIKES = 2_500, 7
_ROUND_STRIKES, _ROUND_FACTOR = 5, 3
# The venue publishes the options in sequence; one quantity is missing at first.
_GAP_NS = 3_000_000
_LATE_S = 60
# One quantity turns out to be wrong this long after the cash open.
_CORRECTED_AFTER_S = 1_200


@dataclass(frozen=True)
class OpenInterest:
    """Open interest of the evening before, as the venue publishes it.

    Attributes:
        quantity: shape (options,), int64, contracts, as published in the morning.
        corrected: the option whose quantity is deleted and published again.
        right_quantity: its corrected quantity.
        corrected_second: time of the correction, in seconds of the day.
    """

    quantity: np.ndarray
    corrected: int
    right_quantity: int
    corrected_second: int

    def known_in(self, seconds: np.ndarray) -> np.ndarray:
        """Return the open interest known by the end of seconds: shape (seconds, options)."""
        known = np.repeat(self.quantity[None, :], len(seconds), axis=0)
        known[np.asarray(seconds) >= self.corrected_second, self.corrected] = self.right_quantity
        return known


def open_interest(frame: OptionDay) -> OpenInterest:
    """Return the open interest of a day: most at the money and at round strikes."""
    chain, market = frame.chain, frame.market
    states = stream_states(
        market.seed, frame.day, chain.future.symbol, "options", components=("open_interest",)
    )
    centre = len(chain.strikes_int) // 2
    quantity = []
    for option in chain.options:
        away = (option.strike_int - chain.strikes_int[centre]) // chain.product.strike_step_int
        # Puts are held below the price, calls above it.
        away += _HALF_STRIKES // 2 if option.right == PUT else -(_HALF_STRIKES // 2)
        typical = _AT_THE_MONEY * _HALF_STRIKES**2 / (_HALF_STRIKES**2 + away**2)
        if option.strike_int // chain.product.strike_step_int % _ROUND_STRIKES == 0:
            typical *= _ROUND_FACTOR
        quantity.append(int(typical * (0.3 + 1.4 * next_unit(states, 0))))
    corrected = 2 * centre + next_below(states, 0, 2)
    more = 1 + next_below(states, 0, quantity[corrected] + 1)
    return OpenInterest(
        np.array(quantity, np.int64),
        corrected,
        quantity[corrected] + more,
        market.pace_of(frame.day).cash_s + _CORRECTED_AFTER_S,
    )


class OptionStatistics:
    """The venue's statistics of a day's options, from all their trades, piece by piece.

    In the morning it publishes the open interest of the evening before: one quantity follows a
    little later, and one is corrected in the session. It publishes the opening price of every
    option that trades, so that statistics other than open interest occur.
    """

    def __init__(self, frame: OptionDay) -> None:
        self._frame = frame
        self._interest = open_interest(frame)
        self._opened: dict[int, tuple[int, int]] = {}

    def add(self, records: np.ndarray) -> None:
        """Note the trades among the day's next MBO records."""
        trades = records[records["action"] == b"T"]
        ids, first = np.unique(trades["instrument_id"], return_index=True)
        for instrument_id, at in zip(ids.tolist(), first, strict=True):
            opening = int(trades["ts_event"][at]), int(trades["price"][at])
            self._opened.setdefault(instrument_id, opening)

    def records(self) -> np.ndarray:
        """Return the statistics (STATISTICS_DTYPE) by time, once all trades are known."""
        frame, kinds, changes = self._frame, dbn.StatType, dbn.StatUpdateAction
        options, interest = frame.chain.options, self._interest
        pace = frame.market.pace_of(frame.day)
        published_ns = pace.midnight_ns + pace.premarket_s * NS_PER_S
        rows = []

        def publish(
            event_ns: int, number: int, quantity: int, update: dbn.StatUpdateAction
        ) -> None:
            terms = (kinds.OPEN_INTEREST, UNDEFINED_PRICE, quantity, update)
            rows.append((event_ns, options[number].instrument_id, *terms))

        late = len(options) // 4
        for number, quantity in enumerate(interest.quantity.tolist()):
            event_ns = published_ns + number * _GAP_NS
            if number == late:
                publish(event_ns, number, UNDEFINED_QUANTITY, changes.NEW)
                event_ns += _LATE_S * NS_PER_S
            publish(event_ns, number, quantity, changes.NEW)
        corrected_ns = pace.midnight_ns + interest.corrected_second * NS_PER_S
        wrong = int(interest.quantity[interest.corrected])
        publish(corrected_ns, interest.corrected, wrong, changes.DELETE)
        publish(corrected_ns, interest.corrected, interest.right_quantity, changes.NEW)
        for instrument_id, (event_ns, price) in self._opened.items():
            terms = (kinds.OPENING_PRICE, price, UNDEFINED_QUANTITY, changes.NEW)
            rows.append((event_ns, instrument_id, *terms))
        rows.sort(key=lambda row: row[0])
        made = blank_records(STATISTICS, len(rows), 0)
        evening = midnight_ns(previous_trading_day(frame.day, frame.chain.product.root))
        for record, (event_ns, instrument_id, kind, price, quantity, update) in zip(
            made, rows, strict=True
        ):
            record["ts_event"], record["instrument_id"] = event_ns, instrument_id
            record["stat_type"], record["update_action"] = int(kind.value), int(update.value)
            record["price"], record["quantity"] = price, quantity
            is_price = kind == kinds.OPENING_PRICE
            record["ts_ref"] = UNDEFINED_TIMESTAMP if is_price else evening
        stamp_statistics(made)
        return made
