"""Messages: subjects, the streams that keep them, and the key that no other message has."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from spymaster_ingest.errors import SpymasterError

SIGNALS = "levels.signals"
# the DBN header of a source, and the end of a run
HEADER = "market.header"
END = "market.end"
# what a key says of the rows of gold.level_signals
SIGNALS_TABLE = "level_signals"
# and of a moment between two seconds
SNAPS_TABLE = "level_snaps"

_RUN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")
# NATS allows more, which could lead out of a folder
_SUBJECT = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
_KEY = re.compile(
    r"(?P<run>[^:]+):(?P<symbol>.+):(?P<of>[A-Za-z][^:]*):(?P<time_ns>\d{1,19})(:(?P<seq>\d{1,18}))?"
)


@dataclass(frozen=True)
class Stream:
    """Messages that a transport keeps for a while, by their subjects.

    Attributes:
        name: of the stream.
        subjects: pattern; ``>`` stands for the rest of a subject.
    """

    name: str
    subjects: str

    def takes(self, subject: str) -> bool:
        """Return whether the stream keeps messages of a subject."""
        return subject.startswith(self.subjects.removesuffix(">"))


MARKET_DATA = Stream("MARKET_DATA", "market.>")
LEVEL_SIGNALS = Stream("LEVEL_SIGNALS", "levels.>")
ALERTS = Stream("ALERTS", "alerts.>")
STREAMS = (MARKET_DATA, LEVEL_SIGNALS, ALERTS)


class Key(NamedTuple):
    """What a message is of; the same message published again has the same key.

    Attributes:
        run: that it comes from.
        symbol: of the contract.
        of: the table of its row, of a record product type and schema, or the level of an alert.
        time_ns: of its row, ns since 1970 UTC.
        seq: number of its record among those of its source in the run; None for rows that a time
            alone names.
    """

    run: str
    symbol: str
    of: str
    time_ns: int
    seq: int | None = None

    def __str__(self) -> str:
        """Return it as the id of a message: ``run:symbol:of:time[:seq]``."""
        seq = "" if self.seq is None else f":{self.seq}"
        return f"{self.run}:{self.symbol}:{self.of}:{self.time_ns}{seq}"

    @classmethod
    def read(cls, text: str) -> Key | None:
        """Return the key that an id says; None when it is none of ours."""
        found = _KEY.fullmatch(text)
        if found is None or not _RUN.fullmatch(found["run"]):
            return None
        seq = None if found["seq"] is None else int(found["seq"])
        return cls(found["run"], found["symbol"], found["of"], int(found["time_ns"]), seq)


@dataclass(frozen=True, slots=True)
class Message:
    """A message.

    Attributes:
        subject: what it is about.
        payload: JSON.
        key: its key as text.
    """

    subject: str
    payload: bytes
    key: str


def alert_message(run_id: str, rule: str, time_ns: int, alert: Mapping[str, Any]) -> Message:
    """Return the message of an alert, of subject ``alerts.RULE``.

    Args:
        run_id: name of the run.
        rule: name of the rule.
        time_ns: end of its second, ns since 1970 UTC.
        alert: as ``alerts/alert.schema.json`` describes it.
    """
    # own levels have a colon in their name
    level = str(alert["level_id"] or "gamma").replace(":", ".")
    key = Key(run_id, alert["symbol"], f"{rule}.{level}.{alert['event']}", time_ns)
    payload = json.dumps(alert, separators=(",", ":"), allow_nan=False)
    return Message(f"alerts.{rule}", payload.encode(), str(key))


def checked_run(run_id: str) -> str:
    """Return the name of a run.

    Raises:
        SpymasterError: It cannot be part of a key and of a path.
    """
    if not _RUN.fullmatch(run_id):
        raise SpymasterError(
            repr(run_id),
            "cannot name a run",
            "use at most 128 letters, digits, dots, hyphens and underscores",
        )
    return run_id


def is_plain(subject: str) -> bool:
    """Return whether a subject can be the name of a folder."""
    return _SUBJECT.fullmatch(subject) is not None


def stream_of(subject: str) -> Stream:
    """Return the stream that keeps a subject.

    Raises:
        ValueError: None does.
    """
    for stream in STREAMS:
        if stream.takes(subject):
            return stream
    raise ValueError(f"no stream keeps {subject}")
