"""A book that only grows is refused before it exhausts memory."""

from __future__ import annotations

import pytest
from spymaster_engine.errors import KernelError
from spymaster_engine.kernels.book import engine
from support.engine_rows import EngineRows, engine_config
from support.strategies.mbo_script import message, script, script_config

CAPACITY = 1 << 14


def test_too_many_resting_orders_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    orders = [message("A", "B", number, 99, 1, number) for number in range(1, CAPACITY + 2)]
    records = script(message("R"), *orders)
    config = engine_config(script_config())
    assert EngineRows(records, config).snapshot[0]["bid_depth_total"] == CAPACITY + 1

    monkeypatch.setattr(engine, "MOST_ORDERS", CAPACITY)
    with pytest.raises(KernelError, match="more than 16,384 orders rest at once"):
        EngineRows(records, config)
    assert EngineRows(records[:-1], config).snapshot[0]["bid_depth_total"] == CAPACITY
