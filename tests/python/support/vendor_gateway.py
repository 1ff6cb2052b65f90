"""A gateway of the tests on loopback: the part of the vendor's protocol that its client uses.

Greeting, challenge and answer, subscription lines, ``start_session``, then DBN: metadata, symbol
mappings, records. Each session gives a part of a recorded tape and is cut where the test says.
"""

from __future__ import annotations

import hashlib
import socket
import struct
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import databento_dbn
import numpy as np

KEY = "db-0123456789abcdefghijklmnopqrs"
DATASET = "GLBX.MDP3"
_CRAM = "a-challenge"
# what the server waits for its client, at the very longest
_PATIENCE_S = 60


@dataclass(frozen=True)
class Recorded:
    """A record as the venue gave it.

    Attributes:
        schema: the vendor's name.
        symbol: as it is subscribed to.
        record: structured array, shape (1,).
    """

    schema: str
    symbol: str
    record: np.ndarray


@dataclass(frozen=True)
class Part:
    """What a session gives.

    Attributes:
        until: position of the tape before which it is cut; None for the whole tape and no cut.
        since: position from which subscriptions without a start are given records; None for where
            the session before was cut.
        torn_bytes: of the next record that are sent before the cut.
        snapshot: records given first to a subscription with ``snapshot``.
        messages: control records sent before the records, encoded.
        refusal: why the key is refused; None where it is not.
        resets: whether the cut is a reset of the connection.
    """

    until: int | None = None
    since: int | None = None
    torn_bytes: int = 0
    snapshot: Sequence[np.ndarray] = ()
    messages: Sequence[bytes] = ()
    refusal: str | None = None
    resets: bool = False


@dataclass
class VendorGateway:
    """Serves sessions one after the other, each with the next part.

    A session gives a subscription with a start the records from that ts_event on, of schema bbo
    from that ts_recv on; another one the records after those that an earlier session gave.

    Attributes:
        tape: records in the order in which they came.
        parts: one for each session.
        instruments: instrument ids by the symbol that is subscribed to.
        raw_symbols: raw symbol by instrument id; else the symbol that is subscribed to.
        began_ns: ts of the metadata.
        port: of the listening socket.
        asked: of each session the subscription lines as fields.
    """

    tape: Sequence[Recorded]
    parts: Sequence[Part]
    instruments: dict[str, Sequence[int]]
    raw_symbols: dict[int, str] = field(default_factory=dict)
    began_ns: int = 0
    port: int = 0
    asked: list[list[dict[str, str]]] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._position = 0
        self._thread = threading.Thread(target=self._serve, name="gateway", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(_PATIENCE_S)

    def _serve(self) -> None:
        for part in self.parts:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            with connection, suppress(ConnectionError):
                connection.settimeout(_PATIENCE_S)
                self._session(connection, part)
                if part.resets:
                    linger = struct.pack("ii", 1, 0)
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)

    def _session(self, connection: socket.socket, part: Part) -> None:
        lines = connection.makefile("r", newline="\n")
        connection.sendall(f"lsg_version=0.6.0\ncram={_CRAM}\n".encode())
        answer = _fields(lines.readline())
        expected = hashlib.sha256(f"{_CRAM}|{KEY}".encode()).hexdigest() + f"-{KEY[-5:]}"
        refusal = part.refusal if answer["auth"] == expected else "Authentication failed."
        if refusal is not None:
            connection.sendall(f"success=0|error={refusal}\n".encode())
            lines.readline()
            return
        connection.sendall(b"success=1|session_id=1\n")
        asked: list[dict[str, str]] = []
        for line in lines:
            if line.startswith("start_session"):
                break
            asked.append(_fields(line))
        self.asked.append(asked)
        given = [_metadata(self.began_ns), *self._mappings(asked), *part.messages]
        if any(one["snapshot"] == "1" for one in asked):
            given += [record.tobytes() for record in part.snapshot]
        until = len(self.tape) if part.until is None else part.until
        if part.since is not None:
            self._position = part.since
        given += self._records(asked, until)
        self._position = max(self._position, until)
        if part.torn_bytes:
            given.append(self.tape[until].record.tobytes()[: part.torn_bytes])
        connection.sendall(b"".join(given))
        if part.until is None:
            # until the client leaves
            lines.readline()

    def _records(self, asked: list[dict[str, str]], until: int) -> list[bytes]:
        found = []
        for position, recorded in enumerate(self.tape[:until]):
            for one in asked:
                if one["schema"] != recorded.schema:
                    continue
                if recorded.symbol not in one["symbols"].split(","):
                    continue
                if "start" in one:
                    by = "ts_recv" if one["schema"].startswith("bbo") else "ts_event"
                    wanted = int(recorded.record[by][0]) >= int(one["start"])
                else:
                    wanted = position >= self._position
                if wanted:
                    found.append(recorded.record.tobytes())
        return found

    def _mappings(self, asked: list[dict[str, str]]) -> list[bytes]:
        return [
            bytes(
                databento_dbn.SymbolMappingMsg(
                    publisher_id=1,
                    instrument_id=number,
                    ts_event=self.began_ns,
                    stype_in=databento_dbn.SType.from_str(one["stype_in"]),
                    stype_in_symbol=symbol,
                    stype_out=databento_dbn.SType.INSTRUMENT_ID,
                    stype_out_symbol=self.raw_symbols.get(number, symbol),
                    start_ts=self.began_ns,
                    end_ts=self.began_ns + 1,
                )
            )
            for one in asked
            for symbol in one["symbols"].split(",")
            for number in self.instruments[symbol]
        ]


def error_message(text: str, code: databento_dbn.ErrorCode) -> bytes:
    return bytes(databento_dbn.ErrorMsg(ts_event=0, err=text, code=code))


def _fields(line: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in line.rstrip("\n").split("|"))


def _metadata(began_ns: int) -> bytes:
    return bytes(
        databento_dbn.Metadata(
            dataset=DATASET,
            start=began_ns,
            end=None,
            limit=None,
            schema=None,
            stype_in=None,
            stype_out=databento_dbn.SType.INSTRUMENT_ID,
            symbols=[],
            partial=[],
            not_found=[],
            mappings=[],
            version=3,
        )
    )
