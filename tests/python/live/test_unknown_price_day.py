"""A day of a stock by price that no build knows has odds: those that a later build gives it."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest
from spymaster.live.attached import Attached
from spymaster.live.compared import compare_run
from spymaster.live.live_run import lived
from spymaster.live.opening import is_known
from spymaster.live.run_folder import new_run
from spymaster.live.session import Session
from spymaster.published import open_published
from spymaster_ingest.lake import PROJECT_ROOT, Lake
from spymaster_ingest.units import NS_PER_S
from spymaster_warehouse.settings.file import read_settings
from support import lakes
from support.live_coming import Coming
from support.live_days import SECOND
from support.live_feeds import FakeClock

STOCK = "CN6"
DAYS = tuple(dt.date(2019, 1, day) for day in (10, 11, 14, 15, 16))
TODAY = DAYS[-1]
# Shanghai, of an hour with surfaces
START = dt.datetime.combine(TODAY, dt.time(2, 0))
END = START + 120 * SECOND
SETTINGS = PROJECT_ROOT / "bench" / "real_market.toml"
# four days are enough for an answer
FEWER = {
    'surface_window = ["09:30", "15:00"]': 'surface_window = ["09:40", "10:20"]',
    '\nwindow = ["09:30", "15:00"]': '\nwindow = ["09:30", "10:20"]',
    "[retrieval]": """[surfaces]
calibration_min_sessions = 3

[retrieval]
retrieval_space = "robust_z"
min_neighbors = 15
min_neighbor_days = 3
min_neighbor_episodes = 8
min_band_episodes = 6
similarity_floor_rows = 30
""",
}
MODELS = ("+course_odds_1s", "+conditions_in_use_1s")
ANSWERS = "gold.retrieval_answers"


def built(lake: Lake) -> None:
    """Build the lake by its own settings."""
    lakes.build_models(lake, "--select", *MODELS, **read_settings(lake).vars)


@pytest.mark.long
def test_a_day_by_price_that_is_opened_has_the_odds_of_a_build(
    shared_data: Path, tmp_path: Path
) -> None:
    folder = shared_data / "cn_a_shares" / "sym6"
    files = [folder / f"cn6-{day:%Y%m%d}.mbp-10.dbn.zst" for day in DAYS]
    opened, later = Lake(tmp_path / "opened"), Lake(tmp_path / "later")
    opened.root.mkdir()
    text = SETTINGS.read_text()
    for given, fewer in FEWER.items():
        assert text.count(given) == 1
        text = text.replace(given, fewer)
    opened.settings.write_text(text)
    lakes.land_raw(opened, *files[:-1])
    built(opened)
    shutil.copytree(opened.root, later.root)
    lakes.land_raw(later, files[-1])
    built(later)
    with Session(later, STOCK, TODAY) as session:
        landed = session.landed()
    clock, said = FakeClock(), list[str]()
    coming = Coming(landed, clock, (START, END), step_ns=NS_PER_S // 4)

    def attach(start: dt.datetime) -> Attached:
        coming.is_heard.set()
        return Attached(None, [])

    assert not is_known(opened, STOCK, TODAY)
    run = new_run(opened, STOCK, TODAY, "live")
    sources = [day.source for day in landed]
    lived(opened, (STOCK, TODAY), run, coming, clock, attach, said.append, sources)
    assert sum(line.startswith(f"opening {TODAY}") for line in said) == 1
    compared = compare_run(later, run.path, (STOCK, TODAY), (START, END - SECOND))
    assert [(one.relation, one.example) for one in compared if one.n_different] == []
    n_rows = {one.relation: one.n_rows for one in compared}
    assert n_rows["gold.market_feature_vectors"] == (END - START) // (5 * SECOND) - 1
    assert n_rows[ANSWERS] > 0
    with open_published(later) as published:
        families = published.execute(
            f"select distinct retrieval_family from {ANSWERS} where dt = $today "
            "and window_end_ts > $start and window_end_ts < $end and p_break is not null",
            {"today": TODAY, "start": START, "end": END},
        ).fetchall()
    assert families == [("market",)]
