"""Seconds of the shared lake of explanations that runs of tests live through."""

from __future__ import annotations

import datetime as dt

from spymaster.published import open_published
from spymaster_ingest.lake import Lake

from support.explain_lake import SYMBOL
from support.live_coming import SIGNALS
from support.live_days import SECOND
from support.synthetic_book import DAY

START = dt.datetime.combine(DAY, dt.time(13, 30, 50))
SECONDS = 70
SPAN = (START, START + SECONDS * SECOND)


def built(lake: Lake, end: dt.datetime) -> dict[dt.datetime, str]:
    """Return the payloads of a build up to a time, by the end of their second."""
    with open_published(lake) as published:
        return dict(
            published.execute(
                f"select window_end_ts, payload from {SIGNALS} where symbol = ? "
                "and window_end_ts > ? and window_end_ts <= ? order by all",
                [SYMBOL, START, end],
            ).fetchall()
        )
