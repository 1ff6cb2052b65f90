"""A session makes rows of options by best quotes, and of a day by price, from the records alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from spymaster.live.feeds import Feed
from spymaster_ingest.lake import Lake
from support.live_days import SECOND
from support.live_sessions import HeldBack, Recut, compared_session, every
from support.mbp_lakes import DAY, ES, ByPrice

SIGNALS = "gold.level_signals"
ORDERS = ("silver.iceberg_1s", "silver.order_fingerprints_5s")
QUOTES = ("silver.option_book_1s", "steps.option_quote_flow_1s", "silver.option_physics_1s")


@pytest.mark.parametrize(
    ("symbol", "first"),
    [("ESH4", dt.datetime(2024, 3, 5, 10)), ("ESM4", dt.datetime(2024, 5, 9, 10, 1))],
)
def test_options_by_best_quotes_are_those_of_the_build(
    quoted: Lake, symbol: str, first: dt.datetime
) -> None:
    """Drawn quotes with trades among them, and real ones."""
    span = (first, first + 75 * SECOND)
    n_rows = compared_session(quoted, (symbol, first.date()), span, wanted=QUOTES)
    assert all(n_rows[relation] > 50 for relation in QUOTES), n_rows


def test_a_day_by_price_is_that_of_the_build(by_price: ByPrice) -> None:
    first = dt.datetime.combine(DAY, dt.time(13, 29, 30))
    n_rows = compared_session(by_price.lake, (ES, DAY), (first, first + 6 * SECOND))
    assert n_rows["steps.published_book_1s"] == n_rows["steps.market_book_1s"] >= 6
    assert n_rows["gold.turn_conditions_mbp_1s"] > 0


def test_icebergs_and_fingerprints_are_those_of_the_build(explained: Lake) -> None:
    """From the records alone, in pieces, in steps of a second."""
    first = dt.datetime.combine(DAY, dt.time(13, 30, 20))
    n_rows = compared_session(
        explained,
        (ES, DAY),
        (first, first + 55 * SECOND),
        wanted=ORDERS,
        changed=lambda feed: Recut(HeldBack(feed, 3), 7),
    )
    # a row of each side every five seconds
    assert n_rows["silver.order_fingerprints_5s"] == n_rows["steps.fingerprint_windows_5s"] == 22
    assert n_rows["silver.iceberg_1s"] > 30


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(lambda feed: Recut(feed, 1), marks=pytest.mark.long),
        lambda feed: Recut(HeldBack(feed, 60), 7),
        pytest.param(lambda feed: Recut(HeldBack(feed, 60), 5_000), marks=pytest.mark.long),
        pytest.param(lambda feed: HeldBack(feed, 400), marks=pytest.mark.long),
    ],
    ids=["one by one", "by seven", "by five thousand", "in bursts"],
)
def test_rows_do_not_depend_on_how_records_come(
    explained: Lake, changed: Callable[[Feed], Feed]
) -> None:
    """In chunks of 1 to 5,000 records, held back and released together."""
    first = dt.datetime.combine(DAY, dt.time(13, 31))
    span = (first, first + 30 * SECOND)
    n_rows = compared_session(
        explained, (ES, DAY), span, wanted=[SIGNALS], is_due=every(5), changed=changed
    )
    assert n_rows[SIGNALS] >= 30
    assert len(n_rows) > 15
