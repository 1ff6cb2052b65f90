"""A landed day whose records come as a clock goes on, and an outlet that keeps what it hears."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np
import pyarrow as pa
from spymaster.live.feeds import Chunk, times_of
from spymaster.live.outlets import Rows, Snap
from spymaster.live.recorded import LandedDay
from spymaster_ingest.units import NS_PER_S, epoch_ns

from support.live_feeds import FakeClock

# records of the last seconds before the first one come as if they were of now
_BEFORE_NS = 10 * NS_PER_S
# a day may be opened meanwhile
PATIENCE_S = 900
SIGNALS = "gold.level_signals"


class Coming:
    """The records of a landed day, as a clock that goes with them lets them come.

    Those of before the first second come at once. The others wait until someone listens, then come
    in parts of any size, each as the clock passes its last record.
    """

    def __init__(
        self,
        inputs: Sequence[LandedDay],
        clock: FakeClock,
        span: tuple[dt.datetime, dt.datetime],
        *,
        seed: int = 1,
        n_captured: Mapping[str, int] | None = None,
        step_ns: int = NS_PER_S // 20,
        held_ns: int = 0,
    ) -> None:
        """Make a feed.

        Args:
            inputs: the landed records.
            clock: that is set.
            span: the seconds that come one by one, UTC, without a zone.
            seed: of the sizes of the parts.
            n_captured: how many records of each source came before and do not come again.
            step_ns: how much of the day comes at once.
            held_ns: for how long what comes is held back, each time; it then comes in steps, while
                the clock stands.
        """
        self.inputs = inputs
        self.clock = clock
        self.is_heard = threading.Event()
        self._start_ns, self._end_ns = map(epoch_ns, span)
        self._left = Counter(n_captured or {})
        self._step_ns, self._held_ns = step_ns, held_ns
        self._rng = np.random.default_rng(seed)

    def __iter__(self) -> Iterator[Chunk]:
        """Yield what comes."""
        self._pass(self._start_ns - NS_PER_S // 2)
        times = {}
        chunks = {}
        at = {}
        for day in self.inputs:
            records = np.concatenate(list(day.chunks()))
            source = day.source
            times[source] = np.maximum.accumulate(times_of(records).astype(np.int64))
            chunks[source] = records
            at[source] = int(np.searchsorted(times[source], self._start_ns - _BEFORE_NS))
            # an empty chunk would say that nothing of the past comes any more
            if at[source]:
                yield self._new(Chunk(source, records[: at[source]]))
        for until_ns in range(self._start_ns - _BEFORE_NS, self._end_ns + 1, self._step_ns):
            if until_ns == self._start_ns:
                yield self._nothing()
                assert self.is_heard.wait(PATIENCE_S)
            if self._held_ns and until_ns > self._start_ns:
                n_held = -(-(until_ns - self._start_ns) // self._held_ns)
                self._pass(self._start_ns + n_held * self._held_ns)
            for source, records in chunks.items():
                end = int(np.searchsorted(times[source], until_ns))
                if until_ns > self._start_ns and end > at[source]:
                    self._pass(int(times[source][end - 1]))
                # a part may be a single record
                cuts = np.sort(self._rng.integers(at[source], end + 1, 2)).tolist()
                for first, last in pairwise([at[source], *cuts, end]):
                    if last > first:
                        yield self._new(Chunk(source, records[first:last]))
                at[source] = end
        self._pass(self._end_ns + NS_PER_S // 10)
        yield self._nothing()

    def _pass(self, time_ns: int) -> None:
        self.clock.time_ns = max(self.clock.time_ns, time_ns)

    def _nothing(self) -> Chunk:
        day = self.inputs[0]
        return Chunk(day.source, np.empty(0, day.source.dtype))

    def _new(self, chunk: Chunk) -> Chunk:
        """Return what of a chunk has not come before."""
        n_before = min(self._left[chunk.source.name], len(chunk.records))
        self._left[chunk.source.name] -= n_before
        return Chunk(chunk.source, chunk.records[n_before:])


class Heard:
    """An outlet that keeps payloads by the end of their second.

    Attributes:
        payloads: of level_signals.
        n_records: that were captured.
        reason: why the run stopped, None where it ended.
    """

    def __init__(self) -> None:
        self.payloads: dict[dt.datetime, str] = {}
        self.n_records = 0
        self.reason: str | None = "not ended"

    def captured(self, chunk: Chunk, first: int) -> None:
        """Count the records."""
        self.n_records += len(chunk.records)

    def stepped(self, rows: Rows, from_ts: dt.datetime, to_ts: dt.datetime) -> None:
        """Keep the payloads."""
        found: pa.Table = rows.rows(SIGNALS, from_ts, to_ts)
        for row in found.to_pylist():
            assert row["window_end_ts"] not in self.payloads
            self.payloads[row["window_end_ts"]] = row["payload"]

    def snapped(self, snap: Snap) -> None:
        """See that a snap is not before the second that it says."""
        as_of = dt.datetime.fromtimestamp(snap.as_of_ns / NS_PER_S, dt.UTC).replace(tzinfo=None)
        # a run may make no payloads; the second may be told of meanwhile
        assert not self.payloads or as_of <= max(self.payloads)

    def ended(self, reason: str | None) -> None:
        """Keep the reason."""
        self.reason = reason


class Killed(BaseException):
    """Ends a run where it stands, as a kill does."""


class Killing(Heard):
    """An outlet that ends its run.

    Attributes:
        from_ts: end of the last second before those that it was told of first.
    """

    def __init__(self, at: dt.datetime | None) -> None:
        """Make an outlet.

        Args:
            at: it ends the run at the step that ends then, or at the first one after; None for
                never.
        """
        super().__init__()
        self._at = at
        self.from_ts: dt.datetime | None = None

    def stepped(self, rows: Rows, from_ts: dt.datetime, to_ts: dt.datetime) -> None:
        """End the run."""
        self.from_ts = self.from_ts or from_ts
        if self._at is not None and to_ts >= self._at:
            raise Killed


def wait_for_rows() -> None:
    """Wait until rows that runs of this process write are on the disk: a kill comes after."""
    for thread in threading.enumerate():
        if thread.name == "rows":
            thread.join()
