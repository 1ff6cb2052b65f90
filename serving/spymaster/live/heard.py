"""Seconds of a session as its engines end them, with all that a step over them needs."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from spymaster.live.engines import Engine, EngineRows, Engines
from spymaster.live.feeds import Chunk
from spymaster.live.renewed import Renewed
from spymaster.live.seconds import Ended

_EPOCH = dt.datetime(1970, 1, 1)


class EngineState(NamedTuple):
    """Where the engines stood when they had ended a second.

    Attributes:
        saved: their state, as arrays by name.
        n_fed: how many records they were given, by the name of their source.
    """

    saved: dict[str, np.ndarray]
    n_fed: dict[str, int]


class HeardSecond(NamedTuple):
    """A second that has ended, with all that a step over it needs.

    Attributes:
        ended: the second, and the rows of the engines.
        chunks: the records that the engines were given since the one before.
        renewed: rows of relations that the records have changed, by their name.
        state: of the engines, where a run goes on from here; None elsewhere.
    """

    ended: Ended
    chunks: list[Chunk]
    renewed: dict[str, pa.Table]
    state: EngineState | None


class HeardEngines(Engines):
    """Engines that keep the chunks that they were fed until someone takes them.

    Attributes:
        n_fed: how many records they were given, by the name of their source.
    """

    def __init__(self, engines: list[Engine], hear: Callable[[Chunk], None]) -> None:
        """Begin a pass of each engine.

        Args:
            engines: of the session.
            hear: is given each chunk before the engines are.
        """
        super().__init__(engines)
        self._hear = hear
        self._chunks: list[Chunk] = []
        self.n_fed: Counter[str] = Counter()

    def feed(self, chunk: Chunk) -> list[EngineRows]:
        """Apply a chunk as ``Engines.feed`` does."""
        self._hear(chunk)
        self._chunks.append(chunk)
        self.n_fed[chunk.source.name] += len(chunk.records)
        return super().feed(chunk)

    def state(self) -> EngineState:
        """Return where they stand."""
        return EngineState({x: array.copy() for x, array in self.saved().items()}, dict(self.n_fed))

    def taken(self) -> list[Chunk]:
        """Return the chunks since the last call."""
        chunks, self._chunks = self._chunks, []
        return chunks


def heard_seconds(
    ended: Iterable[Ended],
    engines: HeardEngines,
    renewed: Sequence[Renewed],
    span: tuple[dt.datetime, dt.datetime],
    state_every_s: int | None,
) -> Iterator[HeardSecond]:
    """Yield seconds with all that a step over them needs.

    Args:
        ended: seconds of the engines.
        engines: of a session.
        renewed: relations that records change.
        span: when the first and the last second end, UTC, without a zone.
        state_every_s: see ``Session.heard``.
    """
    start, end = span
    number: int | None = None
    for second in ended:
        changed = {one.relation: one.rows() for one in renewed if one.is_changed}
        state = None
        if state_every_s is not None and second.second_s is not None:
            now, before = end_of(second.second_s), number
            number = None if now < start else (now - _EPOCH) // dt.timedelta(seconds=state_every_s)
            if number is not None and (number != before or now >= end):
                state = engines.state()
        yield HeardSecond(second, engines.taken(), changed, state)


def end_of(second_s: int) -> dt.datetime:
    """Return when a second ends, UTC, without a zone.

    Args:
        second_s: s since 1970 UTC.
    """
    return _EPOCH + dt.timedelta(seconds=second_s + 1)
