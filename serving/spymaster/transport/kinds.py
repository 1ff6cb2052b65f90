"""The subjects of records, and the fields of their events.

Prices are in points; what the vendor leaves undefined is null. Times in ns and order ids are texts:
JavaScript's numbers end at 2^53. The last field of every event is the record itself.
"""

from __future__ import annotations

import json
from binascii import b2a_base64
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from spymaster_ingest.dbn.layouts import BOOK_LEVELS, UNDEFINED_PRICE, UNDEFINED_TIMESTAMP
from spymaster_ingest.units import PRICE_SCALE

from spymaster.live.feeds import FUTURE, FUTURE_OPTION, Source

SCHEMAS = Path(__file__).parent / "schemas"
NULL = "null"
Read = Callable[[np.ndarray], list[Any]]
# name, values of n records, and whether JSON writes them as text
Field = tuple[str, Read, bool]


def _numbers(name: str) -> Read:
    return lambda records: records[name].tolist()


def _letters(name: str) -> Read:
    return lambda records: records[name].astype("U1").tolist()


def _prices(name: str) -> Read:
    def read(records: np.ndarray) -> list[Any]:
        return [
            NULL if price == UNDEFINED_PRICE else price / PRICE_SCALE
            for price in records[name].tolist()
        ]

    return read


def _times(name: str) -> Read:
    def read(records: np.ndarray) -> list[Any]:
        return [
            NULL if time == UNDEFINED_TIMESTAMP else f'"{time}"' for time in records[name].tolist()
        ]

    return read


def _quantities(records: np.ndarray) -> list[Any]:
    # before version 3 of DBN the undefined one has 32 bits
    undefined = np.iinfo(records.dtype["quantity"]).max
    return [
        NULL if quantity == undefined else quantity for quantity in records["quantity"].tolist()
    ]


def _words(name: str) -> Read:
    def read(records: np.ndarray) -> list[Any]:
        return [json.dumps(word.decode("ascii", "replace")) for word in records[name].tolist()]

    return read


def _whole(records: np.ndarray) -> list[Any]:
    """Return the bytes of each record, in base 64."""
    data, size = records.tobytes(), records.dtype.itemsize
    return [
        b2a_base64(data[at : at + size], newline=False).decode() for at in range(0, len(data), size)
    ]


def _optional(name: str, read: Callable[[str], Read], text: str) -> Read:
    """Return a reader of a field that records of some schemas of a kind lack."""

    def found(records: np.ndarray) -> list[Any]:
        if name not in (records.dtype.names or ()):
            return [NULL] * len(records)
        return [text % (value,) for value in read(name)(records)]

    return found


TIMES: tuple[Field, ...] = (
    ("ts_event_ns", _times("ts_event"), False),
    ("ts_recv_ns", _times("ts_recv"), False),
)
RECORD: Field = ("record", _whole, True)
_INSTRUMENT: Field = ("instrument_id", _numbers("instrument_id"), False)
_PRICE_AND_SIZE: tuple[Field, ...] = (
    ("price", _prices("price"), False),
    ("size", _numbers("size"), False),
)
_SIDE: Field = ("side", _letters("side"), True)
_ACTION: Field = ("action", _letters("action"), True)
_LAST: tuple[Field, ...] = (
    ("flags", _numbers("flags"), False),
    ("sequence", _numbers("sequence"), False),
)
_DEPTH: Field = ("depth", _numbers("depth"), False)
_QUOTES: tuple[Field, ...] = tuple(
    (f"{side}_{what}", _optional(f"{side}_{what}_00", read, "%s"), False)
    for what, read in (("px", _prices), ("sz", _numbers), ("ct", _numbers))
    for side in ("bid", "ask")
)
_LEVELS = tuple(
    tuple(
        (f"{side}_{what}", read(f"{side}_{what}_{level:02d}"), False)
        for what, read in (("px", _prices), ("sz", _numbers), ("ct", _numbers))
        for side in ("bid", "ask")
    )
    for level in range(BOOK_LEVELS)
)


@dataclass(frozen=True)
class Kind:
    """Events of one subject.

    Attributes:
        subject: of their messages.
        fields: of an event after the ones that all events begin with.
        levels: of the book, best first.
    """

    subject: str
    fields: tuple[Field, ...]
    levels: tuple[tuple[Field, ...], ...] = ()

    @property
    def schema(self) -> Path:
        """The JSON schema of its events."""
        return SCHEMAS / f"{self.subject}.schema.json"


_TRADE = (_INSTRUMENT, _ACTION, _SIDE, *_PRICE_AND_SIZE)
FUTURE_TRADES = Kind("market.futures.trades", (*_TRADE, *_LAST))
FUTURE_MBP_10 = Kind("market.futures.mbp10", (*_TRADE, _DEPTH, *_LAST), _LEVELS)
FUTURE_MBO = Kind(
    "market.futures.mbo",
    (
        _INSTRUMENT,
        _ACTION,
        _SIDE,
        *_PRICE_AND_SIZE,
        ("order_id", _numbers("order_id"), True),
        ("channel_id", _numbers("channel_id"), False),
        *_LAST,
    ),
)
OPTION_TRADES = Kind("market.options.trades", (*_TRADE, *_QUOTES, *_LAST))
OPTION_QUOTES = Kind(
    "market.options.nbbo",
    (
        _INSTRUMENT,
        ("action", _optional("action", _letters, '"%s"'), False),
        _SIDE,
        *_PRICE_AND_SIZE,
        *_QUOTES,
        *_LAST,
    ),
)
FUTURE_QUOTES = Kind("market.futures.bbo", OPTION_QUOTES.fields)
OPTION_MBO = Kind("market.options.mbo", FUTURE_MBO.fields)
_DEFINITION: tuple[Field, ...] = (
    _INSTRUMENT,
    ("raw_symbol", _words("raw_symbol"), False),
    ("instrument_class", _words("instrument_class"), False),
    ("underlying", _words("underlying"), False),
    ("strike_price", _prices("strike_price"), False),
    ("min_price_increment", _prices("min_price_increment"), False),
    ("expiration_ns", _times("expiration"), False),
)
_STATISTICS: tuple[Field, ...] = (
    _INSTRUMENT,
    ("stat_type", _numbers("stat_type"), False),
    ("price", _prices("price"), False),
    ("quantity", _quantities, False),
    ("ts_ref_ns", _times("ts_ref"), False),
)
_STATUS: tuple[Field, ...] = (
    _INSTRUMENT,
    ("action", _numbers("action"), False),
    ("reason", _numbers("reason"), False),
    ("trading_event", _numbers("trading_event"), False),
)
FUTURE_DEFINITIONS = Kind("market.futures.definition", _DEFINITION)
OPTION_DEFINITIONS = Kind("market.options.definition", _DEFINITION)
FUTURE_STATISTICS = Kind("market.futures.statistics", _STATISTICS)
OPTION_STATISTICS = Kind("market.options.statistics", _STATISTICS)
FUTURE_STATUS = Kind("market.futures.status", _STATUS)

_KINDS = {
    (FUTURE, "trades"): FUTURE_TRADES,
    (FUTURE, "tbbo"): FUTURE_TRADES,
    (FUTURE, "mbp-10"): FUTURE_MBP_10,
    (FUTURE, "mbo"): FUTURE_MBO,
    (FUTURE, "mbp-1"): FUTURE_QUOTES,
    (FUTURE, "bbo-1s"): FUTURE_QUOTES,
    (FUTURE, "bbo-1m"): FUTURE_QUOTES,
    (FUTURE, "definition"): FUTURE_DEFINITIONS,
    (FUTURE, "statistics"): FUTURE_STATISTICS,
    (FUTURE, "status"): FUTURE_STATUS,
    (FUTURE_OPTION, "trades"): OPTION_TRADES,
    (FUTURE_OPTION, "tbbo"): OPTION_TRADES,
    (FUTURE_OPTION, "mbo"): OPTION_MBO,
    (FUTURE_OPTION, "mbp-1"): OPTION_QUOTES,
    (FUTURE_OPTION, "bbo-1s"): OPTION_QUOTES,
    (FUTURE_OPTION, "bbo-1m"): OPTION_QUOTES,
    (FUTURE_OPTION, "definition"): OPTION_DEFINITIONS,
    (FUTURE_OPTION, "statistics"): OPTION_STATISTICS,
}
KINDS = tuple(dict.fromkeys(_KINDS.values()))
SUBJECTS = frozenset(kind.subject for kind in KINDS)


def kind_of(source: Source) -> Kind | None:
    """Return the kind of a source's events; None for records that no subject carries."""
    return _KINDS.get((source.product_type, source.schema))
