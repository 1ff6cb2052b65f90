"""nautilus_trader: load an MBO file and apply it to its L3 order book.

Run as ``python -m bench.peers.nautilus FILE TINY_FILE`` in an environment that holds
nautilus_trader.
"""

from __future__ import annotations

import sys
from pathlib import Path

from nautilus_trader.adapters.databento import DatabentoDataLoader
from nautilus_trader.core import nautilus_pyo3
from nautilus_trader.model.book import OrderBook
from nautilus_trader.model.enums import BookType
from nautilus_trader.model.identifiers import InstrumentId

from bench.measure import Stopwatch, pin, warm

_INSTRUMENT = "ESZ5.XCME"
_PRICE_PRECISION = 2


def main(path: Path, tiny: Path) -> None:
    """Time loading and applying, in both forms of the library."""
    pin()
    warm(path)
    clock = Stopwatch()
    loader = DatabentoDataLoader()
    instrument = InstrumentId.from_str(_INSTRUMENT)
    loader.from_dbn_file(tiny, instrument_id=instrument, price_precision=_PRICE_PRECISION)
    with clock.part("load"):
        deltas = loader.from_dbn_file(
            path, instrument_id=instrument, price_precision=_PRICE_PRECISION
        )
    book = OrderBook(instrument, BookType.L3_MBO)
    with clock.part("apply"):
        for delta in deltas:
            book.apply_delta(delta)
    clock.numbers["deltas"] = len(deltas)
    del deltas

    native_instrument = nautilus_pyo3.InstrumentId.from_str(_INSTRUMENT)
    with clock.part("load_batch"):
        native = nautilus_pyo3.OrderBookDeltas(
            native_instrument,
            loader.from_dbn_file(
                path,
                instrument_id=instrument,
                price_precision=_PRICE_PRECISION,
                as_legacy_cython=False,
            ),
        )
    native_book = nautilus_pyo3.OrderBook(native_instrument, nautilus_pyo3.BookType.L3_MBO)
    with clock.part("apply_batch"):
        native_book.apply_deltas(native)
    if str(native_book.best_bid_price()) != str(book.best_bid_price()):
        raise AssertionError("the two books differ")
    clock.report(int(clock.numbers["deltas"]))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
