"""The vendor's live service as a feed. After a disconnection a new session closes the gap.

The vendor's client would subscribe again without a start, and the hole would stay. Here the next
session replays each subscription from the ts_event of its last record, less an overlap for records
that come late; what is there already is dropped by (schema, instrument, ts_event, count).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field

import databento_dbn
import numpy as np
from databento_dbn import ErrorCode, SystemCode
from spymaster_ingest.dbn.layouts import MBO
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.units import NS_PER_S

from spymaster.live.captured_run import CapturedRun
from spymaster.live.feeds import Chunk, Clock, Gap, Source
from spymaster.live.vendor.connection import (
    Connection,
    Control,
    Disconnected,
    Gateway,
    Request,
    Session,
)
from spymaster.live.vendor.routing import Router
from spymaster.live.vendor.seen import Doubles, Seen, of_snapshot
from spymaster.live.vendor.subscriptions import (
    DEFAULT_REACH_S,
    REACH_S,
    Subscription,
    check_subscriptions,
)

_TICK_NS = NS_PER_S // 4
_NOTE_SLICE = 1 << 16
# what another session would be told again
_FINAL = {
    ErrorCode.AUTH_FAILED,
    ErrorCode.API_KEY_DEACTIVATED,
    ErrorCode.SYMBOL_RESOLUTION_FAILED,
    ErrorCode.INVALID_SUBSCRIPTION,
}


@dataclass(frozen=True)
class Reconnecting:
    """How a gap is closed.

    Attributes:
        overlap_s: a replay begins so much before the last ts_event of a subscription.
        first_wait_s: before the first attempt; it doubles with every further one.
        longest_wait_s: between two attempts.
        most_attempts: in a row of sessions that bring no new record and are over before the longest
            wait; then the run stops.
        reach_s: how far back the vendor replays, by schema.
        default_reach_s: of any other schema.
    """

    overlap_s: float = 1.0
    first_wait_s: float = 0.5
    longest_wait_s: float = 30.0
    most_attempts: int = 20
    reach_s: Mapping[str, float] = field(default_factory=lambda: dict(REACH_S))
    default_reach_s: float = DEFAULT_REACH_S

    @property
    def longest_ns(self) -> int:
        """Return the longest time between two attempts."""
        return int(self.longest_wait_s * NS_PER_S)

    def wait_ns(self, attempt: int) -> int:
        """Return how long to wait before an attempt, which are counted from 1."""
        # beyond so many doublings every wait is the longest
        doubled = self.first_wait_s * 2 ** min(attempt - 1, 32)
        return int(min(doubled, self.longest_wait_s) * NS_PER_S)

    def reach_ns(self, schema: str) -> int:
        """Return how far back the vendor replays a schema."""
        return int(self.reach_s.get(schema, self.default_reach_s) * NS_PER_S)


class VendorFeed:
    """A feed of the vendor's live service, from session to session."""

    def __init__(
        self,
        gateway: Gateway,
        subscriptions: Sequence[Subscription],
        clock: Clock,
        has_ended: Callable[[], bool] = lambda: False,
        *,
        captured: Sequence[CapturedRun] = (),
        reconnecting: Reconnecting | None = None,
        say: Callable[[str], None] = lambda line: None,
        connect: Callable[[Gateway, Sequence[Request]], Session] = Connection,
    ) -> None:
        """Make the feed; nothing is opened before it is read.

        Args:
            gateway: where sessions are opened.
            subscriptions: each of which is a source.
            clock: paces attempts, and says what lies beyond the vendor's reach.
            has_ended: whether the run is over; asked after every chunk.
            captured: earlier runs of the same day in their order, which the feed goes on with.
            reconnecting: how a gap is closed.
            say: is given a line when a session ends and when one goes on.
            connect: opens a session.

        Raises:
            SpymasterError: Two subscriptions share records, or a schema is not read.
        """
        check_subscriptions(subscriptions)
        self._gateway = gateway
        self._subscriptions = subscriptions
        self._clock = clock
        self._has_ended = has_ended
        self._reconnecting = reconnecting or Reconnecting()
        self._say = say
        self._connect = connect
        self._router = Router(gateway.dataset, subscriptions)
        overlap_ns = int(self._reconnecting.overlap_s * NS_PER_S)
        self._seen = [Seen(overlap_ns, one.schema) for one in subscriptions]
        for run in captured:
            self._note_run(run)
        # when the first session began: a subscription without a record goes on from there
        self._began_ns: int | None = None
        # subscriptions that the vendor does not replay from where they ended
        self._aged_out: set[int] = set()
        # from when records are missing, by subscription, until its next record
        self._missing_from_ns: dict[int, int] = {}
        self._doubles = [Doubles() for _ in subscriptions]
        self._asked: list[Request] = []
        self._n_new = 0

    @property
    def sources(self) -> list[Source]:
        """Return a source for each subscription."""
        return self._router.expected()

    def __iter__(self) -> Iterator[Chunk]:
        """Yield the records that are new, and an empty chunk when none has come for a while.

        Raises:
            SpymasterError: The vendor refuses the session or a subscription, more records wait
                than there is room for, or attempt after attempt brings nothing.
        """
        attempt = 0
        while not self._has_ended():
            n_before, began_ns = self._n_new, self._clock.now_ns()
            try:
                with closing(self._connect(self._gateway, self._requests())) as session:
                    if attempt:
                        self._say(f"{self._gateway.dataset}: connected again")
                    for chunk in self._chunks(session):
                        yield chunk
                        if self._has_ended():
                            return
            except Disconnected as lost:
                lasted_ns = self._clock.now_ns() - began_ns
                has_worked = self._n_new > n_before or lasted_ns >= self._reconnecting.longest_ns
                attempt = 1 if has_worked else attempt + 1
                if attempt > self._reconnecting.most_attempts:
                    raise SpymasterError(
                        self._gateway.dataset,
                        f"the run stops: {attempt - 1} sessions in a row gave nothing: {lost}",
                        "what came was captured; start again when the vendor answers",
                    ) from lost
                wait_ns = self._reconnecting.wait_ns(attempt)
                self._say(
                    f"{self._gateway.dataset}: {lost}; again in {wait_ns / NS_PER_S:g} s, "
                    f"attempt {attempt}"
                )
                yield from self._idle(self._clock.now_ns() + wait_ns)

    def _chunks(self, session: Session) -> Iterator[Chunk]:
        """Yield the chunks of a session until it is over."""
        for batch in session.batches():
            if self._began_ns is None:
                self._began_ns = session.began_ns
            records: list[bytes] = []
            n_before = self._n_new
            for item in batch:
                if isinstance(item, bytes):
                    records.append(item)
                    continue
                yield from self._new(records)
                records = []
                self._hear(item)
            yield from self._new(records)
            if self._n_new == n_before:
                yield self._nothing()

    def _new(self, encoded: list[bytes]) -> Iterator[Chunk]:
        """Yield the records that are not there yet."""
        for number, records in self._router.routed(encoded):
            fresh = self._doubles[number].without(records)
            if not len(fresh):
                continue
            source, gap = self._router.source(number, fresh), None
            seen = self._seen[number]
            before_ns = self._missing_from_ns.pop(number, None)
            seen.note(fresh, is_after_gap=before_ns is not None)
            if before_ns is not None:
                gap = Gap(before_ns, _first_ns(fresh))
                self._say(f"{source.name}: {(gap.end_ns - gap.start_ns) / NS_PER_S:.3f} s missing")
            self._aged_out.discard(number)
            self._n_new += len(fresh)
            yield Chunk(source, fresh, gap)

    def _hear(self, message: Control) -> None:
        """Take what the gateway says between the records."""
        if isinstance(message, databento_dbn.SymbolMappingMsg):
            self._router.name(message)
        elif isinstance(message, databento_dbn.ErrorMsg):
            self._hear_error(message)
        elif not message.is_heartbeat() and message.code == SystemCode.SLOW_READER_WARNING:
            self._say(f"{self._gateway.dataset}: {message.msg}")

    def _hear_error(self, message: databento_dbn.ErrorMsg) -> None:
        if message.code in _FINAL:
            raise SpymasterError(
                self._gateway.dataset,
                f"the vendor refuses the session: {message.err}",
                "check the key in DATABENTO_API_KEY, what it is entitled to, and the symbols",
            )
        if message.code == ErrorCode.REPLAY_DATA_AGED_OUT:
            # it does not say of which subscription: the one that begins first, then the next
            starts = {
                request.start_ns: number
                for number, request in enumerate(self._asked)
                if request.start_ns is not None
            }
            if starts:
                self._aged_out.add(starts[min(starts)])
        raise Disconnected(message.err)

    def _requests(self) -> list[Request]:
        """Return what the next session asks for, and expect what it gives again."""
        found = []
        for number, subscription in enumerate(self._subscriptions):
            seen = self._seen[number]
            start_ns, snapshot = self._start(number, subscription)
            is_replay = start_ns is not None and seen.last_ns is not None
            self._doubles[number] = seen.doubles() if is_replay else Doubles()
            found.append(
                Request(
                    subscription.schema,
                    subscription.symbols,
                    subscription.stype_in,
                    start_ns,
                    snapshot,
                )
            )
        self._asked = found
        return found

    def _start(self, number: int, subscription: Subscription) -> tuple[int | None, bool]:
        """Return from when a subscription goes on, and whether a snapshot comes first."""
        seen = self._seen[number]
        if seen.last_ns is not None:
            start_ns: int | None = seen.resume_ns
        elif subscription.snapshot:
            # a snapshot that was cut is of no use: another one comes
            if seen.last_time_ns is not None:
                self._missing_from_ns[number] = seen.last_time_ns
            return None, True
        else:
            start_ns = self._began_ns if subscription.start_ns is None else subscription.start_ns
        if start_ns is None:
            return None, False
        reach_ns = self._reconnecting.reach_ns(subscription.schema)
        is_asked_for = seen.last_ns is None and start_ns == subscription.start_ns
        if number not in self._aged_out and (
            is_asked_for or start_ns >= self._clock.now_ns() - reach_ns
        ):
            return start_ns, False
        self._missing_from_ns[number] = start_ns if seen.last_time_ns is None else seen.last_time_ns
        return None, subscription.schema == MBO.schema

    def _note_run(self, run: CapturedRun) -> None:
        """Note what an earlier run has captured."""
        named = {source.name: source for source in run.sources}
        for subscription, seen in zip(self._subscriptions, self._seen, strict=True):
            if subscription.name in named:
                records = run.records(named[subscription.name])
                for start in range(0, len(records), _NOTE_SLICE):
                    seen.note(records[start : start + _NOTE_SLICE])
                for gap in run.gaps.get(subscription.name, ()):
                    seen.from_ns = gap.end_ns

    def _idle(self, until_ns: int) -> Iterator[Chunk]:
        """Yield empty chunks until a time."""
        while (now_ns := self._clock.now_ns()) < until_ns and not self._has_ended():
            self._clock.wait_until(min(until_ns, now_ns + _TICK_NS))
            yield self._nothing()

    def _nothing(self) -> Chunk:
        source = self._router.idle()
        return Chunk(source, np.empty(0, source.dtype))


def _first_ns(records: np.ndarray) -> int:
    """Return the time of the first of some records, of a snapshot the ts_recv."""
    return int(records["ts_recv" if of_snapshot(records[:1])[0] else "ts_event"][0])
