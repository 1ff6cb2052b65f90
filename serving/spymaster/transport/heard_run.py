"""The records of a run, put together again from its messages.

Records of a source are numbered by its run. One whose number is there already is a double; where
numbers jump, records are missing that the stream does not hold, and the chunk says so.
"""

from __future__ import annotations

import json
import zlib
from base64 import b64decode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from spymaster_ingest.errors import SpymasterError, one_line
from spymaster_ingest.units import NS_PER_DAY, NS_PER_S

from spymaster.live.captured_run import CapturedRun
from spymaster.live.feeds import Chunk, Gap, Source, times_of
from spymaster.transport.events import source_of
from spymaster.transport.interface import Delivery
from spymaster.transport.kinds import SUBJECTS
from spymaster.transport.messages import END, HEADER

_MALFORMED = (KeyError, TypeError, ValueError, zlib.error)


@dataclass
class _Heard:
    """What has come of a source.

    Attributes:
        source: None before its header.
        n_next: number of its next record.
        last_ns: time of capture of its last record, ns UTC; None before the first.
        header: the message of its header, until a record of it has come.
    """

    source: Source | None = None
    n_next: int = 0
    last_ns: int | None = None
    header: Delivery | None = None


@dataclass
class _Open:
    """Records of a source that follow one another."""

    name: str
    first: int
    data: list[bytes]


class HeardRun:
    """Takes the messages of the stream of records, of any runs, and gives the chunks of one.

    Attributes:
        is_ended: whether the run said its end.
    """

    def __init__(
        self, run_id: str, captured: Sequence[CapturedRun], say: Callable[[str], None]
    ) -> None:
        """Go on after what was captured.

        Args:
            run_id: name of the run that publishes.
            captured: what earlier starts of the run that hears it have captured.
            say: is given a line where records are missing.
        """
        self._prefix, self._run, self._say = f"{run_id}:", run_id, say
        self._heard: dict[str, _Heard] = {}
        self.is_ended = False
        for part in captured:
            for source in part.sources:
                records = part.records(source)
                heard = self._of(source.name)
                heard.source = heard.source or source
                heard.n_next += len(records)
                if len(records):
                    heard.last_ns = int(times_of(records[-1:])[0])
            for name, n_missing in part.n_missing.items():
                self._of(name).n_next += n_missing

    @property
    def sources(self) -> list[Source]:
        """Return the feeds of the run whose headers are known."""
        return [x.source for x in self._heard.values() if x.source is not None]

    def chunks(self, deliveries: Sequence[Delivery]) -> tuple[list[Chunk], list[Delivery]]:
        """Return the chunks of new records, and which messages are done with once they are kept.

        Messages of headers are kept back until a record of their source has come, and the one of
        the end for good: whoever begins again needs them.

        Raises:
            SpymasterError: A message of the run is not as this version writes it, or there is no
                header of a source.
        """
        done: list[Delivery] = []
        chunks = [*self._chunks(deliveries, done)]
        for chunk in chunks:
            heard = self._of(chunk.source.name)
            if heard.header is not None and len(chunk.records):
                done.append(heard.header)
                heard.header = None
        return chunks, done

    def _chunks(self, deliveries: Sequence[Delivery], done: list[Delivery]) -> Iterator[Chunk]:
        is_open: _Open | None = None
        for delivery in deliveries:
            if not delivery.key.startswith(self._prefix):
                done.append(delivery)
                continue
            event = self._event(delivery)
            if delivery.subject in SUBJECTS:
                done.append(delivery)
                name, seq = event["feed"], event["seq"]
                if is_open is not None and name == is_open.name:
                    n_next = is_open.first + len(is_open.data)
                else:
                    n_next = self._of(name).n_next
                if seq < n_next:
                    continue
                if is_open is None or name != is_open.name or seq > n_next:
                    if is_open is not None:
                        yield self._chunk(is_open)
                    is_open = _Open(name, seq, [])
                is_open.data.append(event["record"])
            elif delivery.subject == HEADER:
                heard = self._of(event["feed"])
                if heard.source is None:
                    heard.source, heard.header = event["is"], delivery
                elif delivery is not heard.header:
                    done.append(delivery)
            elif delivery.subject == END:
                if is_open is not None:
                    yield self._chunk(is_open)
                    is_open = None
                yield from self._end(event["feeds"])
                return
        if is_open is not None:
            yield self._chunk(is_open)

    def _event(self, delivery: Delivery) -> dict[str, Any]:
        """Return a message's payload, with the record as bytes, and the source of a header."""
        try:
            event = json.loads(delivery.payload)
            if delivery.subject in SUBJECTS:
                return {
                    "feed": str(event["feed"]),
                    "seq": int(event["seq"]),
                    "record": b64decode(event["record"], validate=True),
                }
            if delivery.subject == HEADER:
                source = source_of(event)
                return {"feed": source.name, "is": source}
            if delivery.subject == END:
                feeds = [
                    (str(x["feed"]), int(x["records"]), int(x["last_ns"])) for x in event["feeds"]
                ]
                return {"feeds": feeds}
        except _MALFORMED as error:
            raise SpymasterError(
                delivery.subject,
                f"message {delivery.key} is not as this version writes it: {one_line(error)}",
                "let the same version of Spymaster publish",
            ) from error
        return {}

    def _chunk(self, found: _Open) -> Chunk:
        heard = self._of(found.name)
        if heard.source is None:
            raise SpymasterError(
                found.name,
                f"the stream holds no header of its records in run {self._run}",
                "start the run that publishes again: it goes on, and says its headers anew",
            )
        dtype = heard.source.dtype
        if any(len(record) != dtype.itemsize for record in found.data):
            raise SpymasterError(
                found.name,
                f"a record of run {self._run} has not the {dtype.itemsize} bytes of its schema",
                "let the same version of Spymaster publish",
            )
        records = np.frombuffer(b"".join(found.data), dtype)
        first_ns = int(times_of(records[:1])[0])
        chunk = Chunk(heard.source, records)
        if found.first > heard.n_next:
            chunk = self._after_gap(chunk, heard, found.first, first_ns)
        heard.n_next = found.first + len(records)
        heard.last_ns = int(times_of(records[-1:])[0])
        return chunk

    def _end(self, feeds: Sequence[tuple[str, int, int]]) -> Iterator[Chunk]:
        """Yield what is missing at the end."""
        self.is_ended = True
        for name, n_records, last_ns in feeds:
            heard = self._of(name)
            if heard.n_next >= n_records:
                continue
            if heard.source is None:
                self._say(f"{name}: all {n_records:,} records of run {self._run} are missing")
                continue
            nothing = Chunk(heard.source, np.empty(0, heard.source.dtype))
            yield self._after_gap(nothing, heard, n_records, last_ns)
            heard.n_next, heard.last_ns = n_records, last_ns

    def _after_gap(self, chunk: Chunk, heard: _Heard, first: int, end_ns: int) -> Chunk:
        n_missing = first - heard.n_next
        start_ns = end_ns // NS_PER_DAY * NS_PER_DAY if heard.last_ns is None else heard.last_ns
        gap = Gap(min(start_ns, end_ns), end_ns)
        self._say(
            f"{chunk.source.name}: {n_missing:,} records of run {self._run} are missing, "
            f"{(gap.end_ns - gap.start_ns) / NS_PER_S:.3f} s"
        )
        return replace(chunk, gap=gap, n_missing=n_missing)

    def _of(self, name: str) -> _Heard:
        return self._heard.setdefault(name, _Heard())
