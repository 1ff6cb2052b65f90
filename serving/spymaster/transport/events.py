"""Records as JSON events, a message for each, and rows of ``gold.level_signals`` as messages.

Events are put together from whole columns of a chunk, one text per record. A run also says the DBN
header of each source before its records, and its own end: whoever hears all has the capture.
"""

from __future__ import annotations

import io
import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from spymaster_ingest.dbn.layouts import UNDEFINED_TIMESTAMP
from spymaster_ingest.dbn.reader import MappingInterval, read_header
from spymaster_ingest.landing.routing import day_of
from spymaster_ingest.units import NS_PER_DAY

from spymaster.live.feeds import FUTURE, Chunk, Source
from spymaster.live.lines import of_origin
from spymaster.transport.kinds import NULL, RECORD, TIMES, Field, Kind, kind_of
from spymaster.transport.messages import (
    END,
    HEADER,
    SIGNALS,
    SIGNALS_TABLE,
    Key,
    Message,
    checked_run,
)

Origin = Literal["replay", "sim", "direct_feed"]


class Told(NamedTuple):
    """What was published of a source.

    Attributes:
        records: how many, from the first of the run on.
        last_ns: time of capture of the last of them, ns UTC.
    """

    records: int
    last_ns: int


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
        self._symbols: dict[tuple[str, bytes, int], dict[int, str]] = {}

    def messages(self, chunk: Chunk, first: int) -> list[Message]:
        """Return a message for each record of a chunk whose source has a subject.

        Args:
            chunk: n records.
            first: number of the first record among those of its source in the run.
        """
        kind = kind_of(chunk.source)
        records = chunk.records
        if kind is None or not len(records):
            return []
        symbols = self._symbols_of(chunk)
        times = np.where(
            records["ts_event"] == UNDEFINED_TIMESTAMP, records["ts_recv"], records["ts_event"]
        ).tolist()
        template, columns = self._columns(kind, chunk)
        seqs = range(first, first + len(records))
        texts = [NULL if symbol is None else json.dumps(symbol) for symbol in symbols]
        run, product = self._run, chunk.source.product
        of = f"{chunk.source.product_type}.{chunk.source.schema}"
        return [
            Message(
                kind.subject,
                (template % row).encode(),
                f"{run}:{symbol or product}:{of}:{time}:{seq}",
            )
            for row, symbol, time, seq in zip(
                zip(*columns[:2], texts, seqs, *columns[2:], strict=True),
                symbols,
                times,
                seqs,
                strict=True,
            )
        ]

    def header(self, source: Source) -> Message:
        """Return the message of a source's DBN header."""
        payload = {
            "source": self._origin,
            "feed": source.name,
            "schema": source.schema,
            "product_type": source.product_type,
            "product": source.product,
            "header": b64encode(zlib.compress(source.header)).decode(),
        }
        of = f"header.{source.product_type}.{source.schema}"
        return Message(HEADER, _text(payload), str(Key(self._run, source.product, of, 0)))

    def end(self, symbol: str, feeds: Mapping[str, Told]) -> Message:
        """Return the message of the end of the run.

        Args:
            symbol: of the contract.
            feeds: what was told of each source, by its name.
        """
        said = [
            {"feed": name, "records": told.records, "last_ns": str(told.last_ns)}
            for name, told in sorted(feeds.items())
        ]
        payload = {"source": self._origin, "symbol": symbol, "feeds": said}
        return Message(END, _text(payload), str(Key(self._run, symbol, "end", 0)))

    def _columns(self, kind: Kind, chunk: Chunk) -> tuple[str, list[list[Any]]]:
        """Return the text of an event with a place for each value, and the values."""
        records = chunk.records
        begin = f'"source":"{self._origin}","symbol":%s,"seq":%s'
        parts = [_places(TIMES), begin, _places(kind.fields)]
        if kind.levels:
            parts.append(f'"levels":[{",".join(f"{{{_places(x)}}}" for x in kind.levels)}]')
        feed = json.dumps(chunk.source.name).replace("%", "%%")
        parts.append(f'"feed":{feed},{_places([RECORD])}')
        levels = (field for level in kind.levels for field in level)
        fields = (*TIMES, *kind.fields, *levels, RECORD)
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
        # each part of a run names its records by its own header, whatever was told before
        of = source.name, source.header, day
        found = self._symbols.get(of)
        if found is None:
            date = day_of(day * NS_PER_DAY)
            found = {
                interval.instrument_id: interval.symbol
                for interval in _mappings(source)
                if interval.start <= date < interval.end
            }
            self._symbols[of] = found
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


def source_of(header: Mapping[str, Any]) -> Source:
    """Return the source that the message of a header says.

    Raises:
        KeyError, TypeError, ValueError, zlib.error: It is none.
    """
    data = zlib.decompress(b64decode(header["header"], validate=True))
    return Source(header["schema"], header["product_type"], header["product"], data)


def _text(payload: Mapping[str, Any]) -> bytes:
    return json.dumps(payload, separators=(",", ":"), allow_nan=False).encode()


def _places(fields: Iterable[Field]) -> str:
    return ",".join(f'"{name}":"%s"' if text else f'"{name}":%s' for name, _, text in fields)


def _mappings(source: Source) -> tuple[MappingInterval, ...]:
    return read_header(Path(source.name), io.BytesIO(source.header)).mappings
