"""One session with the vendor's gateway, by the vendor's client.

The client calls back for every record, in a thread of its own. What came waits in a queue; when
more waits than there is room for, nothing further is taken and the reader gets the reason. The
client's own streams, which log a failed write and go on, and its reconnections are not used.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import databento
import databento_dbn
from databento.live.session import DEFAULT_REMOTE_PORT
from spymaster_ingest.errors import SpymasterError

_POLL_S = 0.05
_BATCH_RECORDS = 1 << 16
_CONTROL = (databento_dbn.SymbolMappingMsg, databento_dbn.ErrorMsg, databento_dbn.SystemMsg)
# how the client begins what it says where nobody answers; all else is what the gateway answered
_NOBODY = ("Connection to", "Authentication with")

Control = databento_dbn.SymbolMappingMsg | databento_dbn.ErrorMsg | databento_dbn.SystemMsg


@dataclass(frozen=True)
class Gateway:
    """Where a session is opened.

    Attributes:
        dataset: the vendor's code.
        key: of the vendor's interface.
        host, port: of the gateway; None for the vendor's.
        heartbeat_s: the gateway says at least so often that it is there; None for its default.
        most_records: how many may wait for their reader.
    """

    dataset: str
    key: str = field(repr=False)
    host: str | None = None
    port: int | None = None
    heartbeat_s: int | None = None
    most_records: int = 1 << 20


@dataclass(frozen=True)
class Request:
    """What a session asks for.

    Attributes:
        schema, symbols, stype_in: as of the subscription.
        start_ns: of the replay, ns UTC; None for records from now on.
        snapshot: whether resting orders come first.
    """

    schema: str
    symbols: tuple[str, ...]
    stype_in: str
    start_ns: int | None
    snapshot: bool


class Disconnected(Exception):
    """The session is over, and another one may go on with its records."""


class Session(Protocol):
    """A session, as a feed reads it."""

    @property
    def began_ns(self) -> int | None:
        """Return when the gateway began the session, ns UTC; None before it has."""

    def batches(self) -> Iterator[list[bytes | Control]]:
        """Yield encoded records and messages in order, and nothing when nothing has come."""

    def close(self) -> None:
        """End the session."""


class Connection:
    """A session that has been started.

    Attributes:
        is_full: whether more came than there is room for.
    """

    def __init__(self, gateway: Gateway, requests: Sequence[Request]) -> None:
        """Connect, subscribe and start.

        Raises:
            Disconnected: Nobody answers.
            SpymasterError: The gateway refuses the key, or a request is none.
        """
        self._gateway = gateway
        self._waiting: deque[bytes | Control] = deque()
        self._came = threading.Event()
        self.is_full = False
        self._live = databento.Live(
            key=gateway.key,
            heartbeat_interval_s=gateway.heartbeat_s,
            reconnect_policy="none",
            gateway=gateway.host,
            port=DEFAULT_REMOTE_PORT if gateway.port is None else gateway.port,
        )
        self._live.add_callback(self._take)
        try:
            self._start(requests)
        except BaseException:
            self.close()
            raise

    @property
    def began_ns(self) -> int | None:
        """Return when the gateway began the session, ns UTC; None before it has."""
        metadata = self._live.metadata
        return None if metadata is None else int(metadata.start)

    def batches(self) -> Iterator[list[bytes | Control]]:
        """Yield encoded records and messages in order, and an empty list when nothing has come.

        Raises:
            Disconnected: The connection is over, and all that came was given.
            SpymasterError: More records wait than there is room for; all before were given.
        """
        while True:
            # what came before the end was seen is read after it
            is_over = not self._live.is_connected()
            batch = self._taken()
            if not batch and self.is_full:
                raise SpymasterError(
                    self._gateway.dataset,
                    f"the run stops: {self._gateway.most_records:,} records wait, and there is "
                    "room for no more",
                    "what came was captured; run fewer engines, or on a faster machine",
                )
            if not batch and is_over:
                raise Disconnected(self._end())
            if not batch:
                self._came.wait(_POLL_S)
                self._came.clear()
                batch = self._taken()
            yield batch

    def close(self) -> None:
        """End the session."""
        self._live.terminate()

    def _start(self, requests: Sequence[Request]) -> None:
        try:
            for request in requests:
                self._live.subscribe(
                    dataset=self._gateway.dataset,
                    schema=request.schema,
                    symbols=list(request.symbols),
                    stype_in=request.stype_in,
                    start=request.start_ns,
                    snapshot=request.snapshot,
                )
        except databento.BentoError as error:
            if str(error).startswith(_NOBODY):
                raise Disconnected(str(error)) from error
            raise SpymasterError(
                self._gateway.dataset,
                f"the vendor refuses the session: {error}",
                "check the key in DATABENTO_API_KEY and what it is entitled to",
            ) from error
        except ValueError as error:
            raise SpymasterError(self._gateway.dataset, f"cannot be subscribed: {error}") from error
        try:
            self._live.start()
        except ValueError as error:
            raise Disconnected(f"the gateway ended the connection: {error}") from error

    def _end(self) -> str:
        """Return why the connection is over."""
        try:
            self._live.block_for_close()
        except databento.BentoError as error:
            return f"the connection to the gateway has ended: {error}"
        return "the gateway has ended the connection"

    def _take(self, record: databento.DBNRecord) -> None:
        """Take a record, in the thread of the client."""
        if self.is_full:
            return
        if len(self._waiting) >= self._gateway.most_records:
            self.is_full = True
        else:
            self._waiting.append(record if isinstance(record, _CONTROL) else bytes(record))
        self._came.set()

    def _taken(self) -> list[bytes | Control]:
        """Return what waits, at most a batch of it."""
        waiting = self._waiting
        return [waiting.popleft() for _ in range(min(len(waiting), _BATCH_RECORDS))]
