"""A day that no build knows is opened while it runs: its rows are those of a later build.

A settlement comes while it runs, and the run is killed and goes on.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import numpy as np
import pytest
from spymaster.live.attached import Attached
from spymaster.live.compared import compare_run
from spymaster.live.live_run import lived
from spymaster.live.opening import is_known
from spymaster.live.recorded import LandedDay, RecordedFile
from spymaster.live.run_folder import new_run
from spymaster.live.session import Session
from spymaster.published import open_published
from spymaster_ingest.dbn.reader import DbnFile
from spymaster_ingest.lake import Lake
from spymaster_ingest.synthetic import (
    SyntheticMarket,
    contracts_of,
    raw_path,
    trading_days,
    write_days,
)
from spymaster_ingest.units import NS_PER_DAY, NS_PER_S, PRICE_SCALE, epoch_ns
from spymaster_warehouse.settings.file import read_settings
from support import dbn_files, lakes
from support.explain_lake import SELECTED
from support.live_coming import Coming, Killed, Killing, wait_for_rows
from support.live_days import SECOND, SYMBOL
from support.live_feeds import FakeClock
from support.live_runs import captured_of
from support.option_lakes import SCHEMAS
from support.relations_of_models import create_relation
from support.synthetic_book import DAY, ES
from support.synthetic_options import PLAN

BEFORE, TODAY = trading_days(DAY, 2)
START = dt.datetime.combine(TODAY, dt.time(13, 31))
END = START + 100 * SECOND
# in the second minute; what stood at its begin is what the run goes on from
KILLED = START + 75 * SECOND
# of the session before, as its close gives it and as it is corrected
SETTLED, CORRECTED = dt.datetime.combine(BEFORE, dt.time(21, 30)), START + 20 * SECOND
SETTLEMENTS = {SETTLED: 6_700, CORRECTED: 6_701}
SETTLEMENT = "prior_settlement"
SETTINGS = """
[study]
surface_window = ["09:30", "09:33"]
[levels]
use = ["pm_high", "pm_low", "prior_high", "prior_low", "prior_close", "prior_settlement", "sma_90",
    "vwap"]
"""


class Until:
    """Records that the vendor gives at the start: those captured before a time."""

    def __init__(self, file: RecordedFile, until_ns: int) -> None:
        self.source = file.source
        self._file, self._until_ns = file, until_ns

    def chunks(self) -> Iterator[np.ndarray]:
        for records in self._file.chunks():
            yield records[records["ts_recv"].astype(np.int64) < self._until_ns]


def files_of(raw: Path, day: dt.date, schemas: Sequence[str] = SCHEMAS) -> list[Path]:
    return [path for schema in schemas if (path := raw_path(raw, "ES", schema, day)).exists()]


def settlement(folder: Path, at: dt.datetime) -> Path:
    """Write the file of a day's statistics: one settlement price."""
    instrument_id = contracts_of(ES, TODAY)["front"].instrument_id
    records = dbn_files.statistics(
        1,
        instrument_id=instrument_id,
        start=epoch_ns(at),
        price=SETTLEMENTS[at] * PRICE_SCALE,
        ts_ref=epoch_ns(dt.datetime.combine(BEFORE, dt.time())),
    )
    midnight_ns = epoch_ns(dt.datetime.combine(at.date(), dt.time()))
    return dbn_files.plain(
        folder / f"settlement-{at.date()}.dbn",
        records,
        "statistics",
        symbols={instrument_id: SYMBOL},
        day=at.date(),
        start=midnight_ns,
        end=midnight_ns + NS_PER_DAY,
    )


def built(lake: Lake) -> None:
    """Build the lake by its own settings."""
    lakes.build_models(lake, *SELECTED, **read_settings(lake).vars)


@pytest.mark.long
def test_rows_of_a_day_that_is_opened_are_those_of_a_build(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    write_days(SyntheticMarket(ES, seed=17, plan=PLAN), [BEFORE, TODAY], raw, schemas=SCHEMAS)
    opened, later = Lake(tmp_path / "opened"), Lake(tmp_path / "later")
    opened.root.mkdir()
    opened.settings.write_text(SETTINGS)
    lakes.land_raw(opened, *files_of(raw, BEFORE), settlement(raw, SETTLED))
    with duckdb.connect(str(opened.warehouse)) as connection:
        create_relation(connection, "gold.retrieval_answers")
    built(opened)
    shutil.copytree(opened.root, later.root)
    lakes.land_raw(later, *files_of(raw, TODAY), settlement(raw, CORRECTED))
    built(later)
    with Session(later, SYMBOL, TODAY) as session:
        landed: list[LandedDay] = session.landed()
    given = [
        Until(RecordedFile(DbnFile(path), kind, SYMBOL), epoch_ns(START))
        for schema, kind in (("definition", "future"), ("option-statistics", "future_option"))
        for path in files_of(raw, TODAY, [schema])
    ]
    clock, said = FakeClock(), list[str]()
    folder = new_run(opened, SYMBOL, TODAY, "live")

    def go(killed: dt.datetime | None) -> None:
        """Run the day until it is killed, or to its end."""
        killing = Killing(killed)
        coming = Coming(
            [*given, *landed],
            clock,
            (START, END),
            step_ns=NS_PER_S // 4,
            n_captured=captured_of(folder),
        )

        def attach(start: dt.datetime) -> Attached:
            coming.is_heard.set()
            return Attached(None, [killing])

        sources = [day.source for day in landed]
        lived(opened, (SYMBOL, TODAY), folder, coming, clock, attach, said.append, sources)

    assert not is_known(opened, SYMBOL, TODAY)
    with pytest.raises(Killed):
        go(KILLED)
    wait_for_rows()
    assert f"going on from {KILLED.replace(second=0)} UTC" not in said
    go(None)
    assert f"going on from {KILLED.replace(second=0)} UTC" in said
    assert sum(line.startswith(f"opening {TODAY}") for line in said) == 1
    assert is_known(opened, SYMBOL, TODAY)
    compared = compare_run(later, folder.path, (SYMBOL, TODAY), (START, END - SECOND))
    assert [(one.relation, one.example) for one in compared if one.n_different] == []
    n_rows = {one.relation: one.n_rows for one in compared}
    assert n_rows["gold.level_signals"] == (END - START) // SECOND - 1
    with open_published(later) as published:
        found = published.execute(
            "select level_price_int // $scale, min(window_end_ts) from silver.levels_1s "
            "where dt = $today and level_id = $level and window_end_ts > $start "
            "and window_end_ts < $end group by all order by all",
            {
                "scale": PRICE_SCALE,
                "today": TODAY,
                "level": SETTLEMENT,
                "start": START,
                "end": END,
            },
        ).fetchall()
    assert found == [
        (SETTLEMENTS[SETTLED], START + SECOND),
        (SETTLEMENTS[CORRECTED], CORRECTED),
    ]
    assert len([name for name, count in n_rows.items() if count]) > 30
