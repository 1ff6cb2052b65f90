"""Ask ``spymaster setups`` about decisions of the retrieval market."""

from __future__ import annotations

import datetime as dt

import pytest
from click.testing import CliRunner, Result
from spymaster.cli import cli
from spymaster_ingest.lake import LAKE_VARIABLE, Lake

from support.retrieval_days import DAYS, SYMBOL, Market, plain_answers
from support.retrieval_market import Approach


def ask(
    lake: Lake, *arguments: str, monkeypatch: pytest.MonkeyPatch, symbol: str = SYMBOL
) -> Result:
    monkeypatch.setenv(LAKE_VARIABLE, str(lake.root))
    day = arguments[0]
    return CliRunner().invoke(
        cli, ["setups", "--symbol", symbol, "--dt", day, *arguments[1:]], catch_exceptions=True
    )


def last_similar(market: Market) -> Approach:
    """An approach of the last day between the barriers, with similar neighbors."""
    plain = plain_answers(market)
    return [
        approach
        for approach in market.approaches
        if approach.day == DAYS[-1]
        and approach.labels
        and plain[approach.vector_id, "s240"][1]["is_similar"]
    ][-1]


def clock(approach: Approach) -> str:
    local = approach.window_end_ts - dt.timedelta(hours=4)
    return f"{local:%H:%M:%S}"
