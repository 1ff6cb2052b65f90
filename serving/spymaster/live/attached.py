"""What hears of a run of the command: the screen, lines, NATS and the alerts for them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from spymaster_ingest.lake import Lake
from spymaster_ingest.units import epoch_ns

from spymaster.live.lines import SIGNALS, Lines
from spymaster.live.outlets import Outlet
from spymaster.live.run_folder import RunFolder

if TYPE_CHECKING:
    from spymaster.alerts.alert import Alert, Sink
    from spymaster.live.feeds import Clock
    from spymaster.stream.live.screen import LiveScreen
    from spymaster.transport.events import Origin
    from spymaster.transport.outlet import PublishingOutlet

SCREEN, JSONL, NATS = "screen", "jsonl", "nats"
OUTS = (SCREEN, JSONL, NATS)


class Attached(NamedTuple):
    """What hears of a run.

    Attributes:
        wanted: relations that it needs; None for all that are live.
        outlets: of the run.
    """

    wanted: Collection[str] | None
    outlets: list[Outlet]


class Wishes(NamedTuple):
    """What the user of a command asks for.

    Attributes:
        outs: where the run goes, of ``OUTS``.
        relation: whose rows are lines.
        has_all: whether every live relation is made.
        host, port: of the screen.
        nats_url: address of NATS.
        is_quiet: whether no alert is given.
    """

    outs: Collection[str]
    relation: str
    has_all: bool
    host: str
    port: int
    nats_url: str
    is_quiet: bool


class RunOf(NamedTuple):
    """The run that is heard of.

    Attributes:
        lake: with a published file that knows the contract-day.
        symbol: of the contract.
        day: UTC date.
        name: of the run.
        origin: what messages say of it.
        words: beside the clock of the screen.
        clock: whose time less that of the newest record is the lag of the feed; None for a replay.
    """

    lake: Lake
    symbol: str
    day: dt.date
    name: str
    origin: Origin
    words: str
    clock: Clock | None


@contextmanager
def attached(
    wishes: Wishes,
    run: RunOf,
    start: dt.datetime,
    write: Callable[[str], object],
    show: Callable[[str], object],
) -> Iterator[Attached]:
    """Make what hears of a run, for as long as it lasts.

    Args:
        wishes: what is asked for.
        run: that is heard of.
        start: rows of seconds that end later are lines, UTC, without a zone.
        write: takes a line of rows.
        show: takes the address of the screen.

    Raises:
        SpymasterError: A port is taken, an extra is not installed, or settings cannot be used.
    """
    wanted: set[str] = set()
    outlets: list[Outlet] = []
    sinks: list[Sink] = []
    screen: LiveScreen | None = None
    try:
        if SCREEN in wishes.outs:
            screen = _screen(wishes, run)
            wanted |= screen.wanted
            outlets.append(screen)
            sinks.append(_to_screen(screen))
            show(screen.url)
        if JSONL in wishes.outs:
            wanted.add(wishes.relation)
            outlets.append(Lines(wishes.relation, run.origin, start, write))
        if NATS in wishes.outs:
            publishing = _nats(wishes, run)
            wanted.add(SIGNALS)
            outlets.append(publishing)
            sinks.append(_to_nats(publishing, run))
        if sinks and not wishes.is_quiet:
            from spymaster.alerts.outlet import alerts_outlet

            alerts = alerts_outlet(run.lake, run.symbol, run.day, sinks)
            wanted |= alerts.relations
            outlets.append(alerts)
        yield Attached(None if wishes.has_all else wanted, outlets)
    finally:
        if screen is not None:
            screen.close()


def _screen(wishes: Wishes, run: RunOf) -> LiveScreen:
    from spymaster.stream.live.screen import LiveScreen

    return LiveScreen(
        run.lake,
        run.symbol,
        run.day,
        words=run.words,
        host=wishes.host,
        port=wishes.port,
        clock=run.clock,
    )


def _nats(wishes: Wishes, run: RunOf) -> PublishingOutlet:
    from spymaster.transport.outlet import nats_outlet

    folder = RunFolder(run.lake.live / run.name)
    return nats_outlet(wishes.nats_url, run.name, run.origin, run.symbol, folder=folder)


def _to_screen(screen: LiveScreen) -> Sink:
    def sink(alert: Alert) -> None:
        screen.alert(alert.as_json())

    return sink


def _to_nats(publishing: PublishingOutlet, run: RunOf) -> Sink:
    from spymaster.transport.messages import alert_message

    def sink(alert: Alert) -> None:
        time_ns = epoch_ns(alert.time)
        publishing.send(alert_message(run.name, alert.rule, time_ns, alert.as_json()))

    return sink
