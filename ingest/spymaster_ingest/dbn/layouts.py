"""Record layouts of the DBN schemas Spymaster reads, taken from the vendor's own classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import databento_dbn
import numpy as np

DBN_VERSIONS = (1, 2, 3)

UNDEFINED_PRICE = databento_dbn.UNDEF_PRICE
UNDEFINED_TIMESTAMP = databento_dbn.UNDEF_TIMESTAMP
UNDEFINED_QUANTITY = databento_dbn.UNDEF_STAT_QUANTITY

BOOK_LEVELS = 10

FLAG_NAMES: Mapping[int, str] = MappingProxyType(
    {
        int(databento_dbn.F_LAST): "last",
        int(databento_dbn.F_TOB): "top_of_book",
        int(databento_dbn.F_SNAPSHOT): "snapshot",
        int(databento_dbn.F_MBP): "market_by_price",
        int(databento_dbn.F_BAD_TS_RECV): "bad_ts_recv",
        int(databento_dbn.F_MAYBE_BAD_BOOK): "maybe_bad_book",
        int(databento_dbn.F_PUBLISHER_SPECIFIC): "publisher_specific",
    }
)
KNOWN_FLAGS = sum(FLAG_NAMES)
FLAG_LAST = int(databento_dbn.F_LAST)
FLAG_SNAPSHOT = int(databento_dbn.F_SNAPSHOT)
FLAG_BAD_TS_RECV = int(databento_dbn.F_BAD_TS_RECV)
FLAG_MAYBE_BAD_BOOK = int(databento_dbn.F_MAYBE_BAD_BOOK)
FLAG_PUBLISHER_SPECIFIC = int(databento_dbn.F_PUBLISHER_SPECIFIC)

_WORD_BYTES = 4


@dataclass(frozen=True)
class RecordLayout:
    """Byte layout of one schema's records.

    Attributes:
        schema: the vendor's schema name.
        rtype: record type byte every record carries.
        dtypes: packed numpy record dtype per DBN version.
    """

    schema: str
    rtype: int
    dtypes: Mapping[int, np.dtype]

    def dtype(self, version: int) -> np.dtype:
        """Return the record dtype of a DBN version (1 to 3)."""
        return self.dtypes[version]

    def length_words(self, version: int) -> int:
        """Return the value of the ``length`` byte of every record (in 4-byte words)."""
        return self.dtypes[version].itemsize // _WORD_BYTES


def _layout(schema: str, rtype: int, *classes: Any) -> RecordLayout:
    """Build a layout from the vendor's classes, one per version or one for all."""
    per_version = classes if len(classes) > 1 else classes * len(DBN_VERSIONS)
    dtypes = {
        version: np.dtype(record._dtypes)
        for version, record in zip(DBN_VERSIONS, per_version, strict=True)
    }
    return RecordLayout(schema, rtype, MappingProxyType(dtypes))


MBO = _layout("mbo", 160, databento_dbn.MBOMsg)
TRADES = _layout("trades", 0, databento_dbn.TradeMsg)
MBP_10 = _layout("mbp-10", 10, databento_dbn.MBP10Msg)
MBP_1 = _layout("mbp-1", 1, databento_dbn.MBP1Msg)
TBBO = _layout("tbbo", 1, databento_dbn.MBP1Msg)
BBO_1S = _layout("bbo-1s", 195, databento_dbn.BBOMsg)
BBO_1M = _layout("bbo-1m", 196, databento_dbn.BBOMsg)
OHLCV_1S = _layout("ohlcv-1s", 32, databento_dbn.OHLCVMsg)
OHLCV_1M = _layout("ohlcv-1m", 33, databento_dbn.OHLCVMsg)
STATISTICS = _layout(
    "statistics",
    24,
    databento_dbn.v1.StatMsg,
    databento_dbn.v2.StatMsg,
    databento_dbn.v3.StatMsg,
)
STATUS = _layout("status", 18, databento_dbn.StatusMsg)
DEFINITION = _layout(
    "definition",
    19,
    databento_dbn.v1.InstrumentDefMsg,
    databento_dbn.v2.InstrumentDefMsg,
    databento_dbn.v3.InstrumentDefMsg,
)

LAYOUTS: Mapping[str, RecordLayout] = MappingProxyType(
    {
        layout.schema: layout
        for layout in (
            MBO,
            TRADES,
            MBP_10,
            MBP_1,
            TBBO,
            BBO_1S,
            BBO_1M,
            OHLCV_1S,
            OHLCV_1M,
            STATISTICS,
            STATUS,
            DEFINITION,
        )
    }
)


def flag_words(flags: int) -> str:
    """Return the names of the set bits of a ``flags`` byte, highest bit first."""
    words = [name for bit, name in sorted(FLAG_NAMES.items(), reverse=True) if flags & bit]
    unknown = flags & ~KNOWN_FLAGS
    if unknown:
        words.append(f"unknown({unknown})")
    return " + ".join(words) or "none"
