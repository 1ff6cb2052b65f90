"""Clocks of lakes, and lakes that were built with another zone than the project's."""

from __future__ import annotations

import json
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
from spymaster.clock import LocalClock

NEW_YORK = LocalClock(ZoneInfo("America/New_York"))
SHANGHAI = LocalClock(ZoneInfo("Asia/Shanghai"))


def record_zone(database: Path, clock: LocalClock) -> None:
    """Say in a published file that it was built with the zone of a clock."""
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema if not exists meta")
        connection.execute(
            "create table meta.build_settings as select 'local_tz' as name, $zone as value",
            {"zone": json.dumps(clock.zone.key)},
        )
