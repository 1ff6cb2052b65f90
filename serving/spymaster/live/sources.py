"""The sources that a live run can read, by name."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from spymaster_ingest.dbn.layouts import DEFINITION, STATISTICS, STATUS
from spymaster_ingest.errors import SpymasterError

from spymaster.live.captured_run import CapturedRun
from spymaster.live.feeds import FUTURE, FUTURE_OPTION, Clock, LiveFeed
from spymaster.live.growing import GrowingDbn
from spymaster.live.vendor.subscriptions import Subscription, subscription_of
from spymaster.live.waiting import MOST_RECORDS, Waiting
from spymaster.transport.settings import DEFAULT_URL

KEY_VARIABLE = "DATABENTO_API_KEY"
_STANDARD_INPUT = "-"
# schemas whose records hold until the next one
_HOLDING = frozenset({DEFINITION.schema, STATISTICS.schema, STATUS.schema})


@dataclass(frozen=True)
class RunOfSource:
    """What a source knows of the run that reads it.

    Attributes:
        symbol: raw symbol of the future, the product of its records.
        clock: of the run.
        has_ended: whether the run is over.
        captured: earlier runs of the same day in their order; a source that can give records again
            goes on with them.
        most_records: how many may wait for the run before it stops.
        say: is given a line when something happens that a user wants to know.
        options: of the source, by name.
        folder: of the run.
        nats_url: address of NATS.
    """

    symbol: str
    clock: Clock
    has_ended: Callable[[], bool] = lambda: False
    captured: Sequence[CapturedRun] = ()
    most_records: int = MOST_RECORDS
    say: Callable[[str], None] = lambda line: None
    options: Mapping[str, str] = field(default_factory=dict)
    folder: Path = Path("run")
    nats_url: str = DEFAULT_URL


def open_source(name: str, given: Sequence[str], run: RunOfSource) -> LiveFeed:
    """Return the feed of a source.

    Args:
        name: of the source, one of ``SOURCES``.
        given: what it reads: paths of ``dbn``, subscriptions of ``databento``, a run of ``nats``.
        run: that reads it.

    Raises:
        SpymasterError: There is no such source, or it cannot be read as given.
    """
    if name not in SOURCES:
        raise SpymasterError(name, "is no source", f"sources are {', '.join(sorted(SOURCES))}")
    return SOURCES[name](given, run)


def _dbn(given: Sequence[str], run: RunOfSource) -> LiveFeed:
    """Return the feed of DBN streams that are still being written, as their records come.

    Each is ``[PRODUCT_TYPE=]PATH``, with ``-`` for standard input; the type is future by default.
    """
    if not given:
        raise SpymasterError(
            "dbn", "no stream is given", "name files, FIFOs, or - for standard input"
        )
    if run.options:
        raise SpymasterError("dbn", f"has no option {next(iter(run.options))}")
    feeds = [_stream(text, run) for text in given]
    return Waiting(
        *feeds,
        most_records=run.most_records,
        sources=[feed.source for feed in feeds],
        can_wait=[feed.is_file for feed in feeds],
        clock=run.clock,
    )


def _stream(text: str, run: RunOfSource) -> GrowingDbn:
    product_type, is_named, path = text.partition("=")
    if not is_named or product_type not in (FUTURE, FUTURE_OPTION):
        product_type, path = FUTURE, text
    if path == _STANDARD_INPUT:
        descriptor = sys.stdin.fileno()
    else:
        try:
            descriptor = os.open(path, os.O_RDONLY)
        except OSError as error:
            raise SpymasterError(path, f"cannot be read: {error.strerror or error}") from error
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise SpymasterError(path, "is a folder", "name a file or a FIFO in it")
    stream = GrowingDbn(descriptor, Path(path), product_type, run.symbol, run.clock, run.has_ended)
    before = [part.records(x) for part in run.captured for x in part.sources if x == stream.source]
    if n_before := stream.go_on_after(before):
        run.say(f"{path}: goes on after {n_before:,} records, which were captured before")
    return stream


def _databento(given: Sequence[str], run: RunOfSource) -> LiveFeed:
    """Return the feed of the vendor's live service.

    Each subscription is ``SCHEMA:PRODUCT_TYPE:PRODUCT[:STYPE=SYMBOL,...]``. Options: ``dataset``;
    ``start``, ns UTC; ``gateway`` and ``port`` of another gateway than the vendor's. Without a
    start orders begin with a snapshot, and what holds until it is said anew (definitions,
    statistics, status) with all that the vendor replays.
    """
    # imported late: the vendor's client loads pandas
    from spymaster.live.vendor.connection import Gateway
    from spymaster.live.vendor.feed import VendorFeed

    options = dict(run.options)
    dataset = options.pop("dataset", None)
    if dataset is None:
        raise SpymasterError("databento", "no dataset is given", "such as dataset=GLBX.MDP3")
    start_ns = _number(options, "start")
    port = _number(options, "port")
    host = options.pop("gateway", None)
    if options:
        raise SpymasterError("databento", f"has no option {next(iter(options))}")
    return VendorFeed(
        Gateway(dataset, _key(), host, port, most_records=run.most_records),
        [_subscription(text, start_ns) for text in given],
        run.clock,
        run.has_ended,
        captured=run.captured,
        say=run.say,
    )


def _subscription(text: str, start_ns: int | None) -> Subscription:
    if start_ns is None and text.partition(":")[0] in _HOLDING:
        return subscription_of(text, start_ns=0)
    return subscription_of(text, start_ns=start_ns, snapshot=start_ns is None)


def _key() -> str:
    key = os.environ.get(KEY_VARIABLE, "").strip()
    if not key:
        raise SpymasterError(KEY_VARIABLE, "is not set", "the vendor's live service asks for a key")
    return key


def _nats(given: Sequence[str], run: RunOfSource) -> LiveFeed:
    """Return the feed of another run that publishes its records to NATS.

    Given is the name of that run. The feed ends when it does.
    """
    if run.options:
        raise SpymasterError("nats", f"has no option {next(iter(run.options))}")
    if len(given) != 1:
        raise SpymasterError(
            "nats", "one run is read", "give its name, which it prints at its start"
        )
    # imported late: the extra may not be installed
    from spymaster.transport.record_feed import nats_feed

    return nats_feed(
        run.nats_url,
        given[0],
        run.folder,
        run.symbol,
        run.has_ended,
        captured=run.captured,
        say=run.say,
    )


def _number(options: dict[str, str], name: str) -> int | None:
    value = options.pop(name, None)
    if value is not None and not value.isdecimal():
        raise SpymasterError("databento", f"option {name} is {value!r}", "give a whole number")
    return None if value is None else int(value)


# a further source needs nothing but a function here
SOURCES: Mapping[str, Callable[[Sequence[str], RunOfSource], LiveFeed]] = {
    "databento": _databento,
    "dbn": _dbn,
    "nats": _nats,
}
