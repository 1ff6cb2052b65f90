"""A session makes rows of options by best quotes, and of a day by price, from the records alone."""

from __future__ import annotations

import datetime as dt

import pytest
from spymaster.live.compared import compare
from spymaster.live.feeds import SystemClock
from spymaster.live.replay import Replay
from spymaster.live.seconds import replayed_seconds
from spymaster.live.session import Session
from spymaster_ingest.lake import Lake
from spymaster_ingest.units import NS_PER_S, epoch_ns
from support.mbp_lakes import DAY, ES, ByPrice

QUOTES = ("silver.option_book_1s", "steps.option_quote_flow_1s", "silver.option_physics_1s")
SECOND = dt.timedelta(seconds=1)


def compared_rows(
    lake: Lake, symbol: str, first: dt.datetime, seconds: int, wanted: tuple[str, ...] | None = None
) -> dict[str, int]:
    """Replay some seconds, assert that no row differs, and return the number of rows."""
    last, day = first + seconds * SECOND, first.date()
    with Session(lake, symbol, day, wanted=wanted, keep_s=seconds) as session:
        feed = Replay(session.landed(), SystemClock(), span_ns=NS_PER_S // 4)
        ended = replayed_seconds(feed, None, session.engines, epoch_ns(first) // NS_PER_S)
        for at in session.steps(ended, first, last):
            before = at
        found = compare(lake, session.tables, (symbol, day), (first, before))
    assert not [one for one in found if one.n_different]
    return {one.relation: one.n_rows for one in found}


@pytest.mark.parametrize(
    ("symbol", "first"),
    [("ESH4", dt.datetime(2024, 3, 5, 10)), ("ESM4", dt.datetime(2024, 5, 9, 10, 1))],
)
def test_options_by_best_quotes_are_those_of_the_build(
    quoted: Lake, symbol: str, first: dt.datetime
) -> None:
    """Drawn quotes with trades among them, and real ones."""
    n_rows = compared_rows(quoted, symbol, first, 75, QUOTES)
    assert all(n_rows[relation] > 50 for relation in QUOTES), n_rows


def test_a_day_by_price_is_that_of_the_build(by_price: ByPrice) -> None:
    first = dt.datetime.combine(DAY, dt.time(13, 29, 30))
    n_rows = compared_rows(by_price.lake, ES, first, 6)
    assert n_rows["steps.published_book_1s"] == n_rows["steps.market_book_1s"] == 6
    assert n_rows["gold.turn_conditions_mbp_1s"] > 0
