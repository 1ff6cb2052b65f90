"""Record layouts of the DBN schemas Spymaster reads, taken from the vendor's own classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import databento_dbn
import numpy as np

DBN_VERSIONS = (1, 2, 3)

UNDEFINED_PRICE = databento_dbn.UNDEF_PRICE
UNDEFINED_TIMESTAMP = databento_dbn.UNDEF_TIMESTAMP

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
FLAG_PUBLISHER_SPECIFIC = int(databento_dbn.F_PUBLISHER_SPECIFIC)

_WORD_BYTES = 4


@dataclass(frozen=True)
class RecordLayout:
    """How one schema's records lie in a file.

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


def _layout(schema: str, rtype: int, *classes: type) -> RecordLayout:
    """Build a layout from the vendor's classes, one per version or one for all."""
    per_version = classes if len(classes) > 1 else classes * len(DBN_VERSIONS)
    dtypes = {
        version: np.dtype(record._dtypes)
        for version, record in zip(DBN_VERSIONS, per_version, strict=True)
    }
    return RecordLayout(schema, rtype, MappingProxyType(dtypes))


MBO = _layout("mbo", 160, databento_dbn.MBOMsg)
TRADES = _layout("trades", 0, databento_dbn.TradeMsg)
DEFINITION = _layout(
    "definition",
    19,
    databento_dbn.v1.InstrumentDefMsg,
    databento_dbn.v2.InstrumentDefMsg,
    databento_dbn.v3.InstrumentDefMsg,
)

LAYOUTS: Mapping[str, RecordLayout] = MappingProxyType(
    {layout.schema: layout for layout in (MBO, TRADES, DEFINITION)}
)


def flag_words(flags: int) -> str:
    """Return the set bits of a ``flags`` byte in words, highest bit first."""
    words = [name for bit, name in sorted(FLAG_NAMES.items(), reverse=True) if flags & bit]
    unknown = flags & ~KNOWN_FLAGS
    if unknown:
        words.append(f"unknown({unknown})")
    return " + ".join(words) or "none"
