"""The picture of a setup: recording gaps around its decision."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import numpy as np
import pytest
from PIL import Image
from spymaster.plot.canvas import Canvas, own_settings
from spymaster.setups import picture
from spymaster.setups.read_answer import Answer, read_recording_gaps
from spymaster_ingest.lake import Lake

DAY = dt.date(2025, 10, 1)
DECISION = dt.datetime(2025, 10, 1, 14, 0)
# contract, UTC date, seconds since the decision
GAPS = (
    ("ESZ5", DAY, -200.0, -130.0),
    ("ESZ5", DAY, -130.5, -100.25),
    ("ESZ5", DAY, 30.0, 31.5),
    ("ESZ5", DAY, 239.0, 700.0),
    ("ESZ5", DAY, 241.0, 700.0),
    ("ESH6", DAY, 30.0, 31.5),
    ("ESZ5", DAY + dt.timedelta(days=1), 30.0, 31.5),
)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path)
    with duckdb.connect(str(lake.published)) as connection:
        connection.execute("create schema silver")
        connection.execute(
            "create table silver.recording_gaps (symbol varchar, dt date, "
            "gap_start_ts timestamp_ns, gap_end_ts timestamp_ns)"
        )
        connection.executemany(
            "insert into silver.recording_gaps values (?, ?, ?, ?)",
            [
                (symbol, day, *(DECISION + dt.timedelta(seconds=at) for at in moments))
                for symbol, day, *moments in GAPS
            ],
        )
    return lake


def test_gaps_are_those_of_the_decision_and_its_surroundings(lake: Lake) -> None:
    moment = {"symbol": "ESZ5", "dt": DAY, "window_end_ts": DECISION}
    answer = Answer(**dict.fromkeys(Answer.__dataclass_fields__) | {"moment": moment})
    found = read_recording_gaps(lake, answer, before_s=120, after_s=240)
    assert found == [(-130.5, -100.25), (30.0, 31.5), (239.0, 700.0)]


def test_a_gap_is_hatched_within_the_panel(tmp_path: Path) -> None:
    box = picture._BOX
    images = []
    for name, gaps in (("without", []), ("with", [(-130.5, -100.0), (180.0, 700.0)])):
        with own_settings():
            canvas = Canvas(picture._WIDTH, picture._HEIGHT)
            panel = canvas.panel(box, (-120, 240), (-20, 20))
            picture._add_recording_gaps(panel, gaps)
            canvas.save(tmp_path / f"{name}.png")
        images.append(np.asarray(Image.open(tmp_path / f"{name}.png").convert("RGB")).astype(int))
    changed = np.flatnonzero((images[0] != images[1]).any(axis=(0, 2)))
    seconds = (changed - box.left) / box.width * 360 - 120
    assert seconds.min() > -121 and seconds.max() < 241
    assert not ((seconds > -99) & (seconds < 179)).any()
    assert (seconds < -99).any() and (seconds > 179).any()
