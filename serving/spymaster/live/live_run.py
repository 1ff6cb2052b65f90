"""A run over what comes: its day is opened where no build knows it, then made second by second."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from spymaster_ingest.lake import Lake
from spymaster_ingest.units import NS_PER_S

from spymaster.live.ahead import Ahead
from spymaster.live.attached import Attached
from spymaster.live.capture import Capture
from spymaster.live.capturing import Capturing
from spymaster.live.checkpoint import checkpoint_time
from spymaster.live.feeds import FUTURE, Clock, Feed, Source
from spymaster.live.opening import is_known, is_scaled_by_itself, open_day
from spymaster.live.pace import is_last_together
from spymaster.live.run import HISTORY_S, Run
from spymaster.live.run_folder import RunFolder
from spymaster.live.seconds import recovered_seconds
from spymaster.live.session import Session
from spymaster.live.snaps import Snaps

_BOOKS = ("mbo", "mbp-10")
_EPOCH = dt.datetime(1970, 1, 1)


def lived(
    lake: Lake,
    of: tuple[str, dt.date],
    folder: RunFolder,
    feed: Feed,
    clock: Clock,
    attach: Callable[[dt.datetime], Attached],
    say: Callable[[str], None],
    sources: Sequence[Source] = (),
) -> dt.datetime:
    """Run a contract-day as its records come; return when the last second ends.

    Args:
        lake: with earlier days.
        of: symbol of the contract, and UTC date.
        folder: of the run; one of a run that was killed goes on.
        feed: what comes; an empty chunk when nothing does.
        clock: ends seconds, in UTC.
        attach: returns what hears of the run, from when its first second ends; where a run goes on
            that is its checkpoint.
        say: is given a line when something happens that a user wants to know.
        sources: whose records may come, also those of which none has come yet.

    Raises:
        SpymasterError: The disk takes no more, a record fails a check, the day cannot be opened, or
            a model's SQL fails.
    """
    symbol, day = of
    earlier = folder.whole_captures
    part = folder.next_capture()
    capturing = Capturing(feed, Capture(part, clock), clock, say)
    midnight = dt.datetime.combine(day, dt.time())
    next_midnight = midnight + dt.timedelta(days=1)

    try:
        if not is_known(lake, symbol, day, sources):
            say(f"waiting for the book of {symbol}")
            capturing.wait_for(
                lambda source: (
                    source.schema in _BOOKS
                    and (source.product_type, source.product) == (FUTURE, symbol)
                )
            )
            say(f"opening {day}: what has come is landed, and what live rows rest on is built")
            open_day(lake, of, [*earlier, part], sources)
        if is_scaled_by_itself(lake, symbol, day):
            say(
                f"{day}: calibrations are made of the day itself, and stay those of its opening: "
                "scores and conditions will not be those of the build (build earlier sessions)"
            )
        now = _EPOCH + dt.timedelta(seconds=clock.now_ns() // NS_PER_S)
        start = min(max(now, midnight), next_midnight)
        wanted, outlets = attach(min(start, checkpoint_time(folder.checkpoint) or start))
        with Session(lake, symbol, day, wanted=wanted, keep_s=HISTORY_S) as session:
            snaps = Snaps(lake, session.tables.made, HISTORY_S)
            run = Run(session, folder, outlets, earlier, snaps)
            if (at := run.restore()) is not None:
                say(f"going on from {at} UTC")
                start = at
            ended = recovered_seconds(run.steps(capturing), session.engines)
            ahead = Ahead(run.heard(ended, start, next_midnight))

            def is_due(at: dt.datetime) -> bool:
                is_newest = ahead.is_read and capturing.is_caught_up
                return is_newest or is_last_together(at)

            try:
                return run.go(ahead, start, next_midnight, is_due)
            finally:
                capturing.stop()
                ahead.stop()
    finally:
        capturing.stop()
