"""Seed risk_free_rate: middle of the target range of the federal funds rate, without holes."""

from __future__ import annotations

import csv
import datetime as dt
import itertools
import math

import pytest
import yaml
from spymaster_ingest.lake import PROJECT_ROOT

# first day of a target range, in percent, as the Federal Reserve lists them
TARGET_RANGES = {
    "2018-12-20": (2.25, 2.5),
    "2020-03-16": (0, 0.25),
    "2021-12-16": (0, 0.25),
    "2022-06-16": (1.5, 1.75),
    "2023-07-27": (5.25, 5.5),
    "2024-06-13": (5.25, 5.5),
    "2024-09-19": (4.75, 5),
    "2025-09-18": (4, 4.25),
    "2025-12-11": (3.5, 3.75),
}


@pytest.fixture(scope="module")
def rates() -> dict[dt.date, float]:
    with (PROJECT_ROOT / "seeds" / "risk_free_rate.csv").open(newline="") as lines:
        return {
            dt.date.fromisoformat(row["date"]): float(row["rate"]) for row in csv.DictReader(lines)
        }


@pytest.mark.parametrize("date", TARGET_RANGES)
def test_the_rate_is_the_middle_of_the_target_range(rates: dict, date: str) -> None:
    middle = sum(TARGET_RANGES[date]) / 200
    expected = 365 * math.log1p(middle / 360)
    assert rates[dt.date.fromisoformat(date)] == pytest.approx(expected, abs=5e-7)


def test_every_rate_is_the_middle_of_some_range(rates: dict) -> None:
    for date, rate in rates.items():
        eighths = 360 * math.expm1(rate / 365) * 800
        assert eighths == pytest.approx(round(eighths), abs=1e-3), date


def test_no_decision_is_missing(rates: dict) -> None:
    """Decisions are at most as far apart as the age at which a build warns."""
    dates = list(rates)
    assert dates == sorted(set(dates))
    gaps = [(later - earlier).days for earlier, later in itertools.pairwise(dates)]
    project = yaml.safe_load((PROJECT_ROOT / "dbt_project.yml").read_text())
    assert max(gaps) <= project["vars"]["risk_free_rate_max_age_days"]
    assert dates[0] < dt.date(2017, 5, 1)
    assert dates[-1] > dt.date(2026, 4, 1)
