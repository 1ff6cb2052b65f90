"""A day that no build knows is opened while it runs: its rows are those of a later build."""

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
from spymaster_ingest.dbn.reader import DbnFile
from spymaster_ingest.lake import Lake
from spymaster_ingest.synthetic import SyntheticMarket, raw_path, trading_days, write_days
from spymaster_ingest.units import NS_PER_S, epoch_ns
from spymaster_warehouse.settings.file import read_settings
from support import lakes
from support.explain_lake import SELECTED
from support.live_coming import Coming, Heard
from support.live_days import SECOND, SYMBOL
from support.live_feeds import FakeClock
from support.option_lakes import SCHEMAS
from support.relations_of_models import create_relation
from support.synthetic_book import DAY, ES
from support.synthetic_options import PLAN

BEFORE, TODAY = trading_days(DAY, 2)
START = dt.datetime.combine(TODAY, dt.time(13, 31))
END = START + 60 * SECOND
SETTINGS = """
[study]
surface_window = ["09:30", "09:33"]
[levels]
use = ["pm_high", "pm_low", "prior_high", "prior_low", "prior_close", "sma_90", "vwap"]
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
    lakes.land_raw(opened, *files_of(raw, BEFORE))
    with duckdb.connect(str(opened.warehouse)) as connection:
        create_relation(connection, "gold.retrieval_answers")
    built(opened)
    shutil.copytree(opened.root, later.root)
    lakes.land_raw(later, *files_of(raw, TODAY))
    built(later)
    with Session(later, SYMBOL, TODAY) as session:
        landed: list[LandedDay] = session.landed()
    given = [
        Until(RecordedFile(DbnFile(path), kind, SYMBOL), epoch_ns(START))
        for schema, kind in (("definition", "future"), ("option-statistics", "future_option"))
        for path in files_of(raw, TODAY, [schema])
    ]
    clock, heard, said = FakeClock(), Heard(), list[str]()
    coming = Coming([*given, *landed], clock, (START, END), step_ns=NS_PER_S // 4)
    folder = new_run(opened, SYMBOL, TODAY, "live")

    def attach(start: dt.datetime) -> Attached:
        coming.is_heard.set()
        return Attached(None, [heard])

    assert not is_known(opened, SYMBOL, TODAY)
    lived(opened, (SYMBOL, TODAY), folder, coming, clock, attach, said.append)
    assert any(line.startswith(f"opening {TODAY}") for line in said)
    assert is_known(opened, SYMBOL, TODAY)
    compared = compare_run(later, folder.path, (SYMBOL, TODAY), (START, END - SECOND))
    assert [(one.relation, one.example) for one in compared if one.n_different] == []
    n_rows = {one.relation: one.n_rows for one in compared}
    assert n_rows["gold.level_signals"] == 59
    assert len([name for name, count in n_rows.items() if count]) > 30
