"""Open interest that comes while a day is live is that of a build which knows the whole day."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import numpy as np
import pytest
from spymaster.live.feeds import Chunk
from spymaster.live.landed_views import LandedView, landed_views
from spymaster.live.recorded import LandedDay
from spymaster.live.renewed import Renewed
from spymaster.published import open_published
from spymaster_ingest.lake import Lake
from support.explain_lake import SYMBOL
from support.live_days import differences
from support.synthetic_book import DAY

RELATION, RECORDS = "silver.option_open_interest", "bronze.option_statistics"
COPIED = ("bronze.ingest_manifest", "silver.option_contracts", "meta.model_sql")
OF_DAY = f"symbol = '{SYMBOL}' and dt = '{DAY}'"


@pytest.fixture(scope="module")
def views(explained: Lake) -> dict[str, LandedView]:
    with open_published(explained) as published:
        return landed_views(published)


@pytest.fixture
def opened(explained: Lake) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a published file that knows no statistics of the day."""
    with open_published(explained) as published, duckdb.connect() as cut:
        cut.execute("set TimeZone = 'UTC'")
        for name, rows in (*((name, "true") for name in COPIED), (RECORDS, f"dt != '{DAY}'")):
            found = published.execute(f"select * from {name} where {rows}").to_arrow_table()
            cut.register("found", found)
            cut.execute(f"create schema if not exists {name.partition('.')[0]}")
            cut.execute(f"create table {name} as from found")
        yield cut


@pytest.fixture(scope="module")
def day(explained: Lake) -> LandedDay:
    folder = f"product_type=future_option/symbol={SYMBOL}/table=statistics/dt={DAY}"
    return LandedDay(explained.bronze / folder)


def test_numbers_that_have_come_are_known(
    explained: Lake,
    opened: duckdb.DuckDBPyConnection,
    views: dict[str, LandedView],
    day: LandedDay,
) -> None:
    """Up to any moment they are those of the whole day; at its end all are."""
    renewed = Renewed(opened, RELATION, views, (SYMBOL, DAY))
    n_before = len(renewed.rows())
    records = np.concatenate(list(day.chunks()))
    with open_published(explained) as published:
        for part in np.array_split(records, 3):
            assert renewed.hear(Chunk(day.source, part))
            known = renewed.rows()
            assert not renewed.is_changed
            until = part["ts_recv"].max()
            so_far = published.execute(
                f"select * replace (if(epoch_ns(known_until_ts) <= {until}, known_until_ts, null) "
                f"as known_until_ts) from {RELATION} where {OF_DAY} "
                f"and epoch_ns(known_from_ts) <= {until}"
            ).to_arrow_table()
            assert not differences(known, so_far)
    assert len(known) > n_before + 100


def test_what_is_known_already_changes_nothing(
    explained: Lake, views: dict[str, LandedView], day: LandedDay
) -> None:
    with open_published(explained) as published:
        renewed = Renewed(published, RELATION, views, (SYMBOL, DAY))
    records = np.concatenate(list(day.chunks()))
    assert not renewed.hear(Chunk(day.source, records))
    of_tomorrow = records[:1].copy()
    of_tomorrow["ts_recv"] += 86_400 * 1_000_000_000
    assert not renewed.hear(Chunk(day.source, of_tomorrow))
