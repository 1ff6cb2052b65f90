"""Records as JSON events, a message for each, and rows of ``gold.level_signals`` as messages.

Events are put together from whole columns of a chunk, one text per record. Prices are in points;
what the vendor leaves undefined is null. Times in ns and order ids are texts: JavaScript's numbers
end at 2^53.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from spymaster_ingest.dbn.layouts import BOOK_LEVELS, UNDEFINED_PRICE, UNDEFINED_TIMESTAMP
from spymaster_ingest.dbn.reader import MappingInterval, read_header
from spymaster_ingest.landing.routing import day_of
from spymaster_ingest.units import NS_PER_DAY, PRICE_SCALE

from spymaster.live.feeds import FUTURE, FUTURE_OPTION, Chunk, Source
from spymaster.live.lines import of_origin
from spymaster.transport.messages import SIGNALS, SIGNALS_TABLE, Key, Message, checked_run

Origin = Literal["replay", "sim", "direct_feed"]
SCHEMAS = Path(__file__).parent / "schemas"
_NULL = "null"
_Read = Callable[[np.ndarray], list[Any]]
# values of a column of n records, and whether JSON writes them as text
_Field = tuple[str, _Read, bool]


def _numbers(name: str) -> _Read:
    return lambda records: records[name].tolist()


def _letters(name: str) -> _Read:
    return lambda records: records[name].astype("U1").tolist()


def _prices(name: str) -> _Read:
    def read(records: np.ndarray) -> list[Any]:
        return [
            _NULL if price == UNDEFINED_PRICE else price / PRICE_SCALE
            for price in records[name].tolist()
        ]

    return read


def _times(name: str) -> _Read:
    def read(records: np.ndarray) -> list[Any]:
        return [
            _NULL if time == UNDEFINED_TIMESTAMP else f'"{time}"' for time in records[name].tolist()
        ]

    return read


def _optional(name: str, read: Callable[[str], _Read], text: str) -> _Read:
    """Return a reader of a field that records of some schemas of a kind lack."""

    def found(records: np.ndarray) -> list[Any]:
        if name not in (records.dtype.names or ()):
            return [_NULL] * len(records)
        return [text % (value,) for value in read(name)(records)]

    return found


_TIMES: tuple[_Field, ...] = (
    ("ts_event_ns", _times("ts_event"), False),
    ("ts_recv_ns", _times("ts_recv"), False),
)
_INSTRUMENT: _Field = ("instrument_id", _numbers("instrument_id"), False)
_PRICE_AND_SIZE: tuple[_Field, ...] = (
    ("price", _prices("price"), False),
    ("size", _numbers("size"), False),
)
_SIDE: _Field = ("side", _letters("side"), True)
_ACTION: _Field = ("action", _letters("action"), True)
_LAST: tuple[_Field, ...] = (
    ("flags", _numbers("flags"), False),
    ("sequence", _numbers("sequence"), False),
)
_DEPTH: _Field = ("depth", _numbers("depth"), False)
_QUOTES: tuple[_Field, ...] = tuple(
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
    fields: tuple[_Field, ...]
    levels: tuple[tuple[_Field, ...], ...] = ()

    @property
    def table(self) -> str:
        """The last word of the subject."""
        return self.subject.rpartition(".")[2]

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
KINDS = (FUTURE_TRADES, FUTURE_MBP_10, FUTURE_MBO, OPTION_TRADES, OPTION_QUOTES)

_KINDS = {
    (FUTURE, "trades"): FUTURE_TRADES,
    (FUTURE, "tbbo"): FUTURE_TRADES,
    (FUTURE, "mbp-10"): FUTURE_MBP_10,
    (FUTURE, "mbo"): FUTURE_MBO,
    (FUTURE_OPTION, "trades"): OPTION_TRADES,
    (FUTURE_OPTION, "tbbo"): OPTION_TRADES,
    (FUTURE_OPTION, "mbp-1"): OPTION_QUOTES,
    (FUTURE_OPTION, "bbo-1s"): OPTION_QUOTES,
    (FUTURE_OPTION, "bbo-1m"): OPTION_QUOTES,
}


def kind_of(source: Source) -> Kind | None:
    """Return the kind of a source's events; None for records that no subject carries."""
    return _KINDS.get((source.product_type, source.schema))


class Events:
    """Makes the messages of a run's records.

    Args:
        run_id: name of the run.
        origin: what the events say of their source.

    Raises:
        SpymasterError: The name cannot be part of a key.
    """

    def __init__(self, run_id: str, origin: Origin) -> None:
        self._run, self._origin = checked_run(run_id), origin
        self._symbols: dict[tuple[Source, int], dict[int, str]] = {}

    def messages(self, chunk: Chunk, first_seq: int) -> list[Message]:
        """Return a message for each record of a chunk whose source has a subject.

        Args:
            chunk: n records.
            first_seq: number of the first record in the run.
        """
        kind = kind_of(chunk.source)
        records = chunk.records
        if kind is None or not len(records):
            return []
        symbols = self._symbols_of(chunk)
        times = np.where(
            records["ts_event"] == UNDEFINED_TIMESTAMP, records["ts_recv"], records["ts_event"]
        ).tolist()
        template, columns = self._columns(kind, records)
        seqs = range(first_seq, first_seq + len(records))
        texts = [_NULL if symbol is None else json.dumps(symbol) for symbol in symbols]
        run, table, product = self._run, kind.table, chunk.source.product
        return [
            Message(
                kind.subject,
                (template % row).encode(),
                f"{run}:{symbol or product}:{table}:{time}:{seq}",
            )
            for row, symbol, time, seq in zip(
                zip(*columns[:2], texts, seqs, *columns[2:], strict=True),
                symbols,
                times,
                seqs,
                strict=True,
            )
        ]

    def _columns(self, kind: Kind, records: np.ndarray) -> tuple[str, list[list[Any]]]:
        """Return the text of an event with a place for each value, and the values."""
        begin = f'"source":"{self._origin}","symbol":%s,"seq":%s'
        parts = [_places(_TIMES), begin, _places(kind.fields)]
        if kind.levels:
            parts.append(f'"levels":[{",".join(f"{{{_places(x)}}}" for x in kind.levels)}]')
        fields = (*_TIMES, *kind.fields, *(field for level in kind.levels for field in level))
        return f"{{{','.join(parts)}}}", [read(records) for _, read, _ in fields]

    def _symbols_of(self, chunk: Chunk) -> list[str | None]:
        """Return the symbol of each record on its day; None where it is not known."""
        records, source = chunk.records, chunk.source
        days = records["ts_recv"] // np.uint64(NS_PER_DAY)
        ids = records["instrument_id"].tolist()
        default = source.product if source.product_type == FUTURE else None
        if days[0] == days[-1]:
            names = self._names(source, int(days[0]))
            return [names.get(number, default) for number in ids]
        return [
            self._names(source, day).get(number, default)
            for day, number in zip(days.tolist(), ids, strict=True)
        ]

    def _names(self, source: Source, day: int) -> dict[int, str]:
        found = self._symbols.get((source, day))
        if found is None:
            date = day_of(day * NS_PER_DAY)
            found = {
                interval.instrument_id: interval.symbol
                for interval in _mappings(source)
                if interval.start <= date < interval.end
            }
            self._symbols[source, day] = found
        return found


def signal(
    run_id: str,
    origin: Origin,
    symbol: str,
    time_ns: int,
    payload: str,
    table: str = SIGNALS_TABLE,
) -> Message:
    """Return the message of a row of ``gold.level_signals``, or of a moment between two seconds.

    Args:
        run_id: name of the run.
        origin: what the message says of its source; the relation says ``replay``.
        symbol: of the contract.
        time_ns: end of the row's second, or the moment, ns since 1970 UTC.
        payload: of the row.
        table: what the key says of it.
    """
    key = Key(run_id, symbol, table, time_ns)
    return Message(SIGNALS, of_origin(payload, origin).encode(), str(key))


def _places(fields: Iterable[_Field]) -> str:
    return ",".join(f'"{name}":"%s"' if text else f'"{name}":%s' for name, _, text in fields)


def _mappings(source: Source) -> tuple[MappingInterval, ...]:
    return read_header(Path(source.name), io.BytesIO(source.header)).mappings
