"""The registry of landed schemas: one entry per DBN schema and the tables it feeds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import databento_dbn
import pyarrow as pa
from spymaster_ingest.dbn import layouts
from spymaster_ingest.landing.bar_checks import PRICES, MinuteBarCheck, SecondBarCheck
from spymaster_ingest.landing.columns import DELTA, PLAIN, Column, TermColumn, price, timestamp
from spymaster_ingest.landing.definition_check import DefinitionCheck
from spymaster_ingest.landing.order_and_trade_checks import MboCheck, TradesCheck
from spymaster_ingest.landing.price_level_checks import BboCheck, MbpCheck, TbboCheck
from spymaster_ingest.landing.record_check import ACTIONS, SIDES, RecordCheck
from spymaster_ingest.landing.statistics_and_status_checks import (
    TRI_STATES,
    StatisticsCheck,
    StatusCheck,
)
from spymaster_ingest.units import PRICE_SCALE

FUTURE_CLASS = databento_dbn.InstrumentClass.FUTURE.value
STOCK_CLASS = databento_dbn.InstrumentClass.STOCK.value
OPTION_CLASSES = frozenset(
    {databento_dbn.InstrumentClass.CALL.value, databento_dbn.InstrumentClass.PUT.value}
)

FUTURE, _FUTURE_OPTION, _SHARED = "future", "future_option", "shared"
_RIGHTS = "CP"

_UNDEFINED_BYTE = 255
_UNDEFINED_UINT16 = 65535
_UNDEFINED_INT32 = 2147483647
_NO_ID = 0


@dataclass(frozen=True)
class TableSchema:
    """Layout of a landed table, and which records it keeps.

    Attributes:
        dataset: dataset key written to the manifest.
        relation: relation of the warehouse that reads its partitions.
        product_type, table: names of the partition's directories.
        columns: columns of the landed file after ``rec_ordinal``.
        instrument_classes: classes that are kept; None keeps all and partitions by product root
            instead of by contract. Options are partitioned by their underlying.
        counted: record fields whose values are counted in the manifest, with the key they get.
        tick_fields: prices that must be multiples of the instrument's tick.
    """

    dataset: str
    relation: str
    product_type: str
    table: str
    columns: tuple[Column, ...]
    instrument_classes: frozenset[str] | None
    counted: Mapping[str, str]
    tick_fields: tuple[str, ...] = ()

    @property
    def of_options(self) -> bool:
        """True when the rows carry the contract terms of options."""
        return any(isinstance(column, TermColumn) for column in self.columns)


@dataclass(frozen=True)
class SchemaLanding:
    """How records of one DBN schema are landed.

    Attributes:
        layout: record layout of the schema.
        check: class that checks the record values of one file.
        tables: its landed tables; no two of them keep the same instrument class.
    """

    layout: layouts.RecordLayout
    check: type[RecordCheck]
    tables: tuple[TableSchema, ...]

    @property
    def schema(self) -> str:
        """The vendor's schema name."""
        return self.layout.schema

    @property
    def by_root(self) -> bool:
        """True when partitions are per product root, of instruments of any class."""
        return self.tables[0].instrument_classes is None


_OUTRIGHT = frozenset({FUTURE_CLASS, STOCK_CLASS})
_ACTION_COUNTS = {"action": "counts_per_action"}
_MARKET_COUNTS = MappingProxyType({**_ACTION_COUNTS, "flags": "counts_per_flags"})
_STATISTIC_COUNTS = MappingProxyType({"stat_type": "counts_per_stat_type"})

_RECORD_IDS = (
    Column("rtype", pa.uint8()),
    Column("publisher_id", pa.uint16()),
    Column("instrument_id", pa.uint32()),
)
_EVENT_TIMES = (timestamp("ts_event", DELTA), timestamp("ts_recv", DELTA))
_TIMES = (*_EVENT_TIMES, Column("ts_in_delta", pa.int32(), DELTA))
_OPTION_TERMS = (
    TermColumn("option_symbol", pa.string()),
    TermColumn("right", pa.string(), letters=_RIGHTS),
    TermColumn("strike_price_int", pa.int64(), undefined=layouts.UNDEFINED_PRICE),
    TermColumn("expiration", pa.timestamp("ns"), undefined=layouts.UNDEFINED_TIMESTAMP),
)
_PRICE, _SIZE = price("price_int", "price"), Column("size", pa.uint32())
_ACTION = Column("action", pa.string(), letters=ACTIONS)
_SIDE = Column("side", pa.string(), letters=SIDES)
_FLAGS, _SEQUENCE = Column("flags", pa.uint8()), Column("sequence", pa.uint32(), DELTA)

_ORDER = (
    Column("channel_id", pa.uint8()),
    Column("order_id", pa.uint64(), PLAIN),
    _ACTION,
    _SIDE,
    _PRICE,
    _SIZE,
    _FLAGS,
    _SEQUENCE,
)
_TRADE = (_ACTION, _SIDE, Column("depth", pa.uint8()), _PRICE, _SIZE, _FLAGS, _SEQUENCE)
_STATISTIC = (
    Column("channel_id", pa.uint16()),
    Column("stat_type", pa.uint16()),
    _PRICE,
    Column("quantity", pa.int64(), undefined=layouts.UNDEFINED_QUANTITY),
    timestamp("ts_ref", DELTA),
    Column("update_action", pa.uint8()),
    Column("stat_flags", pa.uint8()),
    _SEQUENCE,
)

_LEVELS = [f"{level:02d}" for level in range(layouts.BOOK_LEVELS)]
_LEVEL_PRICES = tuple(f"{side}_px_{level}" for level in _LEVELS for side in ("bid", "ask"))


def _quotes(*, optional: bool = False) -> tuple[Column, ...]:
    """Return the columns of the best quotes, for records that may lack them."""
    prices = [
        Column(
            f"{side}_px_int",
            pa.int64(),
            field=f"{side}_px_00",
            undefined=layouts.UNDEFINED_PRICE,
            optional=optional,
        )
        for side in ("bid", "ask")
    ]
    counts = [
        Column(f"{side}_{what}", pa.uint32(), field=f"{side}_{what}_00", optional=optional)
        for what in ("sz", "ct")
        for side in ("bid", "ask")
    ]
    return (*prices, *counts)


def _levels() -> tuple[Column, ...]:
    """Return the columns of the ten levels."""
    columns = []
    for level in _LEVELS:
        columns += [
            price(f"{side}_px_{level}_int", f"{side}_px_{level}") for side in ("bid", "ask")
        ]
        columns += [
            Column(f"{side}_{what}_{level}", pa.uint32())
            for what in ("sz", "ct")
            for side in ("bid", "ask")
        ]
    return tuple(columns)


# mbp-1 holds updates, bbo-1s and bbo-1m the state at the end of an interval
_QUOTE_UPDATE = (
    *_EVENT_TIMES,
    Column("ts_in_delta", pa.int32(), DELTA, optional=True),
    *_RECORD_IDS,
    Column("action", pa.string(), letters=ACTIONS, optional=True),
    _SIDE,
    Column("depth", pa.uint8(), optional=True),
    _PRICE,
    _SIZE,
    _FLAGS,
    _SEQUENCE,
    *_quotes(),
)

FUTURE_MBO = TableSchema(
    dataset="bronze.future_mbo.mbo",
    relation="bronze.future_mbo",
    product_type=FUTURE,
    table="mbo",
    columns=(*_TIMES, *_RECORD_IDS, *_ORDER),
    instrument_classes=_OUTRIGHT,
    counted=_MARKET_COUNTS,
    tick_fields=("price",),
)
OPTION_MBO = TableSchema(
    dataset="bronze.future_option_mbo.mbo",
    relation="bronze.option_mbo",
    product_type=_FUTURE_OPTION,
    table="mbo",
    columns=(*_TIMES, *_RECORD_IDS, *_OPTION_TERMS, *_ORDER),
    instrument_classes=OPTION_CLASSES,
    counted=_MARKET_COUNTS,
)
MARKET_BY_PRICE_10 = TableSchema(
    dataset="bronze.future.market_by_price_10",
    relation="bronze.market_by_price_10",
    product_type=FUTURE,
    table="market_by_price_10",
    columns=(*_TIMES, *_RECORD_IDS, *_TRADE, *_levels()),
    instrument_classes=_OUTRIGHT,
    counted=_MARKET_COUNTS,
    tick_fields=("price", *_LEVEL_PRICES),
)
FUTURE_TRADES = TableSchema(
    dataset="bronze.future.trades",
    relation="bronze.future_trades",
    product_type=FUTURE,
    table="trades",
    columns=(*_TIMES, *_RECORD_IDS, *_TRADE),
    instrument_classes=_OUTRIGHT,
    counted=_MARKET_COUNTS,
    tick_fields=("price",),
)
OPTION_TRADES = TableSchema(
    dataset="bronze.future_option.trades",
    relation="bronze.option_trades",
    product_type=_FUTURE_OPTION,
    table="trades",
    columns=(*_TIMES, *_RECORD_IDS, *_OPTION_TERMS, *_TRADE, *_quotes(optional=True)),
    instrument_classes=OPTION_CLASSES,
    counted=_MARKET_COUNTS,
)
FUTURE_BBO = TableSchema(
    dataset="bronze.future.bbo",
    relation="bronze.future_bbo",
    product_type=FUTURE,
    table="bbo",
    columns=_QUOTE_UPDATE,
    instrument_classes=_OUTRIGHT,
    counted=_MARKET_COUNTS,
    tick_fields=("price", "bid_px_00", "ask_px_00"),
)
OPTION_NBBO = TableSchema(
    dataset="bronze.future_option.nbbo",
    relation="bronze.option_nbbo",
    product_type=_FUTURE_OPTION,
    table="nbbo",
    columns=(*_QUOTE_UPDATE, *_OPTION_TERMS),
    instrument_classes=OPTION_CLASSES,
    counted=_MARKET_COUNTS,
)


def _bars(table: str) -> TableSchema:
    """Return the table of bars of one length, so that a contract-day may have both."""
    return TableSchema(
        dataset=f"bronze.future.{table}",
        relation=f"bronze.future_{table}",
        product_type=FUTURE,
        table=table,
        columns=(
            timestamp("ts_event", DELTA),
            *_RECORD_IDS,
            *(price(f"{name}_price_int", name) for name in PRICES),
            Column("volume", pa.uint64()),
        ),
        instrument_classes=_OUTRIGHT,
        counted=MappingProxyType({}),
        tick_fields=PRICES,
    )


FUTURE_OHLCV_1S, FUTURE_OHLCV_1M = _bars("ohlcv_1s"), _bars("ohlcv_1m")
FUTURE_STATISTICS = TableSchema(
    dataset="bronze.future.statistics",
    relation="bronze.future_statistics",
    product_type=FUTURE,
    table="statistics",
    columns=(*_TIMES, *_RECORD_IDS, *_STATISTIC),
    instrument_classes=_OUTRIGHT,
    counted=_STATISTIC_COUNTS,
)
OPTION_STATISTICS = TableSchema(
    dataset="bronze.future_option.statistics",
    relation="bronze.option_statistics",
    product_type=_FUTURE_OPTION,
    table="statistics",
    columns=(*_TIMES, *_RECORD_IDS, *_OPTION_TERMS, *_STATISTIC),
    instrument_classes=OPTION_CLASSES,
    counted=_STATISTIC_COUNTS,
)
FUTURE_STATUS = TableSchema(
    dataset="bronze.future.status",
    relation="bronze.future_status",
    product_type=FUTURE,
    table="status",
    columns=(
        *_EVENT_TIMES,
        *_RECORD_IDS,
        Column("action", pa.uint16()),
        Column("reason", pa.uint16()),
        Column("trading_event", pa.uint16()),
        Column("is_trading", pa.string(), letters=TRI_STATES),
        Column("is_quoting", pa.string(), letters=TRI_STATES),
        Column("is_short_sell_restricted", pa.string(), letters=TRI_STATES),
    ),
    instrument_classes=_OUTRIGHT,
    counted=MappingProxyType(_ACTION_COUNTS),
)
DEFINITIONS = TableSchema(
    dataset="bronze.shared.instrument_definitions",
    relation="bronze.instrument_definitions",
    product_type=_SHARED,
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
    instrument_classes=None,
    counted=MappingProxyType({"instrument_class": "counts_per_class"}),
)

DEFINITION = SchemaLanding(layouts.DEFINITION, DefinitionCheck, (DEFINITIONS,))
_BEST_QUOTES = (FUTURE_BBO, OPTION_NBBO)
_TRADES = (FUTURE_TRADES, OPTION_TRADES)
_STATISTICS = (FUTURE_STATISTICS, OPTION_STATISTICS)

# Definitions come first: they decide about the rest.
SCHEMAS: Mapping[str, SchemaLanding] = MappingProxyType(
    {
        landing.schema: landing
        for landing in (
            DEFINITION,
            SchemaLanding(layouts.MBO, MboCheck, (FUTURE_MBO, OPTION_MBO)),
            SchemaLanding(layouts.MBP_10, MbpCheck, (MARKET_BY_PRICE_10,)),
            SchemaLanding(layouts.TRADES, TradesCheck, _TRADES),
            SchemaLanding(layouts.TBBO, TbboCheck, _TRADES),
            SchemaLanding(layouts.MBP_1, MbpCheck, _BEST_QUOTES),
            SchemaLanding(layouts.BBO_1S, BboCheck, _BEST_QUOTES),
            SchemaLanding(layouts.BBO_1M, BboCheck, _BEST_QUOTES),
            SchemaLanding(layouts.OHLCV_1S, SecondBarCheck, (FUTURE_OHLCV_1S,)),
            SchemaLanding(layouts.OHLCV_1M, MinuteBarCheck, (FUTURE_OHLCV_1M,)),
            SchemaLanding(layouts.STATISTICS, StatisticsCheck, _STATISTICS),
            SchemaLanding(layouts.STATUS, StatusCheck, (FUTURE_STATUS,)),
        )
    }
)

_LANDED = [(landing.schema, table) for landing in SCHEMAS.values() for table in landing.tables]
# relation that holds the records of a schema, by schema and product type
RELATIONS_OF_SCHEMAS: Mapping[tuple[str, str], str] = MappingProxyType(
    {(schema, table.product_type): table.relation for schema, table in _LANDED}
)
# relation that reads a dataset's partitions, by dataset key
RELATIONS: Mapping[str, str] = MappingProxyType(
    {table.dataset: table.relation for _, table in _LANDED}
)
