"""The registry of what can be landed: one entry per DBN schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import databento_dbn
import pyarrow as pa

from spymaster.dbn import layouts
from spymaster.landing.checks import (
    ACTIONS,
    SIDES,
    DefinitionCheck,
    MboCheck,
    RecordCheck,
    TradesCheck,
)
from spymaster.landing.columns import (
    DELTA,
    PLAIN,
    PRICE_SCALE,
    Column,
    price,
    timestamp,
)

FUTURE_CLASS = databento_dbn.InstrumentClass.FUTURE.value

_UNDEFINED_BYTE = 255
_UNDEFINED_UINT16 = 65535
_UNDEFINED_INT32 = 2147483647
_NO_ID = 0


@dataclass(frozen=True)
class TableSchema:
    """How records of one DBN schema are landed.

    Attributes:
        layout: record layout of the schema.
        dataset: dataset key written to the manifest.
        product_type, table: names of the partition's directories.
        columns: columns of the landed file after ``rec_ordinal``.
        check: class that checks the record values of one file.
        instrument_classes: classes that are kept; None keeps all of them and partitions by
            product root instead of by contract.
        counted: record fields whose values are counted in the manifest, with the key they get.
        on_tick_grid: prices must be multiples of the instrument's tick.
    """

    layout: layouts.RecordLayout
    dataset: str
    product_type: str
    table: str
    columns: tuple[Column, ...]
    check: type[RecordCheck]
    instrument_classes: frozenset[str] | None
    counted: Mapping[str, str]
    on_tick_grid: bool

    @property
    def schema(self) -> str:
        """The vendor's schema name."""
        return self.layout.schema


_OUTRIGHT = frozenset({FUTURE_CLASS})
_MARKET_COUNTS = MappingProxyType({"action": "counts_per_action", "flags": "counts_per_flags"})

_RECORD_IDS = (
    Column("rtype", pa.uint8()),
    Column("publisher_id", pa.uint16()),
    Column("instrument_id", pa.uint32()),
)
_TIMES = (
    timestamp("ts_event", DELTA),
    timestamp("ts_recv", DELTA),
    Column("ts_in_delta", pa.int32(), DELTA),
)

MBO = TableSchema(
    layout=layouts.MBO,
    dataset="bronze.future_mbo.mbo",
    product_type="future",
    table="mbo",
    columns=(
        *_TIMES,
        *_RECORD_IDS,
        Column("channel_id", pa.uint8()),
        Column("order_id", pa.uint64(), PLAIN),
        Column("action", pa.string(), letters=ACTIONS),
        Column("side", pa.string(), letters=SIDES),
        price("price_int", "price"),
        Column("size", pa.uint32()),
        Column("flags", pa.uint8()),
        Column("sequence", pa.uint32(), DELTA),
    ),
    check=MboCheck,
    instrument_classes=_OUTRIGHT,
    counted=_MARKET_COUNTS,
    on_tick_grid=True,
)

TRADES = TableSchema(
    layout=layouts.TRADES,
    dataset="bronze.future.trades",
    product_type="future",
    table="trades",
    columns=(
        *_TIMES,
        *_RECORD_IDS,
        Column("action", pa.string(), letters=ACTIONS),
        Column("side", pa.string(), letters=SIDES),
        Column("depth", pa.uint8()),
        price("price_int", "price"),
        Column("size", pa.uint32()),
        Column("flags", pa.uint8()),
        Column("sequence", pa.uint32(), DELTA),
    ),
    check=TradesCheck,
    instrument_classes=_OUTRIGHT,
    counted=_MARKET_COUNTS,
    on_tick_grid=True,
)

DEFINITION = TableSchema(
    layout=layouts.DEFINITION,
    dataset="bronze.shared.instrument_definitions",
    product_type="shared",
    table="instrument_definitions",
    columns=(
        timestamp("ts_event", DELTA),
        timestamp("ts_recv", DELTA),
        Column("instrument_id", pa.uint32()),
        Column("raw_symbol", pa.string()),
        Column("asset", pa.string()),
        Column("group", pa.string()),
        Column("exchange", pa.string()),
        Column("instrument_class", pa.string()),
        Column("security_type", pa.string()),
        Column("security_update_action", pa.string()),
        Column("underlying", pa.string()),
        Column("underlying_id", pa.uint32(), undefined=_NO_ID),
        timestamp("expiration", DELTA),
        Column("maturity_year", pa.uint16(), undefined=_UNDEFINED_UINT16),
        Column("maturity_month", pa.uint8(), undefined=_UNDEFINED_BYTE),
        Column("maturity_day", pa.uint8(), undefined=_UNDEFINED_BYTE),
        Column("maturity_week", pa.uint8(), undefined=_UNDEFINED_BYTE),
        price("strike_price_int", "strike_price"),
        Column(
            "strike",
            pa.float64(),
            field="strike_price",
            undefined=layouts.UNDEFINED_PRICE,
            scale=PRICE_SCALE,
        ),
        price("min_price_increment_int", "min_price_increment"),
        Column(
            "unit_of_measure_qty",
            pa.float64(),
            undefined=layouts.UNDEFINED_PRICE,
            scale=PRICE_SCALE,
        ),
        Column("contract_multiplier", pa.int32(), undefined=_UNDEFINED_INT32),
        Column("currency", pa.string()),
    ),
    check=DefinitionCheck,
    instrument_classes=None,
    counted=MappingProxyType({"instrument_class": "counts_per_class"}),
    on_tick_grid=False,
)

TABLES: Mapping[str, TableSchema] = MappingProxyType(
    {table.schema: table for table in (DEFINITION, MBO, TRADES)}
)
