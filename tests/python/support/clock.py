"""Clocks of lakes."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from spymaster.clock import LocalClock

NEW_YORK = LocalClock(ZoneInfo("America/New_York"))
SHANGHAI = LocalClock(ZoneInfo("Asia/Shanghai"))
