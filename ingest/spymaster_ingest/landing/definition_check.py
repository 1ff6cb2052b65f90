"""Check of instrument definitions."""

from __future__ import annotations

import databento_dbn
import numpy as np
from spymaster_ingest.dbn.records import Records
from spymaster_ingest.landing.record_check import RecordCheck

_DEFINITION_TEXTS = (
    "raw_symbol",
    "asset",
    "group",
    "exchange",
    "security_type",
    "underlying",
    "currency",
)


class DefinitionCheck(RecordCheck):
    """Instrument definitions: the fields that join and filter other records."""

    def check_values(self, records: Records, recv: np.ndarray) -> None:
        """Check class, update action, symbol and tick of every definition."""
        for field, letters in (
            ("instrument_class", databento_dbn.InstrumentClass),
            ("security_update_action", databento_dbn.SecurityUpdateAction),
        ):
            values = records[field].view(np.uint8)
            self.check_letters(
                field, values, "".join(str(known.value) for known in letters.variants())
            )
        for field in _DEFINITION_TEXTS:
            self._check_text(field, records[field])
        self.fail_at(records["raw_symbol"] == b"", lambda at: "a definition without raw_symbol")
        outright = (
            records["instrument_class"] == databento_dbn.InstrumentClass.FUTURE.value.encode()
        )
        self.fail_at(
            outright & (records["min_price_increment"] <= 0),
            lambda at: f"the tick of a future is {records['min_price_increment'][at]}",
        )

    def _check_text(self, field: str, texts: np.ndarray) -> None:
        """Raise when a text (fixed-width bytes, NUL-padded) is not printable ASCII."""
        letters = texts.view(np.uint8).reshape(len(texts), -1)
        printable = ((letters >= ord(" ")) & (letters <= ord("~"))) | (letters == 0)
        self.fail_at(
            ~printable.all(axis=1), lambda at: f"{field} {bytes(texts[at])!r} is not printable text"
        )
